import { util, type KernelFunc, type ReverseAttrs, type TensorInfo } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf } from './tensorMemory.ts'

/**
 * Reversal along one axis that is not the last, such as time in a bidirectional LSTM: whole rows are copied, where the backend's own kernel
 * computes the place of every value. Everything else goes to `stock`.
 */
export function reverseRows(stock: KernelFunc): KernelFunc {
  return (call) => {
    const { x } = call.inputs as { x: TensorInfo }
    const axes = util.parseAxisParam((call.attrs as unknown as ReverseAttrs).dims, x.shape)
    const rowBytes = axes.length === 1 ? 4 * util.sizeFromShape(x.shape.slice(axes[0] + 1)) : 0
    // A shorter row is not worth a copy of its own.
    if (rowBytes < 16 || (x.dtype !== 'float32' && x.dtype !== 'int32')) return stock(call)
    const { backend, heap } = kernels()
    const out = backend.makeOutput(x.shape, x.dtype)
    const [from, to] = [addressOf(x), addressOf(out)]
    const { HEAPU8 } = heap
    const rows = x.shape[axes[0]]
    const blocks = util.sizeFromShape(x.shape.slice(0, axes[0]))
    for (let block = 0, source = from; block < blocks; block++) {
      const end = to + (block + 1) * rows * rowBytes
      for (let row = 1; row <= rows; row++, source += rowBytes) HEAPU8.copyWithin(end - row * rowBytes, source, source + rowBytes)
    }
    return out
  }
}
