import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, addressOrNull, allocate, packedBytes, productScratchBytes, withScratch } from './tensorMemory.ts'


/** Options of {@link pooledConvolution}. */
export interface PooledConvolutionOptions {
  /** `[3, 3, channels, filters]`; with `depthwise` `[1, 1, channels, filters]`. */
  readonly filter: tf.Tensor4D
  /** `[3, 3, channels, 1]`: a depthwise convolution goes first (a separable one). */
  readonly depthwise?: tf.Tensor4D
  /** `[filters]` */
  readonly bias: tf.Tensor1D
  /** Slope of the leaky ReLU below zero, 0 to 1; 0 is a ReLU, 1 none. */
  readonly slope: number
  /** Height and width of the result; the picture counts as continued with zeros to twice of it. Default: half of its own, rounded up. */
  readonly outputSize?: readonly [height: number, width: number]
}

/**
 * 3x3 convolution (padding `same`, stride 1), bias, 2x2 max pooling and leaky ReLU as one kernel whose intermediate results stay in the processor's caches.
 * The first layers of a detector on a large picture spend most of their time on moving those. Inference only: no gradient.
 *
 * @param x - `[1, height, width, channels]`, float32
 * @returns `[1, outputHeight, outputWidth, filters]`
 * @throws {@link EmoError} `CONVOLUTION_SHAPE` if the shapes do not fit
 */
export function pooledConvolution(x: tf.Tensor4D, { filter, depthwise, bias, slope, outputSize }: PooledConvolutionOptions): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape
  const filters = bias.size
  const [outHeight, outWidth] = outputSize ?? [Math.ceil(height / 2), Math.ceil(width / 2)]
  const side = depthwise === undefined ? 3 : 1
  const fits =
    batch === 1 &&
    height <= 2 * outHeight &&
    width <= 2 * outWidth &&
    tf.util.arraysEqual(filter.shape, [side, side, channels, filters]) &&
    (depthwise === undefined || tf.util.arraysEqual(depthwise.shape, [3, 3, channels, 1]))
  if (!fits) {
    throw new EmoError(
      'CONVOLUTION_SHAPE',
      `pooledConvolution of [${x.shape.join()}] to ${outHeight} x ${outWidth} with filter [${filter.shape.join()}], depthwise [${depthwise?.shape.join() ?? 'none'}], bias [${bias.shape.join()}]: the shapes do not fit.`,
    )
  }
  const out = allocate([1, outHeight, outWidth, filters])
  const { run } = kernels()
  const depth = depthwise === undefined ? 9 * channels : channels
  const tables = depthwise === undefined ? Math.ceil((4 * outWidth) / 6) * 96 : productScratchBytes
  const scratchBytes = 4 * (4 * (2 * outWidth + 2) * channels + 4 * outWidth * (channels + filters)) + tables
  withScratch([packedBytes(filters, depth), 4 * (filters + 7), scratchBytes], (packed, paddedBias, scratch) => {
    run.packPanels(addressOf(filter), depth, filters, 4 * filters, 4, packed, depth * 32)
    run.padBias(addressOf(bias), filters, paddedBias)
    run.pooledConvolution(
      addressOf(x), height, width, channels, addressOrNull(depthwise), packed, paddedBias, filters, slope,
      addressOf(out), outHeight, outWidth, scratch,
    )
  })
  return tf.engine().makeTensorFromTensorInfo(out) as tf.Tensor4D
}
