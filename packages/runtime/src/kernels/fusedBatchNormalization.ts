import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, addressOrNull, allocate, withScratch } from './tensorMemory.ts'

/** What follows the normalisation in the same pass. */
export type FusedActivation = 'linear' | 'relu'

/** Options of {@link fusedBatchNormalization}. */
export interface FusedBatchNormalizationOptions {
  /** Scale of every channel, `[channels]`; ones if left out. */
  readonly gamma?: tf.Tensor1D
  /** Shift of every channel, `[channels]`; zeros if left out. */
  readonly beta?: tf.Tensor1D
  /** Fixed mean of every channel; with `variance` it takes the place of the batch's own moments (inference). */
  readonly mean?: tf.Tensor1D
  /** Fixed variance of every channel. */
  readonly variance?: tf.Tensor1D
  /** Added to the variance; default 1e-3. */
  readonly epsilon?: number
  /** Default `'linear'`. */
  readonly activation?: FusedActivation
}

/** Rows and channels of a tensor whose last axis holds the channels. */
function rowsAndChannels(x: tf.TensorInfo): [number, number] {
  const channels = x.shape[x.shape.length - 1]
  return [channels === 0 ? 0 : tf.util.sizeFromShape(x.shape) / channels, channels]
}

/**
 * Mean and biased variance of every channel (last axis) of x over all other axes: two `[channels]` tensors. Not differentiable.
 *
 * One pass over memory, blocks of rows merged as Chan, Golub and LeVeque (1979) do, so a mean far from zero costs no precision.
 */
export function channelMoments(x: tf.Tensor): ChannelMoments {
  const [rows, channels] = rowsAndChannels(x)
  const mean = allocate([channels])
  const variance = allocate([channels])
  kernels().run.columnMoments(addressOf(x), rows, channels, addressOf(mean), addressOf(variance))
  const engine = tf.engine()
  return {
    mean: engine.makeTensorFromTensorInfo(mean) as tf.Tensor1D,
    variance: engine.makeTensorFromTensorInfo(variance) as tf.Tensor1D,
  }
}

/**
 * Batch normalisation over the last axis with an optional ReLU in the same pass, forward and backward:
 * `y = activation((x - mean) / sqrt(variance + epsilon) * gamma + beta)` (Ioffe and Szegedy, 2015).
 *
 * The moments are x's own, and the gradient flows through them, unless `mean` and `variance` are given.
 *
 * @param x - float32, channels last
 * @returns a tensor shaped as x
 * @throws {@link EmoError} `BATCH_NORMALIZATION_SHAPE` if a parameter does not have one value a channel or x is not float32
 */
export function fusedBatchNormalization<T extends tf.Tensor>(x: T, options: FusedBatchNormalizationOptions = {}): T {
  return tf.tidy(() => {
    checkShapes(x, options)
    const { mean, variance } = options
    const moments = mean && variance ? { mean, variance } : channelMoments(x)
    return normalizeChannels(x, moments, options)
  })
}

/** The mean and variance of every channel. */
export interface ChannelMoments {
  readonly mean: tf.Tensor1D
  readonly variance: tf.Tensor1D
}

/** Normalises with moments that are x's own (the gradient flows through them) unless `options` fixes them. */
export function normalizeChannels<T extends tf.Tensor>(x: T, moments: ChannelMoments, options: FusedBatchNormalizationOptions): T {
  const { gamma, beta, epsilon = 1e-3, activation = 'linear' } = options
  const [rows, channels] = rowsAndChannels(x)
  const frozen = options.mean !== undefined ? 1 : 0
  const relu = activation === 'relu' ? 1 : 0
  const padded = 4 * ((channels + 3) & ~3)
  const parameters = [gamma, beta].filter((parameter) => parameter !== undefined)

  const compute = tf.customGrad((...args) => {
    const save = args.pop() as tf.GradSaveFunc
    const y = allocate(x.shape)
    withScratch([3 * padded], (scratch) => {
      kernels().run.normalizeColumns(
        addressOf(x),
        rows,
        channels,
        addressOf(moments.mean),
        addressOf(moments.variance),
        addressOrNull(gamma),
        addressOrNull(beta),
        epsilon,
        relu,
        addressOf(y),
        scratch,
      )
    })
    save([x, moments.mean, moments.variance, ...parameters])
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [savedInput, savedMean, savedVariance, ...rest] = saved
      const savedGamma = gamma && rest.shift()
      const savedBeta = beta && rest.shift()
      const dx = allocate(savedInput.shape)
      const dgamma = allocate([channels])
      const dbeta = allocate([channels])
      withScratch([5 * padded], (scratch) => {
        kernels().run.normalizeColumnsGradient(
          addressOf(savedInput),
          addressOf(dy),
          rows,
          channels,
          addressOf(savedMean),
          addressOf(savedVariance),
          addressOrNull(savedGamma),
          addressOrNull(savedBeta),
          epsilon,
          relu,
          frozen,
          addressOf(dx),
          addressOf(dgamma),
          addressOf(dbeta),
          scratch,
        )
      })
      const engine = tf.engine()
      const gradients = [dx, dgamma, dbeta].map((info) => engine.makeTensorFromTensorInfo(info))
      return [gradients[0], ...(gamma ? [gradients[1]] : []), ...(beta ? [gradients[2]] : [])]
    }
    return { value: tf.engine().makeTensorFromTensorInfo(y), gradFunc }
  })
  return compute(x, ...parameters) as T
}

function checkShapes(x: tf.Tensor, options: FusedBatchNormalizationOptions): void {
  const channels = x.shape[x.rank - 1]
  const { mean, variance, gamma, beta } = options
  if (x.dtype !== 'float32' || x.rank < 1) {
    throw new EmoError(
      'BATCH_NORMALIZATION_SHAPE',
      `Batch normalisation takes a float32 tensor, got ${x.dtype} of shape [${x.shape.join()}].`,
    )
  }
  for (const [name, tensor] of Object.entries({ mean, variance, gamma, beta })) {
    if (tensor && (tensor.size !== channels || tensor.dtype !== 'float32')) {
      throw new EmoError(
        'BATCH_NORMALIZATION_SHAPE',
        `${name} must be float32 with one value for each of the ${channels} channels, got ${tensor.dtype} of shape [${tensor.shape.join()}].`,
      )
    }
  }
  if ((mean === undefined) !== (variance === undefined)) {
    throw new EmoError('BATCH_NORMALIZATION_SHAPE', 'Give both mean and variance, or neither.')
  }
}
