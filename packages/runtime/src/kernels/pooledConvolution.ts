import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate, packedBytes, productScratchBytes, withScratch } from './tensorMemory.ts'

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
  /** Pixels between two pooling windows. 1, for separable convolutions: the picture keeps its size. Default 2. */
  readonly poolStride?: 1 | 2
}

/**
 * 3x3 convolution (padding `same`, stride 1), bias, 2x2 max pooling and leaky ReLU as one kernel whose intermediate results stay in the processor's caches.
 * The first layers of a detector on a large picture spend most of their time on moving those. Inference only: no gradient.
 *
 * @param x - `[1, height, width, channels]`, float32
 * @returns `[1, outputHeight, outputWidth, filters]`
 * @throws {@link EmoError} `CONVOLUTION_SHAPE` if the shapes do not fit
 */
export function pooledConvolution(x: tf.Tensor4D, { filter, depthwise, bias, slope, outputSize, poolStride = 2 }: PooledConvolutionOptions): tf.Tensor4D {
  const [batch, height, width, channels] = x.shape
  const filters = bias.size
  const [outHeight, outWidth] = outputSize ?? [Math.ceil(height / poolStride), Math.ceil(width / poolStride)]
  const side = depthwise === undefined ? 3 : 1
  const fits =
    batch === 1 &&
    (poolStride === 2 ? height <= 2 * outHeight && width <= 2 * outWidth : depthwise !== undefined && height === outHeight && width === outWidth) &&
    tf.util.arraysEqual(filter.shape, [side, side, channels, filters]) &&
    (depthwise === undefined || tf.util.arraysEqual(depthwise.shape, [3, 3, channels, 1]))
  if (!fits) {
    throw new EmoError(
      'CONVOLUTION_SHAPE',
      `pooledConvolution of [${x.shape.join()}] to ${outHeight} x ${outWidth} with filter [${filter.shape.join()}], depthwise [${depthwise?.shape.join() ?? 'none'}], bias [${bias.shape.join()}]: the shapes do not fit.`,
    )
  }
  const out = allocate([1, outHeight, outWidth, filters])
  if (depthwise === undefined) dense(x, filter, bias, slope, out)
  else separable(x, filter, depthwise, bias, slope, poolStride, out)
  return tf.engine().makeTensorFromTensorInfo(out) as tf.Tensor4D
}

function dense(x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D, slope: number, out: tf.TensorInfo): void {
  const { run } = kernels()
  const [, height, width, channels] = x.shape
  const [, outHeight, outWidth, filters] = out.shape
  const depth = 9 * channels
  const scratchBytes = 4 * (4 * (2 * outWidth + 2) * channels + 4 * outWidth * (channels + filters)) + Math.ceil((4 * outWidth) / 6) * 96
  withScratch([packedBytes(filters, depth), 4 * (filters + 7), scratchBytes], (packed, paddedBias, scratch) => {
    pack(filter, depth, bias, packed, paddedBias)
    run.pooledConvolution(
      addressOf(x), height, width, channels, 0, packed, paddedBias, filters, slope, addressOf(out), outHeight, outWidth, scratch,
    )
  })
}

function separable(
  x: tf.Tensor4D,
  pointwise: tf.Tensor4D,
  depthwise: tf.Tensor4D,
  bias: tf.Tensor1D,
  slope: number,
  poolStride: 1 | 2,
  out: tf.TensorInfo,
): void {
  const { run } = kernels()
  const [, height, width, channels] = x.shape
  const [, outHeight, outWidth, filters] = out.shape
  const values = poolStride === 2 ? 4 * (2 * outWidth + 2) * channels + 4 * outWidth * (channels + filters) : (3 * (width + 2) + height * width) * channels
  withScratch([packedBytes(filters, channels), 4 * (filters + 7), 4 * values + productScratchBytes], (packed, paddedBias, scratch) => {
    pack(pointwise, channels, bias, packed, paddedBias)
    const before = [addressOf(x), height, width, channels, addressOf(depthwise), packed, paddedBias, filters, slope, addressOf(out)] as const
    if (poolStride === 2) run.pooledConvolution(...before, outHeight, outWidth, scratch)
    else run.pooledSeparable(...before, scratch)
  })
}

function pack(filter: tf.Tensor4D, depth: number, bias: tf.Tensor1D, packed: number, paddedBias: number): void {
  const { run } = kernels()
  run.packPanels(addressOf(filter), depth, bias.size, 4 * bias.size, 4, packed, depth * 32)
  run.padBias(addressOf(bias), bias.size, paddedBias)
}
