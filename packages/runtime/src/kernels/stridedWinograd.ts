import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { backend_util } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, addressOrNull, packedBytes, productScratchBytes, withScratch } from './tensorMemory.ts'

/** Tiles of 3x3 output pixels that go through the products together. */
const blockTiles = 16
/** Tells a filter transformed for stride 2 from those for stride 1, which go by the side of their tiles. */
export const stridedLayout = 3
/** Fewer channels on either side and transforming costs more than it saves. */
const leastChannels = 16
/** Half-transformed taps of four filters. */
const filterScratchBytes = 240

/** Whether assembly/stridedWinograd.ts does this convolution, and faster than a product over all taps. */
export function stridedWinogradApplies(info: backend_util.Conv2DInfo): boolean {
  const { batchSize, outHeight, outWidth, inChannels, outChannels } = info
  const tiles = batchSize * Math.ceil(outHeight / 3) * Math.ceil(outWidth / 3)
  return (
    info.filterHeight === 3 &&
    info.filterWidth === 3 &&
    info.strideHeight === 2 &&
    info.strideWidth === 2 &&
    info.dilationHeight * info.dilationWidth === 1 &&
    Math.min(inChannels, outChannels) >= leastChannels &&
    inChannels % 4 === 0 &&
    outChannels % 4 === 0 &&
    // Reading a filter takes about as long as two products with it.
    49 * tiles + 2 * 25 < 9 * batchSize * outHeight * outWidth + 2 * 9
  )
}

/** Bytes of a transformed filter: 25 planes. */
export function stridedWinogradFilterBytes(depth: number, columns: number): number {
  return packedBytes(columns, depth, 25)
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
  const bytes = productScratchBytes + 1408 + 4 * inChannels + 196 * blockTiles * (inChannels + outChannels) + 3200
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
