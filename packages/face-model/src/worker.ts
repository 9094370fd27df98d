/**
 * The ready-made worker. Bundlers take it through a file of your own, `worker.js` with `import '@emo/face-model/worker'`, started by
 * `new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`; Node's `worker_threads` take
 * `new Worker(new URL(import.meta.resolve('@emo/face-model/worker')))`. Talk to it through `connectFaceWorker`.
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
