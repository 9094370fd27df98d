import { EmoError } from '@emo/errors'
import type { AnswerMessage, RemoteMethods, ReportProgress, RequestMessage } from './messages.ts'

/** A Web Worker or a `Worker` of `node:worker_threads`. */
export type WorkerLike =
  | {
      postMessage(data: unknown): void
      addEventListener(type: 'message' | 'error', listener: (event: { data?: unknown; message?: string }) => void): void
    }
  | { postMessage(data: unknown): void; on(event: 'message' | 'error', listener: (data: unknown) => void): unknown }

/** What {@link connectWorker} takes. */
export interface ConnectWorkerOptions {
  /** The worker's name in messages, e.g. `speech worker`. */
  readonly name: string
  /** Error for an argument that cannot be cloned, a function for instance. */
  readonly unsendable: (reason: string, cause: unknown) => EmoError
  readonly onProgress?: ReportProgress
}

/** Calls a method in the worker. Rejects with the worker's own `EmoError`s, with `WORKER_FAILED` when the worker fails. */
export type CallWorker<Methods extends RemoteMethods<Methods>> = <Method extends keyof Methods>(
  method: Method,
  argument: Methods[Method]['argument'],
) => Promise<Methods[Method]['answer']>

/** The calling end of a worker that runs {@link serveRequests}. */
export function connectWorker<Methods extends RemoteMethods<Methods>>(
  worker: WorkerLike,
  options: ConnectWorkerOptions,
): CallWorker<Methods> {
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: unknown) => void }>()
  let lastId = 0
  const receive = (data: unknown): void => {
    const message = data as AnswerMessage
    const request = waiting.get(message.id)
    if (request === undefined) return
    if ('progress' in message) {
      options.onProgress?.(message.progress.loaded, message.progress.total)
      return
    }
    waiting.delete(message.id)
    if ('error' in message) request.reject(new EmoError(message.error.code, message.error.message))
    else request.resolve(message.result as never)
  }
  const fail = (reason: string): void => {
    const error = new EmoError('WORKER_FAILED', `the ${options.name} failed: ${reason}`)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  if ('addEventListener' in worker) {
    worker.addEventListener('message', (event) => receive(event.data))
    worker.addEventListener('error', (event) => fail(event.message ?? 'it could not be started'))
  } else {
    worker.on('message', receive)
    worker.on('error', (error) => fail(error instanceof Error ? error.message : String(error)))
  }
  return (method, argument) =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      try {
        worker.postMessage({ id, method: method as string, argument } satisfies RequestMessage)
      } catch (cause) {
        waiting.delete(id)
        reject(options.unsendable(cause instanceof Error ? cause.message : String(cause), cause))
      }
    })
}
