import * as tf from '../tf.ts'
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { EmoError } from '@emo/errors'
import { relaxedSimdKernels, simdKernels } from './kernelBinaries.generated.ts'
import type { KernelExports } from './kernelExports.ts'

/** `relaxed-simd` has a fused multiply-add: faster, and rounded once instead of twice. */
export type KernelVariant = 'simd' | 'relaxed-simd'

/** Emscripten's allocator and view of the heap, which the backend's types leave out. */
interface Heap {
  readonly HEAPU8: Uint8Array
  _malloc(bytes: number): number
  _free(address: number): void
}

/** The kernels, bound to the memory of one TensorFlow.js WASM backend. */
export interface KernelModule {
  readonly backend: BackendWasm
  readonly memory: WebAssembly.Memory
  readonly heap: Heap
  readonly variant: KernelVariant
  readonly run: KernelExports
}

/** On the global object, where TensorFlow.js keeps its engine: the ESM and the CommonJS build of this package share the kernels. */
const key = Symbol.for('@emo/runtime/kernels')
const shared = globalThis as { [key]?: KernelModule }

/** The TensorFlow.js WASM backend that is running. Throws `KERNELS_BACKEND` if another backend is. */
function wasmBackend(): BackendWasm {
  if (tf.getBackend() !== 'wasm') {
    throw new EmoError(
      'KERNELS_BACKEND',
      `The fused kernels run on TensorFlow.js' WASM backend; the current backend is '${tf.getBackend()}'. Start the WASM backend first.`,
      { details: { backend: tf.getBackend() } },
    )
  }
  return tf.backend() as BackendWasm
}

/** Emscripten's exports carry the backend's memory; its types do not mention them. */
function memoryOf(backend: BackendWasm): WebAssembly.Memory {
  const { asm } = backend.wasm as unknown as { asm?: { memory?: unknown } }
  if (!(asm?.memory instanceof WebAssembly.Memory)) {
    throw new EmoError('KERNELS_MEMORY', 'This build of the TensorFlow.js WASM backend does not expose its memory; use version 4.22.0.')
  }
  return asm.memory
}

function decode(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}

/**
 * Compiles the kernels for the running WASM backend: the relaxed SIMD variant where the engine accepts it.
 * The module imports the backend's memory, so kernels read and write tensors in place.
 */
export async function loadKernels(variant?: KernelVariant): Promise<KernelModule> {
  const backend = wasmBackend()
  const memory = memoryOf(backend)
  const loaded = shared[key]
  if (loaded?.memory === memory && (variant === undefined || loaded.variant === variant)) return loaded
  const relaxed = decode(relaxedSimdKernels)
  const relaxedRuns = WebAssembly.validate(relaxed)
  if (variant === 'relaxed-simd' && !relaxedRuns) {
    throw new EmoError('KERNELS_UNSUPPORTED', 'This engine has no relaxed SIMD; in Node 20 it takes --experimental-wasm-relaxed-simd.')
  }
  const chosen: KernelVariant = variant ?? (relaxedRuns ? 'relaxed-simd' : 'simd')
  const bytes = chosen === 'relaxed-simd' ? relaxed : decode(simdKernels)
  if (!WebAssembly.validate(bytes)) throw new EmoError('KERNELS_UNSUPPORTED', 'This engine has no WebAssembly SIMD.')
  const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } })
  const module = {
    backend,
    memory,
    heap: backend.wasm as unknown as Heap,
    variant: chosen,
    run: instance.exports as unknown as KernelExports,
  }
  shared[key] = module
  return module
}

/** The loaded kernels. Throws `KERNELS_NOT_LOADED` before `registerKernels` has run for the current backend. */
export function kernels(): KernelModule {
  const active = shared[key]
  if (tf.getBackend() !== 'wasm' || active?.backend !== tf.backend()) {
    wasmBackend()
    throw new EmoError(
      'KERNELS_NOT_LOADED',
      'The fused kernels are not loaded: await registerKernels() after the WASM backend has started.',
    )
  }
  return active
}
