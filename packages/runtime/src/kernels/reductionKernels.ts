import { util, type KernelFunc, type SumAttrs, type TensorInfo } from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate } from './tensorMemory.ts'

/**
 * Sum (or mean) over neighbouring axes that are not the last ones: x counts as [outer, reduced, inner], more than one value inside.
 * That is a bias' gradient and global pooling; the backend's own kernels transpose the whole tensor for it.
 * Everything else goes to `stock`.
 */
export function reduceInnerAxes(stock: KernelFunc, mean: boolean): KernelFunc {
  return (call) => {
    const { x } = call.inputs as { x: TensorInfo }
    const { axis, keepDims } = call.attrs as unknown as SumAttrs
    const axes = util.parseAxisParam(axis, x.shape).sort((a, b) => a - b)
    const first = axes[0]
    const contiguous = axes.length > 0 && axes.every((value, i) => value === first + i)
    const inner = contiguous ? util.sizeFromShape(x.shape.slice(first + axes.length)) : 0
    const reduced = axes.reduce((size, value) => size * x.shape[value], 1)
    if (x.dtype !== 'float32' || inner < 2 || reduced === 0) return stock(call)
    const outer = util.sizeFromShape(x.shape.slice(0, first))
    const kept = keepDims ? axes.map(() => 1) : []
    const out = allocate([...x.shape.slice(0, first), ...kept, ...x.shape.slice(first + axes.length)])
    const { run } = kernels()
    const [from, to] = [addressOf(x), addressOf(out)]
    for (let i = 0; i < outer; i++) run.sumRows(from + 4 * i * reduced * inner, reduced, inner, mean ? 1 / reduced : 1, to + 4 * i * inner)
    return out
  }
}
