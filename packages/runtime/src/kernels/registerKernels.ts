import { getKernel, registerKernel, unregisterKernel } from '../tf.ts'
import { convolutionKernels } from './convolutionKernels.ts'
import { registerLayers } from '../layers/registerLayers.ts'
import { loadKernels, type KernelVariant } from './kernelModule.ts'

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
    for (const config of convolutionKernels) {
      // TensorFlow.js warns about a second registration under one name.
      if (getKernel(config.kernelName, 'wasm')) unregisterKernel(config.kernelName, 'wasm')
      registerKernel(config)
    }
    registerLayers()
    registered = true
  }
  return variant
}
