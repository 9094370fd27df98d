import { backend_util, type KernelFunc, type MaxPoolGradAttrs, type TensorInfo } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate } from './tensorMemory.ts'

/** Gradient of 2-D max pooling, NHWC, four channels at a time; other types than float32 go to `stock`. */
export function maxPoolGradient(stock: KernelFunc): KernelFunc {
  return (call) => {
    const { dy, input, output } = call.inputs as { dy: TensorInfo; input: TensorInfo; output: TensorInfo }
    const { filterSize, strides, pad, dimRoundingMode } = call.attrs as unknown as MaxPoolGradAttrs
    if (input.dtype !== 'float32' || input.shape.length !== 4) return stock(call)
    const info = backend_util.computePool2DInfo(
      input.shape as [number, number, number, number],
      filterSize,
      strides,
      1,
      pad,
      dimRoundingMode,
    )
    const dx = allocate(input.shape)
    kernels().run.maxPoolGradient(
      addressOf(input),
      addressOf(output),
      addressOf(dy),
      info.batchSize,
      info.inHeight,
      info.inWidth,
      info.inChannels,
      info.outHeight,
      info.outWidth,
      info.filterHeight,
      info.filterWidth,
      info.strideHeight,
      info.strideWidth,
      info.padInfo.top,
      info.padInfo.left,
      addressOf(dx),
    )
    return dx
  }
}
