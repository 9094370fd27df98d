import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { backend_util } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, addressOrNull, packedBytes, productScratchBytes, withScratch } from './tensorMemory.ts'

/** Tiles of 2x2 pixels that go through the sixteen products together: a block of assembly/matrixProduct.ts. */
const blockTiles = 48
/** Fewer channels on either side and transforming costs more than it saves. */
const leastChannels = 16

/** Whether assembly/winograd.ts does this convolution, and faster than a product over all taps. */
export function winogradApplies(info: backend_util.Conv2DInfo): boolean {
  const { inChannels, outChannels, filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = info
  return (
    filterHeight === 3 &&
    filterWidth === 3 &&
    strideHeight * strideWidth * dilationHeight * dilationWidth === 1 &&
    Math.min(inChannels, outChannels) >= leastChannels &&
    inChannels % 4 === 0 &&
    outChannels % 4 === 0
  )
}

/** Bytes of a transformed filter. */
export function winogradFilterBytes(depth: number, columns: number): number {
  return packedBytes(columns, depth, 16)
}

/** Transforms a filter for the forward pass to `packed`. */
export function transformFilter(filter: TensorInfo, packed: number): void {
  const [, , channels, outputs] = filter.shape
  kernels().run.winogradFilter(addressOf(filter), 4 * channels * outputs, channels, outputs, 4 * outputs, 4, packed)
}

/** Forward pass with a transformed filter. */
export function winogradForward(
  x: TensorInfo,
  packed: number,
  bias: TensorInfo | undefined,
  relu: boolean,
  y: TensorInfo,
  info: backend_util.Conv2DInfo,
): void {
  const { top, left } = info.padInfo
  convolve(x, y, top, left, packed, addressOrNull(bias), relu ? 1 : 0)
}

/** Gradient with respect to the input: dy convolved with the filter turned by half a turn, its channels swapped. */
export function winogradInputGradient(dy: TensorInfo, filter: TensorInfo, dx: TensorInfo, info: backend_util.Conv2DInfo): void {
  const { inChannels, outChannels, padInfo } = info
  const tapBytes = 4 * inChannels * outChannels
  withScratch([winogradFilterBytes(outChannels, inChannels)], (packed) => {
    kernels().run.winogradFilter(addressOf(filter) + 8 * tapBytes, -tapBytes, outChannels, inChannels, 4, 4 * outChannels, packed)
    convolve(dy, dx, 2 - padInfo.top, 2 - padInfo.left, packed, 0, 0)
  })
}

function convolve(
  source: TensorInfo,
  target: TensorInfo,
  padTop: number,
  padLeft: number,
  packed: number,
  bias: number,
  relu: number,
): void {
  const [batch, sourceHeight, sourceWidth, depth] = source.shape
  const [, targetHeight, targetWidth, columns] = target.shape
  const bytes = productScratchBytes + 64 + 4 * depth + 64 * (blockTiles * (depth + columns) + 32)
  withScratch([bytes], (scratch) => {
    kernels().run.winogradConvolution(
      addressOf(source),
      batch,
      sourceHeight,
      sourceWidth,
      depth,
      addressOf(target),
      targetHeight,
      targetWidth,
      columns,
      padTop,
      padLeft,
      packed,
      bias,
      relu,
      blockTiles,
      scratch,
    )
  })
}

/** Gradient with respect to the filter. */
export function winogradFilterGradient(x: TensorInfo, dy: TensorInfo, dw: TensorInfo, info: backend_util.Conv2DInfo): void {
  const { inChannels, outChannels } = info
  const bytes =
    8 * blockTiles +
    80 +
    4 * Math.max(inChannels, outChannels) +
    64 * (blockTiles * (inChannels + outChannels) + 32 + inChannels * outChannels)
  withScratch([bytes], (scratch) => {
    kernels().run.winogradFilterGradient(
      addressOf(x),
      info.batchSize,
      info.inHeight,
      info.inWidth,
      inChannels,
      addressOf(dy),
      info.outHeight,
      info.outWidth,
      outChannels,
      info.padInfo.top,
      info.padInfo.left,
      addressOf(dw),
      blockTiles,
      scratch,
    )
  })
}
