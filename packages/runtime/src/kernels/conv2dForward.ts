import { backend_util, type Conv2DAttrs, type FusedConv2DAttrs, type KernelFunc, type TensorInfo } from '../tf.ts'
import { filterCache } from './filterCache.ts'
import {
  stridedLayout,
  stridedWinogradApplies,
  stridedWinogradFilterBytes,
  stridedWinogradForward,
  transformStridedFilter,
} from './stridedWinograd.ts'
import { allocate } from './tensorMemory.ts'
import { transformFilter, winogradApplies, winogradFilterBytes, winogradForward, winogradTile } from './winograd.ts'

/**
 * Kernel of conv2d, with bias and ReLU where fused: 3x3 of stride 1 or 2 and enough channels by Winograd's filtering; the rest goes to `stock`.
 */
export function conv2dForward(stock: KernelFunc): KernelFunc {
  return (call) => {
    const { x, filter, bias, preluActivationWeights } = call.inputs as Record<string, TensorInfo | undefined> & {
      x: TensorInfo
      filter: TensorInfo
    }
    const attrs = call.attrs as unknown as Conv2DAttrs & Partial<FusedConv2DAttrs>
    const { strides, pad, dataFormat, dilations, dimRoundingMode, activation = 'linear' } = attrs
    const plain =
      dataFormat === 'NHWC' &&
      x.dtype === 'float32' &&
      filter.dtype === 'float32' &&
      (activation === 'linear' || activation === 'relu') &&
      preluActivationWeights === undefined
    if (!plain) return stock(call)
    const info = backend_util.computeConv2DInfo(
      x.shape as [number, number, number, number],
      filter.shape as [number, number, number, number],
      strides,
      dilations,
      pad,
      dimRoundingMode,
    )
    if (bias && bias.shape.join() !== String(info.outChannels)) return stock(call)
    const relu = activation === 'relu'
    if (winogradApplies(info)) {
      const y = allocate(info.outShape)
      const tile = winogradTile(info)
      const bytes = winogradFilterBytes(tile, info.inChannels, info.outChannels)
      const packed = filterCache(filter, tile, bytes, (target) => transformFilter(tile, filter, target))
      winogradForward(tile, x, packed, bias, relu, y, info)
      return y
    }
    if (stridedWinogradApplies(info)) {
      const y = allocate(info.outShape)
      const bytes = stridedWinogradFilterBytes(info.inChannels, info.outChannels)
      const packed = filterCache(filter, stridedLayout, bytes, (target) => transformStridedFilter(filter, target))
      stridedWinogradForward(x, packed, bias, relu, y, info)
      return y
    }
    return stock(call)
  }
}
