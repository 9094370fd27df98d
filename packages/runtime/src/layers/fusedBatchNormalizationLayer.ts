import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { channelMoments, fusedBatchNormalization, normalizeChannels, type FusedActivation } from '../kernels/fusedBatchNormalization.ts'
import {
  initializerOf,
  restoreOptional,
  serialize,
  singleShape,
  singleTensor,
  type Constraint,
  type ConstraintArgument,
  type Initializer,
  type InitializerArgument,
  type Regularizer,
  type RegularizerArgument,
} from './layerConfig.ts'

/** Arguments of {@link FusedBatchNormalization}: those of `tf.layers.batchNormalization`, and `activation`. */
export interface FusedBatchNormalizationArgs {
  readonly name?: string
  readonly trainable?: boolean
  readonly inputShape?: tf.Shape
  /** Only the last axis, -1, is supported. */
  readonly axis?: number
  /** Share of the old value in a moving average; default 0.99. */
  readonly momentum?: number
  /** Added to the variance; default 1e-3. */
  readonly epsilon?: number
  /** Learn a shift; default true. */
  readonly center?: boolean
  /** Learn a scale; default true. */
  readonly scale?: boolean
  /** What follows in the same pass; default `'linear'`. */
  readonly activation?: FusedActivation
  readonly betaInitializer?: InitializerArgument
  readonly gammaInitializer?: InitializerArgument
  readonly movingMeanInitializer?: InitializerArgument
  readonly movingVarianceInitializer?: InitializerArgument
  readonly betaConstraint?: ConstraintArgument
  readonly gammaConstraint?: ConstraintArgument
  readonly betaRegularizer?: RegularizerArgument
  readonly gammaRegularizer?: RegularizerArgument
}

/**
 * `tf.layers.batchNormalization` with an optional ReLU, as one SIMD kernel forward and one backward.
 *
 * Weights (gamma, beta, moving_mean, moving_variance) and configuration are those of the stock layer, so either's weights load into the other.
 * Input of any rank, channels last. Training normalises with the batch's moments and updates the moving ones; inference uses the moving ones.
 */
export class FusedBatchNormalization extends tf.layers.Layer {
  /** The name in saved models. */
  static readonly className = 'FusedBatchNormalization'

  private readonly momentum: number
  private readonly epsilon: number
  private readonly center: boolean
  private readonly scale: boolean
  private readonly activation: FusedActivation
  private readonly initializers: Record<'beta' | 'gamma' | 'movingMean' | 'movingVariance', Initializer>
  private readonly constraints: Record<'beta' | 'gamma', Constraint | undefined>
  private readonly regularizers: Record<'beta' | 'gamma', Regularizer | undefined>
  private gamma?: tf.LayerVariable
  private beta?: tf.LayerVariable
  private movingMean!: tf.LayerVariable
  private movingVariance!: tf.LayerVariable

  /** @throws {@link EmoError} `LAYER_CONFIG` for an axis other than the last or an unknown activation */
  constructor(args: FusedBatchNormalizationArgs = {}) {
    super(args)
    this.supportsMasking = true
    const { axis = -1, activation = 'linear' } = args
    if (axis !== -1) throw new EmoError('LAYER_CONFIG', `FusedBatchNormalization normalises the last axis (-1), got axis ${axis}.`)
    if (!['linear', 'relu'].includes(activation)) {
      throw new EmoError('LAYER_CONFIG', `FusedBatchNormalization's activation is 'linear' or 'relu', got '${activation}'.`)
    }
    this.momentum = args.momentum ?? 0.99
    this.epsilon = args.epsilon ?? 1e-3
    this.center = args.center ?? true
    this.scale = args.scale ?? true
    this.activation = activation
    this.initializers = {
      beta: initializerOf(args.betaInitializer, 'zeros'),
      gamma: initializerOf(args.gammaInitializer, 'ones'),
      movingMean: initializerOf(args.movingMeanInitializer, 'zeros'),
      movingVariance: initializerOf(args.movingVarianceInitializer, 'ones'),
    }
    this.constraints = { beta: restoreOptional(args.betaConstraint), gamma: restoreOptional(args.gammaConstraint) }
    this.regularizers = { beta: restoreOptional(args.betaRegularizer), gamma: restoreOptional(args.gammaRegularizer) }
  }

  /** Creates the weights for the number of channels. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const channels = singleShape(inputShape).at(-1)
    if (!channels) throw new EmoError('LAYER_INPUT', 'FusedBatchNormalization needs to know the size of the last axis.')
    const add = (name: string, key: 'beta' | 'gamma') =>
      this.addWeight(name, [channels], 'float32', this.initializers[key], this.regularizers[key], true, this.constraints[key])
    if (this.scale) this.gamma = add('gamma', 'gamma')
    if (this.center) this.beta = add('beta', 'beta')
    this.movingMean = this.addWeight('moving_mean', [channels], undefined, this.initializers.movingMean, undefined, false)
    this.movingVariance = this.addWeight('moving_variance', [channels], undefined, this.initializers.movingVariance, undefined, false)
    this.built = true
  }

  /** Normalises; `kwargs.training` chooses between the batch's moments and the moving ones. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean }): tf.Tensor {
    return tf.tidy(() => {
      const x = singleTensor(inputs, 'FusedBatchNormalization')
      const options = {
        gamma: this.gamma?.read() as tf.Tensor1D | undefined,
        beta: this.beta?.read() as tf.Tensor1D | undefined,
        epsilon: this.epsilon,
        activation: this.activation,
      }
      const mean = this.movingMean.read() as tf.Tensor1D
      const variance = this.movingVariance.read() as tf.Tensor1D
      if (!kwargs.training) return fusedBatchNormalization(x, { ...options, mean, variance })
      const moments = channelMoments(x)
      this.updateMoving(this.movingMean, moments.mean)
      this.updateMoving(this.movingVariance, moments.variance)
      return normalizeChannels(x, moments, options)
    })
  }

  private updateMoving(variable: tf.LayerVariable, value: tf.Tensor): void {
    tf.tidy(() => {
      const old = variable.read()
      variable.write(tf.sub(old, tf.mul(tf.sub(old, value), 1 - this.momentum)))
    })
  }

  /** The constructor's arguments in serialised form. */
  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      axis: -1,
      momentum: this.momentum,
      epsilon: this.epsilon,
      center: this.center,
      scale: this.scale,
      activation: this.activation,
      betaInitializer: serialize(this.initializers.beta),
      gammaInitializer: serialize(this.initializers.gamma),
      movingMeanInitializer: serialize(this.initializers.movingMean),
      movingVarianceInitializer: serialize(this.initializers.movingVariance),
      betaRegularizer: serialize(this.regularizers.beta),
      gammaRegularizer: serialize(this.regularizers.gamma),
      betaConstraint: serialize(this.constraints.beta),
      gammaConstraint: serialize(this.constraints.gamma),
    }
  }
}
