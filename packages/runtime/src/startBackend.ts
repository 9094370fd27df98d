import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm'
import * as tf from '@tensorflow/tfjs-core'
import { EmoError } from '@emo/errors'
import { registerKernels } from './kernels/registerKernels.ts'
import { nodeBuiltin } from './nodeBuiltins.ts'

/** On the global object because TensorFlow.js keeps its engine there too: ESM and CommonJS copies of this module start it together. */
const key = Symbol.for('@emo/runtime/backend')
const shared = globalThis as { [key]?: Promise<void> }

/**
 * Starts TensorFlow.js' WebAssembly backend (SIMD, one thread), makes it the current one and registers the kernels of this package.
 *
 * Works in Node (main thread and worker threads), browsers and Web Workers. The WebAssembly file lies beside this module, so no path
 * has to be set. Any number of calls, concurrent ones too, start it once; a failed start may be tried again.
 *
 * @throws {@link EmoError} `SIMD_UNSUPPORTED` when the machine or browser has no WebAssembly SIMD;
 * `BACKEND_START_FAILED` when the WebAssembly file cannot be read or started
 */
export async function startBackend(): Promise<void> {
  const environment = tf.env()
  if (!(await environment.getAsync('WASM_HAS_SIMD_SUPPORT'))) {
    throw new EmoError(
      'SIMD_UNSUPPORTED',
      'this JavaScript engine has no WebAssembly SIMD: use Node 20 or later, Chrome 91, Firefox 89 or Safari 16.4 or later',
    )
  }
  // Threads need SharedArrayBuffer and thus special headers in browsers, and are not there in Node: one behaviour everywhere.
  environment.set('WASM_HAS_MULTITHREAD_SUPPORT', false)
  // TensorFlow.js names the backend before it is ready.
  if (tf.getBackend() !== 'wasm') shared[key] ??= startWasm().finally(() => delete shared[key])
  await (shared[key] ?? tf.ready())
  await registerKernels()
}

async function startWasm(): Promise<void> {
  const url = wasmUrl()
  const listeners = processListeners()
  let cause: unknown
  try {
    setWasmPaths({
      'tfjs-backend-wasm.wasm': url,
      'tfjs-backend-wasm-simd.wasm': url,
      'tfjs-backend-wasm-threaded-simd.wasm': url,
    })
    if (await tf.setBackend('wasm')) return
  } catch (error) {
    cause = error
  } finally {
    listeners.restore()
  }
  throw new EmoError('BACKEND_START_FAILED', `TensorFlow.js' WebAssembly backend did not start from ${url}`, {
    cause,
    details: { url },
  })
}

/** Where the WebAssembly file is: beside the built module; on sources, and in Node programs bundled into one file, in the dependency. */
function wasmUrl(): string {
  const beside = new URL('./tfjs-backend-wasm-simd.wasm', import.meta.url)
  const fs = nodeBuiltin('node:fs')
  if (fs === undefined || beside.protocol !== 'file:' || fs.existsSync(beside)) return beside.href
  const { createRequire } = nodeBuiltin('node:module')!
  const { pathToFileURL } = nodeBuiltin('node:url')!
  const path = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm')
  return pathToFileURL(path).href
}

/** Emscripten's start-up code adds handlers that turn any unhandled rejection of the host program into a crash of their own: take them out. */
function processListeners(): { restore(): void } {
  const events = ['uncaughtException', 'unhandledRejection'] as const
  const { process } = globalThis as { process?: NodeJS.EventEmitter }
  if (typeof process?.listeners !== 'function') return { restore: () => undefined }
  const before = new Map(events.map((event) => [event, new Set(process.listeners(event))]))
  return {
    restore() {
      for (const event of events) {
        for (const listener of process.listeners(event)) {
          if (!before.get(event)!.has(listener)) process.removeListener(event, listener as (...values: unknown[]) => void)
        }
      }
    },
  }
}
