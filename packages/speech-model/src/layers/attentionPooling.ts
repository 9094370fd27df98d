import { tf } from '@emo/runtime'

/** Arguments of {@link AttentionPooling}. */
export interface AttentionPoolingArgs {
  readonly name?: string
  /** Width of the hidden layer that scores a frame; 0 (the default) scores a frame by a dot product with one learned vector. */
  readonly units?: number
  /** Number of weighted means, each with its own scores. Default 1. */
  readonly heads?: number
}

/**
 * Weighted mean over time with learned weights, `sum_t a[t, k] x[t]` for every head `k`, where `a = softmax_t(x V)` or, with a
 * hidden layer, `a = softmax_t(tanh(x W + b) V)` (Lin et al. 2017, "A structured self-attentive sentence embedding").
 *
 * Input `[batch, frames, features]`, output `[batch, heads * features]`. Masked frames get no weight.
 */
export class AttentionPooling extends tf.layers.Layer {
  /** Name in `model.json`. */
  static readonly className = 'EmoAttentionPooling'
  private readonly units: number
  private readonly heads: number
  private kernel: tf.LayerVariable | undefined
  private bias: tf.LayerVariable | undefined
  private scores!: tf.LayerVariable

  constructor(args: AttentionPoolingArgs) {
    super({ name: args.name })
    this.units = args.units ?? 0
    this.heads = args.heads ?? 1
    this.supportsMasking = true
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const features = lastDimension(inputShape)
    const glorot = tf.initializers.glorotUniform({})
    if (this.units > 0) {
      this.kernel = this.addWeight('kernel', [features, this.units], 'float32', glorot)
      this.bias = this.addWeight('bias', [this.units], 'float32', tf.initializers.zeros())
    }
    this.scores = this.addWeight('scores', [this.units || features, this.heads], 'float32', glorot)
    this.built = true
  }

  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const shape = Array.isArray(inputShape[0]) ? inputShape[0] : (inputShape as tf.Shape)
    return [shape[0], this.heads * lastDimension(shape)]
  }

  /** The frames are gone: nothing is left to mask. */
  override computeMask(): tf.Tensor {
    // The base class' type does not know that no mask is null.
    return null as unknown as tf.Tensor
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const x = (Array.isArray(inputs) ? inputs[0] : inputs) as tf.Tensor3D
    const mask = kwargs.mask as tf.Tensor | tf.Tensor[] | null | undefined
    return tf.tidy(() => {
      const [batch, frames, features] = x.shape
      const flat = tf.reshape(x, [batch * frames, features])
      const hidden = this.kernel && this.bias ? tf.tanh(tf.add(tf.matMul(flat, this.kernel.read() as tf.Tensor2D), this.bias.read())) : flat
      const score = tf.matMul(hidden, this.scores.read())
      let perHead = tf.transpose(tf.reshape(score, [batch, frames, this.heads]), [0, 2, 1])
      const valid = Array.isArray(mask) ? mask[0] : mask
      if (valid) {
        // Sums of layers hand on a mask with an extra axis.
        const penalty = tf.mul(tf.sub(tf.cast(tf.reshape(valid, [batch, 1, frames]), 'float32'), 1), 1e9)
        perHead = tf.add(perHead, penalty)
      }
      const weights = tf.softmax(perHead)
      return tf.reshape(tf.matMul(weights, x), [batch, this.heads * features])
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), units: this.units, heads: this.heads }
  }
}

function lastDimension(shape: tf.Shape | tf.Shape[]): number {
  const one = Array.isArray(shape[0]) ? shape[0] : (shape as tf.Shape)
  return one[one.length - 1]!
}
