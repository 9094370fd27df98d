import { EmoError } from '@emo/errors'
import type { tf } from '@emo/runtime'
import { isAddableConvolution, silence } from './addedBlocks.ts'

/**
 * Gives a network the weights of a trained one that has the same layers or fewer residual blocks; blocks more begin as the identity.
 *
 * @param target - from `buildFaceModel`, changed in place
 * @throws EmoError `MODEL_MISMATCH` when another layer has no counterpart of the same shape
 */
export function growNetwork(trained: tf.LayersModel, target: tf.LayersModel): void {
  const sources = new Map(trained.layers.map((layer) => [layer.name, layer]))
  const targets = new Map(target.layers.map((layer) => [layer.name, layer]))
  for (const layer of target.layers.filter(({ weights }) => weights.length > 0)) {
    const source = sources.get(layer.name)
    if (source?.weights.map(({ shape }) => shape.join()).join(';') === layer.weights.map(({ shape }) => shape.join()).join(';')) {
      layer.setWeights(source.getWeights())
    } else if (source !== undefined || !isAddableConvolution(layer.name.replace(/_normalization$/, ''), targets)) {
      throw new EmoError('MODEL_MISMATCH', `The weights to start from have no layer ${layer.name} of the same shape.`, { details: { layer: layer.name } })
    } else if (layer.name.endsWith('_conv2_normalization')) silence(layer)
  }
}
