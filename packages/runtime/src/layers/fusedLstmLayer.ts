import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { lstm, type RecurrentActivation } from '../kernels/fusedLstm.ts'
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

/** Arguments of {@link FusedLSTM}: those of `tf.layers.lstm` that the fused kernel supports. */
export interface FusedLSTMArgs {
  readonly name?: string
  readonly trainable?: boolean
  readonly inputShape?: tf.Shape
  /** Size of the hidden state. */
  readonly units: number
  /** Only `'tanh'`. */
  readonly activation?: 'tanh'
  /** Function of the input, forget and output gates; default `'hardSigmoid'`, as in `tf.layers.lstm`. */
  readonly recurrentActivation?: RecurrentActivation | 'hard_sigmoid'
  /** Learn a bias; default true. */
  readonly useBias?: boolean
  /** Start the forget gate's bias at 1; default true. */
  readonly unitForgetBias?: boolean
  /** Return every step's hidden state instead of the last one's; default false. */
  readonly returnSequences?: boolean
  /** Process the frames from the last to the first; default false. */
  readonly goBackwards?: boolean
  /** Share of the input's features dropped in training, the same ones for all frames of a sample; default 0. */
  readonly dropout?: number
  /** Default `'glorotUniform'`. */
  readonly kernelInitializer?: InitializerArgument
  /** Default `'glorotUniform'`: the stock layer's orthogonal one needs a slow QR decomposition. */
  readonly recurrentInitializer?: InitializerArgument
  /** Default `'zeros'`. */
  readonly biasInitializer?: InitializerArgument
  readonly kernelRegularizer?: RegularizerArgument
  readonly recurrentRegularizer?: RegularizerArgument
  readonly biasRegularizer?: RegularizerArgument
  readonly kernelConstraint?: ConstraintArgument
  readonly recurrentConstraint?: ConstraintArgument
  readonly biasConstraint?: ConstraintArgument
}

/** Options of the stock layer that change the computation in ways the fused kernel does not do. */
const unsupported = ['returnState', 'stateful', 'recurrentDropout'] as const

/**
 * `tf.layers.lstm` as one SIMD kernel over the whole sequence, forward and backward.
 *
 * Weights (kernel, recurrent_kernel, bias; gates in the order input, forget, cell, output) and configuration are those of the stock layer,
 * so either's weights load into the other. A mask (`tf.layers.masking`) lets the state stand still on padded frames.
 * `tf.layers.bidirectional` wraps it.
 */
export class FusedLSTM extends tf.layers.Layer {
  /** The name in saved models. */
  static readonly className = 'FusedLSTM'

  /** Size of the hidden state. */
  readonly units: number
  /** Whether every step's hidden state is returned. */
  readonly returnSequences: boolean
  /** Read by `tf.layers.bidirectional`; always false. */
  readonly returnState = false
  /** Whether frames are processed from the last to the first. */
  readonly goBackwards: boolean
  private readonly recurrentActivation: RecurrentActivation
  private readonly useBias: boolean
  private readonly unitForgetBias: boolean
  private readonly dropout: number
  private readonly initializers: Record<'kernel' | 'recurrent' | 'bias', Initializer>
  private readonly regularizers: Record<'kernel' | 'recurrent' | 'bias', Regularizer | undefined>
  private readonly constraints: Record<'kernel' | 'recurrent' | 'bias', Constraint | undefined>
  private kernel!: tf.LayerVariable
  private recurrentKernel!: tf.LayerVariable
  private bias?: tf.LayerVariable

  /** @throws {@link EmoError} `LAYER_CONFIG` for units that are not a positive whole number and options that the kernel does not do */
  constructor(args: FusedLSTMArgs) {
    super(args)
    this.supportsMasking = true
    const { units, activation = 'tanh', recurrentActivation = 'hardSigmoid', dropout = 0 } = args
    if (!Number.isInteger(units) || units < 1)
      throw new EmoError('LAYER_CONFIG', `FusedLSTM's units must be a positive whole number, got ${units}.`)
    if (activation !== 'tanh') throw new EmoError('LAYER_CONFIG', `FusedLSTM's activation is 'tanh', got '${String(activation)}'.`)
    if (!['sigmoid', 'hardSigmoid', 'hard_sigmoid'].includes(recurrentActivation)) {
      throw new EmoError('LAYER_CONFIG', `FusedLSTM's recurrentActivation is 'sigmoid' or 'hardSigmoid', got '${recurrentActivation}'.`)
    }
    for (const option of unsupported) {
      if ((args as unknown as Record<string, unknown>)[option]) throw new EmoError('LAYER_CONFIG', `FusedLSTM does not support ${option}.`)
    }
    if (!(dropout >= 0 && dropout < 1)) throw new EmoError('LAYER_CONFIG', `FusedLSTM's dropout must be in [0, 1), got ${dropout}.`)
    this.units = units
    this.recurrentActivation = recurrentActivation === 'sigmoid' ? 'sigmoid' : 'hardSigmoid'
    this.returnSequences = args.returnSequences ?? false
    this.goBackwards = args.goBackwards ?? false
    this.useBias = args.useBias ?? true
    this.unitForgetBias = args.unitForgetBias ?? true
    this.dropout = dropout
    this.initializers = {
      kernel: initializerOf(args.kernelInitializer, 'glorotUniform'),
      recurrent: initializerOf(args.recurrentInitializer, 'glorotUniform'),
      bias: initializerOf(args.biasInitializer, 'zeros'),
    }
    this.regularizers = {
      kernel: restoreOptional(args.kernelRegularizer),
      recurrent: restoreOptional(args.recurrentRegularizer),
      bias: restoreOptional(args.biasRegularizer),
    }
    this.constraints = {
      kernel: restoreOptional(args.kernelConstraint),
      recurrent: restoreOptional(args.recurrentConstraint),
      bias: restoreOptional(args.biasConstraint),
    }
    this.inputSpec = [new tf.InputSpec({ ndim: 3 })]
  }

