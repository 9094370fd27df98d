import { EmoError } from '@emo/errors'
import { tf } from '@emo/runtime'
import { normalizationEpsilon } from './normalization.ts'

/**
 * Copies a trained model's weights into the same model without batch normalisation, each normalisation folded into the convolution before it:
 * `w' = w * gamma / sqrt(variance + epsilon)`, `b' = beta - mean * gamma / sqrt(variance + epsilon)`.
 *
 * Layers are matched by name: a layer `x` of `folded` takes its kernel from `x` and the rest from `x_normalization` of `trained`, where that exists.
 *
 * @param trained - from `buildFaceModel({ batchNormalization: true })`
 * @param folded - from `buildFaceModel({ batchNormalization: false })` with the same blocks; changed in place
 * @throws EmoError `MODEL_MISMATCH` when a layer of `folded` has no counterpart of the same shape
 */
export function foldBatchNormalization(trained: tf.LayersModel, folded: tf.LayersModel): void {
  const source = new Map(trained.layers.map((layer) => [layer.name, layer]))
  for (const layer of folded.layers) {
    if (layer.weights.length === 0) continue
    const origin = source.get(layer.name)
    if (origin === undefined) {
      throw new EmoError('MODEL_MISMATCH', `The trained model has no layer ${layer.name}.`, { details: { layer: layer.name } })
    }
    const normalizer = source.get(`${layer.name}_normalization`)
    if (normalizer === undefined) {
      layer.setWeights(origin.getWeights())
      continue
    }
    const values = new Map(normalizer.weights.map((weight) => [weight.originalName.split('/').pop(), weight.read().dataSync()] as const))
    const gamma = parameter(values, 'gamma', layer.name)
    const beta = parameter(values, 'beta', layer.name)
    const mean = parameter(values, 'moving_mean', layer.name)
    const variance = parameter(values, 'moving_variance', layer.name)
    const kernel = origin.getWeights()[0]
    const channels = gamma.length
    const scaled = Float32Array.from(kernel.dataSync())
    const bias = new Float32Array(channels)
    const factors = Float64Array.from(gamma, (value, c) => value / Math.sqrt(variance[c] + normalizationEpsilon))
    for (let i = 0; i < scaled.length; i++) scaled[i] *= factors[i % channels]
    for (let c = 0; c < channels; c++) bias[c] = beta[c] - mean[c] * factors[c]
    const weights = [tf.tensor(scaled, kernel.shape), tf.tensor1d(bias)]
    layer.setWeights(weights)
    tf.dispose(weights)
  }
}

function parameter(values: ReadonlyMap<string | undefined, ArrayLike<number>>, name: string, layer: string): ArrayLike<number> {
  const value = values.get(name)
  if (value === undefined) {
    throw new EmoError('MODEL_MISMATCH', `The normalisation after ${layer} has no ${name}.`, { details: { layer, name } })
  }
  return value
}
