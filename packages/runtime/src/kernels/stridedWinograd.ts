import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { backend_util } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, addressOrNull, packedBytes, productScratchBytes, withScratch } from './tensorMemory.ts'
import { filterReading, isTransformable, tileEntry } from './winograd.ts'

/** Tiles of 3x3 output pixels that go through the products together. */
const blockTiles = 16
/** Tells a filter transformed for stride 2 from those for stride 1, which go by the side of their tiles. */
export const stridedLayout = 3
/** Planes of a transformed filter. */
const filterPlanes = 25
/** Half-transformed taps of four filters. */
const filterScratchBytes = 240

/** Whether assembly/stridedWinograd.ts does this convolution, and faster than a product over all taps. */
export function stridedWinogradApplies(info: backend_util.Conv2DInfo): boolean {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth } = info
  const tiles = batchSize * Math.ceil(outHeight / 3) * Math.ceil(outWidth / 3)
  const products = 49 * tiles + filterPlanes * filterReading
  const tapProducts = 9 * (batchSize * outHeight * outWidth + filterReading)
  return strideHeight === 2 && strideWidth === 2 && isTransformable(info) && products < tapProducts
}

/** Bytes of a transformed filter. */
export function stridedWinogradFilterBytes(depth: number, columns: number): number {
  return packedBytes(columns, depth, filterPlanes)
}

/** Transforms a filter for the forward pass to `packed`. */
export function transformStridedFilter(filter: TensorInfo, packed: number): void {
  const [, , channels, outputs] = filter.shape
  withScratch([filterScratchBytes], (rows) => {
    kernels().run.stridedWinogradFilter(addressOf(filter), channels, outputs, packed, rows)
  })
}

/** Forward pass with a transformed filter. */
export function stridedWinogradForward(
  x: TensorInfo,
  packed: number,
  bias: TensorInfo | undefined,
  relu: boolean,
  y: TensorInfo,
  info: backend_util.Conv2DInfo,
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels, padInfo } = info
  const bytes = productScratchBytes + tileEntry * blockTiles + 1408 + 4 * inChannels + 196 * blockTiles * (inChannels + outChannels) + 3200
  withScratch([bytes], (scratch) => {
    kernels().run.stridedWinogradConvolution(
      addressOf(x),
      batchSize,
      inHeight,
      inWidth,
      inChannels,
      addressOf(y),
      outHeight,
      outWidth,
      outChannels,
      padInfo.top,
      padInfo.left,
      packed,
      addressOrNull(bias),
      relu ? 1 : 0,
      blockTiles,
      scratch,
    )
  })
}
