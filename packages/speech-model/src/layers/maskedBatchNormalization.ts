import { tf } from '@emo/runtime'

/** Arguments of {@link MaskedBatchNormalization}. */
export interface MaskedBatchNormalizationArgs {
  readonly name?: string
  /** Share of the old moving statistics that a training step keeps. Default 0.9. */
  readonly momentum?: number
  /** Added to the variance. Default 1e-5. */
  readonly epsilon?: number
}

/**
 * Batch normalisation (Ioffe and Szegedy 2015) over the last axis whose statistics leave masked frames out: a batch of clips
 * of different lengths is normalised as if no padding were there. Input of any rank \>= 2; the weights are those of
 * a stock `BatchNormalization` (gamma, beta, moving_mean, moving_variance).
 */
export class MaskedBatchNormalization extends tf.layers.Layer {
  /** Name in `model.json`. */
  static readonly className = 'EmoMaskedBatchNormalization'
  private readonly momentum: number
  private readonly epsilon: number
  private gamma!: tf.LayerVariable
  private beta!: tf.LayerVariable
  private movingMean!: tf.LayerVariable
  private movingVariance!: tf.LayerVariable

  constructor(args: MaskedBatchNormalizationArgs = {}) {
    super({ name: args.name })
    this.momentum = args.momentum ?? 0.9
    this.epsilon = args.epsilon ?? 1e-5
    this.supportsMasking = true
  }

  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const shape = (Array.isArray(inputShape[0]) ? inputShape[0] : inputShape) as tf.Shape
    const features = [shape[shape.length - 1]!]
    this.gamma = this.addWeight('gamma', features, 'float32', tf.initializers.ones())
    this.beta = this.addWeight('beta', features, 'float32', tf.initializers.zeros())
    this.movingMean = this.addWeight('moving_mean', features, 'float32', tf.initializers.zeros(), undefined, false)
    this.movingVariance = this.addWeight('moving_variance', features, 'float32', tf.initializers.ones(), undefined, false)
    this.built = true
  }

  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: Record<string, unknown>): tf.Tensor {
    const x = Array.isArray(inputs) ? inputs[0] : inputs
    return tf.tidy(() => {
      if (kwargs.training !== true) {
        const scale = tf.mul(this.gamma.read(), tf.rsqrt(tf.add(this.movingVariance.read(), this.epsilon)))
        return tf.add(tf.mul(x, scale), tf.sub(this.beta.read(), tf.mul(this.movingMean.read(), scale)))
      }
      const features = x.shape[x.shape.length - 1]
      const rows = tf.reshape(x, [-1, features])
      const given = kwargs.mask as tf.Tensor | tf.Tensor[] | null | undefined
      const mask = Array.isArray(given) ? given[0] : given
      // A model hands the last mask on to layers behind the one that consumed it.
      const weight = mask && x.rank > 2 ? tf.reshape(tf.cast(mask, 'float32'), [-1, 1]) : tf.ones<tf.Rank.R2>([rows.shape[0], 1])
      const share = tf.div(weight, tf.sum(weight))
      const mean = tf.sum(tf.mul(rows, share), 0)
      const centred = tf.sub(rows, mean)
      const variance = tf.sum(tf.mul(tf.square(centred), share), 0)
      const move = (moving: tf.LayerVariable, value: tf.Tensor) =>
        moving.write(tf.add(tf.mul(moving.read(), this.momentum), tf.mul(value, 1 - this.momentum)))
      move(this.movingMean, mean)
      move(this.movingVariance, variance)
      const scale = tf.mul(this.gamma.read(), tf.rsqrt(tf.add(variance, this.epsilon)))
      return tf.reshape(tf.add(tf.mul(centred, scale), this.beta.read()), x.shape)
    })
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), momentum: this.momentum, epsilon: this.epsilon }
  }
}
