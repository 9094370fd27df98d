import { backend_util, type Conv2DBackpropFilterAttrs, type Conv2DBackpropInputAttrs, type KernelFunc, type TensorInfo } from '../tf.ts'
import { EmoError } from '@emo/errors'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate, packedBytes, productScratchBytes, productTiles, tileBytes, withScratch } from './tensorMemory.ts'
import { winogradApplies, winogradFilterGradient, winogradInputGradient } from './winograd.ts'

type Shape4 = [number, number, number, number]

/** Shapes and padding of a convolution. Throws `CONVOLUTION_UNSUPPORTED` for what the kernels do not do. */
function describe(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad, dataFormat, dimRoundingMode }: Omit<Conv2DBackpropInputAttrs, 'inputShape'>,
): backend_util.Conv2DInfo {
  if (dataFormat !== 'NHWC') {
    throw new EmoError('CONVOLUTION_UNSUPPORTED', `Gradients of conv2d take dataFormat 'NHWC', got '${dataFormat}'.`)
  }
  return backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    strides,
    1,
    pad,
    dimRoundingMode,
    false,
    'channelsLast',
  )
}

function requireFloat32(...tensors: TensorInfo[]): void {
  for (const { dtype } of tensors) {
    if (dtype !== 'float32') throw new EmoError('CONVOLUTION_UNSUPPORTED', `Gradients of conv2d take float32 tensors, got ${dtype}.`)
  }
}

/** Gradient of conv2d with respect to its filter. */
function filterGradient(x: TensorInfo, dy: TensorInfo, attrs: Conv2DBackpropFilterAttrs): TensorInfo {
  requireFloat32(x, dy)
  const info = describe(x.shape, attrs.filterShape, attrs)
  const { inChannels, outChannels, filterHeight, filterWidth, padInfo } = info
  const dw = allocate(attrs.filterShape)
  if (winogradApplies(info)) {
    winogradFilterGradient(x, dy, dw, info)
    return dw
  }
  const patch = filterHeight * filterWidth * inChannels
  // Copying neighbourhoods pays when channels alone cannot fill a tile of four rows.
  const gather = inChannels < 4 && patch > inChannels
  // x's and dy's rows of a block fit into the first cache.
  const blockPixels = Math.max(32, Math.min(512, Math.floor(8192 / (outChannels + (gather ? patch : inChannels)))))
  const padded = (outChannels + 7) & ~7
  withScratch([blockPixels * (8 + 4 * padded + (gather ? 4 * patch : 0))], (scratch) => {
    kernels().run.filterGradient(
      addressOf(x),
      info.batchSize,
      info.inHeight,
      info.inWidth,
      inChannels,
      addressOf(dy),
      info.outHeight,
      info.outWidth,
      outChannels,
      filterHeight,
      filterWidth,
      info.strideHeight,
      info.strideWidth,
      padInfo.top,
      padInfo.left,
      addressOf(dw),
      gather ? 1 : 0,
      blockPixels,
      scratch,
    )
  })
  return dw
}

/** Filter positions that meet one phase of the stride: the first, how many, and where the first of them reads dy. */
interface Phase {
  readonly first: number
  readonly taps: number
  readonly source: number
}

function phase(offset: number, padding: number, stride: number, filterSize: number): Phase {
  const first = (offset + padding) % stride
  return {
    first,
    taps: Math.max(0, Math.ceil((filterSize - first) / stride)),
    source: Math.floor((offset + padding) / stride),
  }
}

/** Gradient of conv2d with respect to its input. */
function inputGradient(dy: TensorInfo, filter: TensorInfo, attrs: Conv2DBackpropInputAttrs): TensorInfo {
  requireFloat32(dy, filter)
  const info = describe(attrs.inputShape, filter.shape, attrs)
  const dx = allocate(info.inShape)
  // With few channels a panel of eight columns would stay mostly empty.
  if (winogradApplies(info)) winogradInputGradient(dy, filter, dx, info)
  else if (info.inChannels < 4 && info.filterHeight * info.filterWidth > 1) scatterGradient(dy, filter, dx, info)
  else gatherGradient(dy, filter, dx, info)
  return dx
}

