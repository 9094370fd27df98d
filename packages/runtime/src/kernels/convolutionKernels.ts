import {
  backend_util,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropInputAttrs,
  type KernelConfig,
  type TensorInfo,
} from '../tf.ts'
import { EmoError } from '@emo/errors'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate, packedBytes, withScratch } from './tensorMemory.ts'

/** Tiles of a block in assembly/matrixProduct.ts. */
const blockTiles = 8

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
    if (dtype !== 'float32')
      throw new EmoError('CONVOLUTION_UNSUPPORTED', `Gradients of conv2d take float32 tensors, got ${dtype}.`)
  }
}

/** Gradient of conv2d with respect to its filter. */
export function filterGradient(x: TensorInfo, dy: TensorInfo, attrs: Conv2DBackpropFilterAttrs): TensorInfo {
  requireFloat32(x, dy)
  const info = describe(x.shape, attrs.filterShape, attrs)
  const { inChannels, outChannels, filterHeight, filterWidth, padInfo } = info
  const dw = allocate(attrs.filterShape)
  const patch = filterHeight * filterWidth * inChannels
  // Copying neighbourhoods pays when channels alone cannot fill a tile of six rows.
  const gather = inChannels < 4 && patch > inChannels
  // dy's and x's rows of a block share the second cache with the gradient itself.
  const blockPixels = Math.max(32, Math.min(512, Math.floor(16384 / (outChannels + (gather ? patch : inChannels)))))
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

/** Filter positions that meet one phase of the stride, and where the first of them reads dy. */
function phase(offset: number, padding: number, stride: number, filterSize: number) {
  const first = (offset + padding) % stride
  return {
    first,
    taps: Math.max(0, Math.ceil((filterSize - first) / stride)),
    source: Math.floor((offset + padding) / stride),
  }
}

/** Gradient of conv2d with respect to its input: one indirect product a phase of the stride. */
export function inputGradient(dy: TensorInfo, filter: TensorInfo, attrs: Conv2DBackpropInputAttrs): TensorInfo {
  requireFloat32(dy, filter)
  const info = describe(attrs.inputShape, filter.shape, attrs)
  const { inChannels, outChannels, filterHeight, filterWidth, strideHeight, strideWidth, padInfo } = info
  const { run, heap } = kernels()
  const dx = allocate(info.inShape)
  const tapsMax = Math.ceil(filterHeight / strideHeight) * Math.ceil(filterWidth / strideWidth)
  withScratch(
    [packedBytes(inChannels, outChannels, tapsMax), outChannels * 4, blockTiles * 24 * (tapsMax + 1)],
    (packed, zeros, tables) => {
      heap.HEAPU8.fill(0, zeros, zeros + outChannels * 4)
      for (let offsetY = 0; offsetY < Math.min(strideHeight, info.inHeight); offsetY++) {
        const y = phase(offsetY, padInfo.top, strideHeight, filterHeight)
        for (let offsetX = 0; offsetX < Math.min(strideWidth, info.inWidth); offsetX++) {
          const x = phase(offsetX, padInfo.left, strideWidth, filterWidth)
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
              packed + tap * outChannels * 32,
              taps * outChannels * 32,
            )
          }
          run.gatherConvolution(
            addressOf(dy),
            info.batchSize,
            info.outHeight,
            info.outWidth,
            outChannels,
            addressOf(dx),
            info.inHeight,
            info.inWidth,
            inChannels,
            Math.ceil((info.inHeight - offsetY) / strideHeight),
            Math.ceil((info.inWidth - offsetX) / strideWidth),
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
            packed,
            zeros,
            tables,
          )
        }
      }
    },
  )
  return dx
}

/** The kernels of conv2d's gradients for the WASM backend, which lacks the first and is slow at the second. */
export const convolutionKernels: KernelConfig[] = [
  {
    kernelName: Conv2DBackpropFilter,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as { x: TensorInfo; dy: TensorInfo }
      return filterGradient(x, dy, attrs as unknown as Conv2DBackpropFilterAttrs)
    },
  },
  {
    kernelName: Conv2DBackpropInput,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs }) => {
      const { dy, filter } = inputs as { dy: TensorInfo; filter: TensorInfo }
      return inputGradient(dy, filter, attrs as unknown as Conv2DBackpropInputAttrs)
    },
  },
]
