/* The child process of one training run: takes a RunRequest over the channel, answers `done` or `failed`. */
import { setFlagsFromString } from 'node:v8'
import { isMainThread } from 'node:worker_threads'
import type { RunRequest } from './trainRun.ts'

// Fused multiply-add in WebAssembly is behind a flag in Node 20 and on by default later.
if (isMainThread) setFlagsFromString('--experimental-wasm-relaxed-simd')

process.once('message', (request: RunRequest) => {
  void (async () => {
    try {
      const { trainRun } = await import('./trainRun.ts')
      await trainRun(request)
      process.send!({ type: 'done' }, () => process.exit(0))
    } catch (error) {
      const { code, message, stack } = error as { code?: string; message: string; stack?: string }
      process.send!({ type: 'failed', code, message, stack }, () => process.exit(code === 'TRAINING_INTERRUPTED' ? 130 : 1))
    }
  })()
})
