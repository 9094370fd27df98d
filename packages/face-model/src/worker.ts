/**
 * The ready-made worker: `new Worker(new URL('@emo/face-model/worker', import.meta.url), { type: 'module' })` in a bundler,
 * `new Worker(new URL(import.meta.resolve('@emo/face-model/worker')))` from `node:worker_threads` in Node. Talk to it through `connectFaceWorker`.
 *
 * @packageDocumentation
 */
import { serveFaceModel, type WorkerPort } from './worker/serveFaceModel.ts'

interface NodeProcess {
  getBuiltinModule?(name: string): { parentPort: unknown } | undefined
}

/** The other end: the page in a Web Worker, the main thread in Node. */
function parentPort(): WorkerPort {
  const scope = globalThis as unknown as { postMessage?: unknown; process?: NodeProcess }
  if (typeof scope.postMessage === 'function') return globalThis
  const port = scope.process?.getBuiltinModule?.('node:worker_threads')?.parentPort as
    | { on(event: 'message', listener: (data: unknown) => void): void; postMessage(data: unknown): void }
    | null
    | undefined
  if (!port) throw new Error('@emo/face-model/worker runs in a worker only: import connectFaceWorker where you are')
  return {
    addEventListener: (_type, listener) => {
      port.on('message', (data) => {
        listener({ data })
      })
    },
    postMessage: (data) => {
      port.postMessage(data)
    },
  }
}

serveFaceModel(parentPort())
