import { EmoError } from '@emo/errors'
import { broadcast_util, util, type BatchMatMulAttrs, type KernelFunc, type TensorInfo } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate, packedBytes, productScratchBytes, withScratch } from './tensorMemory.ts'

/** Rows of a block of a transposed product. */
const blockRows = 128

/** Matrix product, either operand transposed, leading axes broadcast. The backend's own is slow as soon as something is transposed. */
function matMul(a: TensorInfo, b: TensorInfo, transposeA: boolean, transposeB: boolean): TensorInfo {
  const [rowsA, columnsA] = a.shape.slice(-2)
  const [rowsB, columnsB] = b.shape.slice(-2)
  const [rows, depth] = transposeA ? [columnsA, rowsA] : [rowsA, columnsA]
  const [depthB, columns] = transposeB ? [columnsB, rowsB] : [rowsB, columnsB]
  if (depth !== depthB) {
    throw new EmoError(
      'MATMUL_SHAPE',
      `matMul of [${a.shape.join()}]${transposeA ? ' transposed' : ''} and [${b.shape.join()}]${transposeB ? ' transposed' : ''}: inner sizes ${depth} and ${depthB} differ.`,
    )
  }
  const outer = broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
  const batchA = util.sizeFromShape(a.shape.slice(0, -2))
  const batchB = util.sizeFromShape(b.shape.slice(0, -2))
  const batch = Math.max(batchA, batchB)
  const out = allocate([...outer, rows, columns])
  const { run, heap } = kernels()
  const [addressA, addressB, addressOut] = [addressOf(a), addressOf(b), addressOf(out)]
  if (rows === 0 || columns === 0 || batch === 0) return out
  if (depth === 0) {
    heap.HEAPU8.fill(0, addressOut, addressOut + 4 * batch * rows * columns)
    return out
  }
  const multiply = (indexA: number, indexB: number, index: number, packed: number, scratch: number) => {
    const fromA = addressA + 4 * indexA * rows * depth
    const fromB = addressB + 4 * indexB * depth * columns
    const to = addressOut + 4 * index * rows * columns
    if (transposeA) {
      run.multiplyTransposed(fromA, 4 * rows, rows, fromB, 4 * columns, columns, depth, to, blockRows, scratch)
      return
    }
    const [strideK, strideN] = transposeB ? [4, 4 * depth] : [4 * columns, 4]
    run.packPanels(fromB, depth, columns, strideK, strideN, packed, depth * 32)
    run.multiplyRows(fromA, 4 * depth, rows, depth, packed, to, 4 * columns, columns, 0, 0, scratch)
  }
  const scratchBytes = transposeA ? blockRows * (8 + 4 * ((columns + 7) & ~7)) : productScratchBytes
  withScratch([transposeA ? 0 : packedBytes(columns, depth), scratchBytes], (packed, scratch) => {
    for (let i = 0; i < batch; i++) multiply(i % batchA, i % batchB, i, packed, scratch)
  })
  return out
}

/** Kernel of matMul; both operands transposed, which no gradient needs, goes to `stock`. */
export function packedMatMul(stock: KernelFunc): KernelFunc {
  return (call) => {
    const { a, b } = call.inputs as { a: TensorInfo; b: TensorInfo }
    const { transposeA, transposeB } = call.attrs as unknown as BatchMatMulAttrs
    const plain = a.dtype === 'float32' && b.dtype === 'float32'
    if (!plain || (transposeA && transposeB)) return stock(call)
    return matMul(a, b, transposeA, transposeB)
  }
}