function scatterGradient(dy: TensorInfo, filter: TensorInfo, dx: TensorInfo, info: backend_util.Conv2DInfo): void {
  const { outChannels } = info
  const patch = info.filterHeight * info.filterWidth * info.inChannels
  const blockPixels = 192
  withScratch([packedBytes(patch, outChannels), productScratchBytes + blockPixels * 4 * patch], (packed, scratch) => {
    const { run } = kernels()
    run.packPanels(addressOf(filter), outChannels, patch, 4, outChannels * 4, packed, outChannels * 32)
    run.scatterInputGradient(
      addressOf(dy),
      info.batchSize,
      info.outHeight,
      info.outWidth,
      outChannels,
      addressOf(dx),
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
      info.padInfo.top,
      info.padInfo.left,
      packed,
      blockPixels,
      scratch,
    )
  })
}

/** One indirect product a phase of the stride. */
function gatherGradient(dy: TensorInfo, filter: TensorInfo, dx: TensorInfo, info: backend_util.Conv2DInfo): void {
  const { batchSize, inChannels, outChannels, inHeight, inWidth, outHeight, outWidth } = info
  const { filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info
  const { run, heap } = kernels()
  const phases: { offsetY: number; offsetX: number; y: Phase; x: Phase; packed: number }[] = []
  let packedSize = 0
  for (let offsetY = 0; offsetY < Math.min(strideHeight, inHeight); offsetY++) {
    const y = phase(offsetY, padInfo.top, strideHeight, filterHeight)
    for (let offsetX = 0; offsetX < Math.min(strideWidth, inWidth); offsetX++) {
      const x = phase(offsetX, padInfo.left, strideWidth, filterWidth)
      phases.push({ offsetY, offsetX, y, x, packed: packedSize })
      packedSize += packedBytes(inChannels, outChannels, y.taps * x.taps)
    }
  }
  const tapsMax = Math.ceil(filterHeight / strideHeight) * Math.ceil(filterWidth / strideWidth)
  withScratch([packedSize, outChannels * 4, productTiles * tileBytes * (tapsMax + 1)], (packed, zeros, tables) => {
    heap.HEAPU8.fill(0, zeros, zeros + outChannels * 4)
    for (const { y, x, packed: offset } of phases) {
      const taps = y.taps * x.taps
      for (let tap = 0; tap < taps; tap++) {
        const ky = y.first + Math.floor(tap / x.taps) * strideHeight
        const kx = x.first + (tap % x.taps) * strideWidth
        run.packPanels(
          addressOf(filter) + (ky * filterWidth + kx) * inChannels * outChannels * 4,
          outChannels,
          inChannels,
          4,
          outChannels * 4,
          packed + offset + tap * outChannels * 32,
          taps * outChannels * 32,
        )
      }
    }
    // The phases write interleaved pixels: take as many images at a time as stay in the second cache.
    const sourceBytes = 4 * outHeight * outWidth * outChannels
    const targetBytes = 4 * inHeight * inWidth * inChannels
    const images = phases.length === 1 ? batchSize : Math.max(1, Math.floor(262144 / (sourceBytes + targetBytes)))
    for (let first = 0; first < batchSize; first += images) {
      for (const { offsetY, offsetX, y, x, packed: offset } of phases) {
        run.gatherConvolution(
          addressOf(dy) + first * sourceBytes,
          Math.min(images, batchSize - first),
          outHeight,
          outWidth,
          outChannels,
          addressOf(dx) + first * targetBytes,
          inHeight,
          inWidth,
          inChannels,
          Math.ceil((inHeight - offsetY) / strideHeight),
          Math.ceil((inWidth - offsetX) / strideWidth),
          1,
          1,
          y.source,
          x.source,
          y.taps,
          x.taps,
          -1,
          strideHeight,
          strideWidth,
          offsetY,
          offsetX,
          packed + offset,
          zeros,
          tables,
        )
      }
    }
  })
}

/** Kernel of {@link filterGradient}, which the WASM backend lacks. */
export const conv2dFilterGradient: KernelFunc = ({ inputs, attrs }) => {
  const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo }
  return filterGradient(x, dy, attrs as unknown as Conv2DBackpropFilterAttrs)
}

/** Kernel of {@link inputGradient}; the WASM backend's own runs at about 1 GFLOP/s. */
export const conv2dInputGradient: KernelFunc = ({ inputs, attrs }) => {
  const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo }
  return inputGradient(dy, filter, attrs as unknown as Conv2DBackpropInputAttrs)
}
