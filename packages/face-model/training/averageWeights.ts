import { EmoError } from '@emo/errors'
import { tf } from '@emo/runtime'

/**
 * Gives a network the mean of its own weights and those of others, equal shares. For the ends of several cycles of the learning rate, each
 * gone on from the one before (stochastic weight averaging, Izmailov et al. 2018). The networks have no batch normalisation left, so no
 * statistics have to be measured anew.
 *
 * Throws `MODEL_INVALID` for a network of another shape.
 */
export function averageWeights(network: tf.LayersModel, others: readonly tf.LayersModel[]): void {
  tf.tidy(() => {
    const own = network.getWeights()
    const all = [own, ...others.map((other) => other.getWeights())]
    const shapes = all.map((weights) => weights.map(({ shape }) => shape.join('x')).join(' '))
    if (new Set(shapes).size > 1)
      throw new EmoError('MODEL_INVALID', 'only weights of the same network can be averaged; these have other shapes')
    network.setWeights(own.map((_, i) => tf.div(tf.addN(all.map((weights) => weights[i])), all.length)))
  })
}
