import type { TensorInfo } from '@tensorflow/tfjs-core'
import type { backend_util } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, addressOrNull, packedBytes, productScratchBytes, withScratch } from './tensorMemory.ts'

/** Side of a tile of output pixels: F(2x2, 3x3), F(4x4, 3x3) or F(6x6, 3x3). */
type Tile = 2 | 4 | 6

/** Tiles that go through the products together, so that their planes stay in the second cache: a block of assembly/matrixProduct.ts, and parts of one. */
const blockTiles = { 2: 48, 4: 24, 6: 16 } as const
/** Reading a transformed filter takes about as long as the products of this many tiles with it. */
export const filterReading = 2
/** Fewer channels on either side and transforming costs more than it saves. */
const leastChannels = 16
/** Bytes of a tile's place: TILE_ENTRY of assembly/winograd.ts. */
export const tileEntry = 12
/** Half-transformed taps of four filters. */
const filterScratchBytes = 384

/** Whether assembly/winograd.ts does this convolution, and faster than a product over all taps. */
export function winogradApplies(info: backend_util.Conv2DInfo): boolean {
  return info.strideHeight * info.strideWidth === 1 && isTransformable(info)
}

/** Whether a filter is one that Winograd's filtering is for, with enough channels to pay for it, whatever the stride. */
export function isTransformable({
  inChannels,
  outChannels,
  filterHeight,
  filterWidth,
  dilationHeight,
  dilationWidth,
}: backend_util.Conv2DInfo): boolean {
  return (
    filterHeight === 3 &&
    filterWidth === 3 &&
    dilationHeight * dilationWidth === 1 &&
    Math.min(inChannels, outChannels) >= leastChannels &&
    inChannels % 4 === 0 &&
    outChannels % 4 === 0
  )
}

/** The tiles that take the least time: large ones take fewer products, but more filters, and overlap the edges of small pictures. */
function tileFor(batch: number, height: number, width: number): Tile {
  const cost = (tile: Tile): number => planes(tile) * (batch * Math.ceil(height / tile) * Math.ceil(width / tile) + filterReading)
  return ([4, 6] as const).reduce<Tile>((best, tile) => (cost(tile) < cost(best) ? tile : best), 2)
}

function planes(tile: Tile): number {
  return (tile + 2) ** 2
}

/** How the forward pass of a convolution tiles its output. */
export function winogradTile({ batchSize, outHeight, outWidth }: backend_util.Conv2DInfo): Tile {
  return tileFor(batchSize, outHeight, outWidth)
}

/** Bytes of a transformed filter. */
export function winogradFilterBytes(tile: Tile, depth: number, columns: number): number {
  return packedBytes(columns, depth, planes(tile))
}

/** Transforms a filter for the forward pass to `packed`. */
export function transformFilter(tile: Tile, filter: TensorInfo, packed: number): void {
  const [, , channels, outputs] = filter.shape
  withScratch([filterScratchBytes], (scratch) => {
    kernels().run.winogradFilter(tile, addressOf(filter), 4 * channels * outputs, channels, outputs, 4 * outputs, 4, packed, scratch)
  })
}

/** Forward pass with a filter transformed for these tiles. */
export function winogradForward(
  tile: Tile,
  x: TensorInfo,
  packed: number,
  bias: TensorInfo | undefined,
  relu: boolean,
  y: TensorInfo,
  info: backend_util.Conv2DInfo,
): void {
  const { top, left } = info.padInfo
  convolve(tile, x, y, top, left, packed, addressOrNull(bias), relu ? 1 : 0)
}

/** Gradient with respect to the input: dy convolved with the filter turned by half a turn, its channels swapped. */
export function winogradInputGradient(dy: TensorInfo, filter: TensorInfo, dx: TensorInfo, info: backend_util.Conv2DInfo): void {
  const { inChannels, outChannels, padInfo } = info
  const tapBytes = 4 * inChannels * outChannels
  const tile = tileFor(info.batchSize, info.inHeight, info.inWidth)
  withScratch([winogradFilterBytes(tile, outChannels, inChannels), filterScratchBytes], (packed, rows) => {
    const turned = addressOf(filter) + 8 * tapBytes
    kernels().run.winogradFilter(tile, turned, -tapBytes, outChannels, inChannels, 4, 4 * outChannels, packed, rows)
    convolve(tile, dy, dx, 2 - padInfo.top, 2 - padInfo.left, packed, 0, 0)
  })
}

function convolve(
  tile: Tile,
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
  const bytes =
    productScratchBytes + tileEntry * blockTiles[tile] + 1280 + 4 * depth + 4 * planes(tile) * (blockTiles[tile] * (depth + columns) + 32)
  withScratch([bytes], (scratch) => {
    kernels().run.winogradConvolution(
      tile,
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
      blockTiles[tile],
      scratch,
    )
  })
}

/** Gradient with respect to the filter. */
export function winogradFilterGradient(x: TensorInfo, dy: TensorInfo, dw: TensorInfo, info: backend_util.Conv2DInfo): void {
  const { inChannels, outChannels } = info
  const bytes =
    (8 + tileEntry) * blockTiles[2] +
    80 +
    4 * Math.max(inChannels, outChannels) +
    64 * (blockTiles[2] * (inChannels + outChannels) + 32 + inChannels * outChannels)
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
      blockTiles[2],
      scratch,
    )
  })
}
