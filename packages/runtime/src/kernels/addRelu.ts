import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate } from './tensorMemory.ts'

/**
 * `max(a + b, 0)` in one pass, forward and backward: the end of a residual block.
 *
 * @param a - float32, any shape
 * @param b - float32, the shape of a (no broadcasting)
 * @throws {@link EmoError} `ADD_RELU_SHAPE` if shapes or types differ
 */
export function addRelu<T extends tf.Tensor>(a: T, b: T): T {
  if (a.dtype !== 'float32' || b.dtype !== 'float32' || !tf.util.arraysEqual(a.shape, b.shape)) {
    throw new EmoError(
      'ADD_RELU_SHAPE',
      `addRelu takes two float32 tensors of one shape, got ${a.dtype} [${a.shape.join()}] and ${b.dtype} [${b.shape.join()}].`,
    )
  }
  const compute = tf.customGrad((...args) => {
    const save = args.pop() as tf.GradSaveFunc
    const sum = allocate(a.shape)
    kernels().run.addRelu(addressOf(a), addressOf(b), a.size, addressOf(sum))
    const value = tf.engine().makeTensorFromTensorInfo(sum)
    save([value])
    const gradFunc = (dy: tf.Tensor, [y]: tf.Tensor[]) => {
      const dx = allocate(y.shape)
      kernels().run.reluGradient(addressOf(y), addressOf(dy), y.size, addressOf(dx))
      const gradient = tf.engine().makeTensorFromTensorInfo(dx)
      return [gradient, tf.clone(gradient)]
    }
    return { value, gradFunc }
  })
  return compute(a, b) as T
}