  /** Creates the weights for the number of features. */
  override build(inputShape: tf.Shape | tf.Shape[]): void {
    const features = singleShape(inputShape)[2]
    if (!features) throw new EmoError('LAYER_INPUT', 'FusedLSTM needs to know the number of features.')
    const width = 4 * this.units
    const add = (name: string, key: 'kernel' | 'recurrent' | 'bias', shape: tf.Shape, initializer = this.initializers[key]) =>
      this.addWeight(name, shape, 'float32', initializer, this.regularizers[key], true, this.constraints[key])
    this.kernel = add('kernel', 'kernel', [features, width])
    this.recurrentKernel = add('recurrent_kernel', 'recurrent', [this.units, width])
    if (this.useBias) this.bias = add('bias', 'bias', [width])
    if (this.bias && this.unitForgetBias) {
      tf.tidy(() => {
        const [before, , after] = tf.split(this.bias!.read(), [this.units, this.units, 2 * this.units])
        this.bias!.write(tf.concat([before, tf.ones([this.units]), after]))
      })
    }
    this.built = true
  }

  /** Runs the layer; `kwargs.mask` marks padded frames. */
  override call(inputs: tf.Tensor | tf.Tensor[], kwargs: { training?: boolean; mask?: tf.Tensor | tf.Tensor[] }): tf.Tensor {
    return tf.tidy(() => {
      let x = singleTensor(inputs, 'FusedLSTM') as tf.Tensor3D
      const mask = Array.isArray(kwargs.mask) ? kwargs.mask[0] : kwargs.mask
      if (kwargs.training && this.dropout > 0) {
        // One mask for all frames of a sample, as the stock layer does.
        x = tf.mul(x, tf.dropout(tf.ones([x.shape[0], 1, x.shape[2]]), this.dropout))
      }
      return lstm(
        x,
        this.kernel.read() as tf.Tensor2D,
        this.recurrentKernel.read() as tf.Tensor2D,
        (this.bias?.read() ?? tf.zeros([4 * this.units])) as tf.Tensor1D,
        {
          returnSequences: this.returnSequences,
          goBackwards: this.goBackwards,
          recurrentActivation: this.recurrentActivation,
          mask: mask ?? undefined,
        },
      )
    })
  }

  /** `[batch, units]` or `[batch, time, units]`. */
  override computeOutputShape(inputShape: tf.Shape | tf.Shape[]): tf.Shape {
    const [batch, time] = singleShape(inputShape)
    return this.returnSequences ? [batch, time, this.units] : [batch, this.units]
  }

  /** The mask goes on with sequences only. */
  override computeMask(_inputs: tf.Tensor | tf.Tensor[], mask?: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const one = Array.isArray(mask) ? mask[0] : mask
    return (this.returnSequences ? (one ?? null) : null)!
  }

  /** The constructor's arguments in serialised form. */
  override getConfig(): tf.serialization.ConfigDict {
    return {
      ...super.getConfig(),
      units: this.units,
      activation: 'tanh',
      recurrentActivation: this.recurrentActivation,
      useBias: this.useBias,
      unitForgetBias: this.unitForgetBias,
      returnSequences: this.returnSequences,
      goBackwards: this.goBackwards,
      dropout: this.dropout,
      kernelInitializer: serialize(this.initializers.kernel),
      recurrentInitializer: serialize(this.initializers.recurrent),
      biasInitializer: serialize(this.initializers.bias),
      kernelRegularizer: serialize(this.regularizers.kernel),
      recurrentRegularizer: serialize(this.regularizers.recurrent),
      biasRegularizer: serialize(this.regularizers.bias),
      kernelConstraint: serialize(this.constraints.kernel),
      recurrentConstraint: serialize(this.constraints.recurrent),
      biasConstraint: serialize(this.constraints.bias),
    }
  }
}
