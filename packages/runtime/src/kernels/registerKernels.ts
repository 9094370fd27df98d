import { registerLayers } from '../layers/registerLayers.ts'
import * as tf from '../tf.ts'
import { conv2dForward } from './conv2dForward.ts'
import { conv2dFilterGradient, conv2dInputGradient } from './conv2dGradients.ts'
import { loadKernels, type KernelVariant } from './kernelModule.ts'
import { maxPoolGradient } from './maxPoolGradient.ts'
import { packedMatMul } from './packedMatMul.ts'
import { reduceInnerAxes } from './reductionKernels.ts'
import { reverseRows } from './reverseRows.ts'
import { shareIdentity } from './shareIdentity.ts'

let registered = false

/**
 * Loads the SIMD kernels into the running TensorFlow.js WASM backend and registers them under TensorFlow.js' kernel names,
 * so that convolutional networks train on it, and makes the fused layers known to model loading.
 * Call it once the backend is ready; calling it again costs nothing.
 *
 * @param options - `variant` forces one build of the kernels; by default the fastest that the engine accepts runs
 * @returns which build runs
 * @throws {@link EmoError} `KERNELS_BACKEND` if another backend is active, `KERNELS_UNSUPPORTED` if the engine lacks SIMD
 */
export async function registerKernels(options: { readonly variant?: KernelVariant } = {}): Promise<KernelVariant> {
  const { variant } = await loadKernels(options.variant)
  if (!registered) {
    registerLayers()
    replaceKernel(tf.Conv2DBackpropFilter, () => conv2dFilterGradient)
    replaceKernel(tf.Conv2DBackpropInput, () => conv2dInputGradient)
    replaceKernel(tf.Conv2D, conv2dForward)
    replaceKernel(tf.FusedConv2D, conv2dForward)
    replaceKernel(tf.BatchMatMul, packedMatMul)
    replaceKernel(tf.Sum, (stock) => reduceInnerAxes(stock, false))
    replaceKernel(tf.Mean, (stock) => reduceInnerAxes(stock, true))
    replaceKernel(tf.MaxPoolGrad, maxPoolGradient)
    replaceKernel(tf.Reverse, reverseRows)
    replaceKernel(tf.Identity, () => shareIdentity)
    registered = true
  }
  return variant
}

/** Registers a kernel that may fall back on the one it takes the place of. */
function replaceKernel(kernelName: string, create: (stock: tf.KernelFunc) => tf.KernelFunc): void {
  const stock = tf.getKernel(kernelName, 'wasm') as tf.KernelConfig | undefined
  // TensorFlow.js warns about a second registration under one name.
  if (stock) tf.unregisterKernel(kernelName, 'wasm')
  const missing: tf.KernelFunc = () => {
    throw new Error(`The WASM backend has no kernel '${kernelName}'.`)
  }
  // The stock kernel's set-up must still run when the backend starts again.
  tf.registerKernel({ ...stock, kernelName, backendName: 'wasm', kernelFunc: create(stock?.kernelFunc ?? missing) })
}
