import type { KernelFunc, TensorInfo } from '../tf.ts'
import { kernels } from './kernelModule.ts'

/**
 * Identity without a copy. The WASM backend's own copies the whole tensor, and every tensor saved for a gradient passes through it;
 * values are immutable and their memory is counted, so sharing is safe (the CPU and WebGL backends share, and so does this one's Reshape).
 */
export const shareIdentity: KernelFunc = ({ inputs }) => {
  const { dataId, shape, dtype } = (inputs as { x: TensorInfo }).x
  kernels().backend.incRef(dataId)
  return { dataId, shape, dtype }
}
