import { EmoError } from '@emo/errors'
import { tf } from '@emo/runtime'

/**
 * A depthwise convolution as large as its input, without bias, that can be trained: TensorFlow.js' WASM backend has no gradient for the stock one.
 *
 * Weights and answers are those of `tf.layers.depthwiseConv2d` with `padding: 'valid'`: `[height, width, channels, maps]`; input `[batch, height, width, channels]`, output
 * `[batch, 1, 1, channels * maps]`.
 */
export class WeightedPooling extends tf.layers.Layer {
  /** The name in saved models. */
  static readonly className = 'WeightedPooling'
  readonly #maps: number
  #kernel: tf.LayerVariable | undefined

  /** @param args - `maps`: weighted means of each channel */
  constructor({ maps, ...args }: { readonly name?: string; readonly maps: number }) {
    super(args)
    this.#maps = maps
  }

  override build(inputShape: tf.Shape): void {
    const [, height, width, channels] = inputShape
    if (!height || !width || !channels) {
      throw new EmoError('LAYER_INPUT', `WeightedPooling takes pictures of a fixed size, not [${inputShape.join()}].`)
    }
    const initializer = tf.initializers.randomNormal({ stddev: 1 / (height * width) })
    this.#kernel = this.addWeight('depthwise_kernel', [height, width, channels, this.#maps], 'float32', initializer)
    this.built = true
  }

  override computeOutputShape(inputShape: tf.Shape): tf.Shape {
    return [inputShape[0], 1, 1, inputShape[3]! * this.#maps]
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs
      const maps = tf.unstack(this.#kernel!.read(), 3).map((weights) => tf.sum(tf.mul(x, weights), [1, 2]))
      return tf.reshape(tf.stack(maps, 2), [x.shape[0], 1, 1, -1])
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), maps: this.#maps }
  }
}
