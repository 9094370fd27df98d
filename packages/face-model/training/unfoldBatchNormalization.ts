import { EmoError } from '@emo/errors'
import { tf } from '@emo/runtime'
import { normalizationEpsilon } from '../src/normalization.ts'

/**
 * The reverse of `foldBatchNormalization`: gives a training network the function of a folded one, so that training can go on from weights that were shipped.
 *
 * A folded network has lost the statistics, so they are measured: with the convolutions' outputs on `images`, each normalisation gets their moments as its own and
 * the scale and shift that undo them. Kernels are brought to the size that He's initialisation gives them, which a normalised layer's output does not depend on
 * but its learning rate does.
 *
 * @param folded - from `buildFaceModel({ batchNormalization: false })`
 * @param training - from `buildFaceModel({ batchNormalization: true })` with the same blocks; changed in place
 * @param images - `[batch, size, size, 1]`, standardised; some hundred
 * @throws EmoError `MODEL_MISMATCH` when a layer of `training` has no counterpart of the same shape
 */
export function unfoldBatchNormalization(folded: tf.LayersModel, training: tf.LayersModel, images: tf.Tensor4D): void {
  const sources = new Map(folded.layers.map((layer) => [layer.name, layer]))
  const normalizers = new Map(training.layers.map((layer) => [layer.name, layer]))
  const weighted = training.layers.filter((layer) => layer.weights.length > 0 && !layer.name.endsWith('_normalization'))
  const biases = new Map<string, Float32Array>()
  for (const layer of weighted) {
    const source = sources.get(layer.name)
    if (source?.getWeights()[0]?.shape.join() !== layer.getWeights()[0].shape.join()) {
      throw new EmoError(
        'MODEL_MISMATCH',
        `The weights to start from have no layer ${layer.name} of shape [${layer.getWeights()[0].shape.join()}].`,
        {
          details: { layer: layer.name },
        },
      )
    }
    if (!normalizers.has(`${layer.name}_normalization`)) {
      layer.setWeights(source.getWeights())
      continue
    }
    const [kernel, bias] = source.getWeights()
    const scale = tf.tidy(() => heNorm(kernel.shape) / Math.max(tf.norm(kernel).dataSync<'float32'>()[0], 1e-12))
    tf.tidy(() => {
      layer.setWeights([tf.mul(kernel, scale)])
    })
    biases.set(
      layer.name,
      bias.dataSync<'float32'>().map((value) => value * scale),
    )
  }

  // Layer by layer: the moments of one depend on the normalisations before it.
  for (const layer of weighted) {
    const normalizer = normalizers.get(`${layer.name}_normalization`)
    const bias = biases.get(layer.name)
    const source = sources.get(layer.name)
    if (normalizer === undefined || bias === undefined || source === undefined) continue
    tf.tidy(() => {
      const upTo = tf.model({ inputs: training.inputs, outputs: layer.output })
      const moments = tf.moments(upTo.predict(images, { batchSize: 32 }) as tf.Tensor, [0, 1, 2])
      const [mean, variance] = [moments.mean.dataSync(), moments.variance.dataSync()]
      // The folded convolution is this one's divided by `scale`.
      const scale = tf.div(tf.norm(layer.getWeights()[0]), tf.norm(source.getWeights()[0])).dataSync()[0]
      const gamma = Float32Array.from(variance, (value) => Math.sqrt(value + normalizationEpsilon) / scale)
      const beta = Float32Array.from(mean, (value, c) => (value + bias[c]) / scale)
      const values: Record<string, Float32Array> = {
        gamma,
        beta,
        moving_mean: Float32Array.from(mean),
        moving_variance: Float32Array.from(variance),
      }
      normalizer.setWeights(normalizer.weights.map((weight) => tf.tensor1d(values[weight.originalName.split('/').pop() ?? ''])))
    })
  }
}

/** Expected norm of a kernel of He's initialisation. */
function heNorm(shape: readonly number[]): number {
  const fanIn = shape.slice(0, -1).reduce((product, side) => product * side, 1)
  return Math.sqrt((2 / fanIn) * fanIn * shape[shape.length - 1])
}
