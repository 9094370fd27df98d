import { EmoError, EmoRangeError } from '@emo/errors'
import type { AnswerMessage, ErrorMessage, RemoteMethods, ReportProgress, RequestMessage } from './messages.ts'

/** A Web Worker or a `Worker` of `node:worker_threads`. */
export type WorkerLike =
  | {
      postMessage(data: unknown): void
      addEventListener(type: 'message' | 'messageerror' | 'error', listener: (event: { data?: unknown; message?: string }) => void): void
    }
  | {
      postMessage(data: unknown): void
      on(event: 'message' | 'messageerror' | 'error' | 'exit', listener: (data: unknown) => void): unknown
      /** -1 once it has ended. */
      readonly threadId?: number
    }

/** What {@link connectWorker} takes. */
export interface ConnectWorkerOptions {
  /** The worker's name in messages, e.g. `speech worker`. */
  readonly name: string
  /** Error for an argument that cannot be cloned, a function for instance. */
  readonly unsendable: (reason: string, cause: unknown) => EmoError
  readonly onProgress?: ReportProgress
}

/**
 * Calls a method in the worker. Rejects with the worker's own `EmoError`s; with `WORKER_FAILED` when the worker fails or ends, and from
 * then on at once. Only `terminate()` of a Web Worker is not noticed: browsers tell nobody.
 */
export type CallWorker<Methods extends RemoteMethods<Methods>> = <Method extends keyof Methods>(
  method: Method,
  argument: Methods[Method]['argument'],
) => Promise<Methods[Method]['answer']>

/**
 * The calling end of a worker that runs {@link serveRequests}.
 *
 * @throws {@link EmoError} `WORKER_EXPECTED` for what is no worker
 */
export function connectWorker<Methods extends RemoteMethods<Methods>>(
  worker: WorkerLike,
  options: ConnectWorkerOptions,
): CallWorker<Methods> {
  const { name, unsendable, onProgress } = options
  // The declared type is not what every caller gives.
  const given = worker as Partial<Record<'addEventListener' | 'on', unknown>> | null | undefined
  if (typeof given?.addEventListener !== 'function' && typeof given?.on !== 'function') {
    throw new EmoError('WORKER_EXPECTED', `this is no worker; give the ${name} as a Worker of the browser or of node:worker_threads`)
  }
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: unknown) => void }>()
  let lastId = 0
  /** Why the worker answers no more. */
  let ended: EmoError | undefined
  const receive = (data: unknown): void => {
    const message = data as AnswerMessage
    const request = waiting.get(message.id)
    if (request === undefined) return
    if ('progress' in message) {
      onProgress?.(message.progress.loaded, message.progress.total)
      return
    }
    waiting.delete(message.id)
    if ('error' in message) request.reject(errorOf(message.error))
    else request.resolve(message.result as never)
  }
  const fail = (reason: string): EmoError => {
    const error = new EmoError('WORKER_FAILED', `the ${name} failed: ${reason}`)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
    return error
  }
  const end = (reason: string): void => {
    // An error comes before the exit it leads to, and says more.
    ended ??= fail(reason)
  }
  // It does not say whose answer it was; the worker itself goes on.
  const unreadable = (): void => void fail('an answer of it cannot be read here')
  if ('addEventListener' in worker) {
    worker.addEventListener('message', (event) => receive(event.data))
    worker.addEventListener('messageerror', unreadable)
    worker.addEventListener('error', (event) => end(event.message ?? 'it could not be started'))
  } else {
    worker.on('message', receive)
    worker.on('messageerror', unreadable)
    worker.on('error', (error) => end(error instanceof Error ? error.message : String(error)))
    worker.on('exit', (code) => end(`it ended with exit code ${String(code)}; start a new one`))
    // No event tells of an end before now.
    if (worker.threadId === -1) end('it has ended; start a new one')
  }
  return (method, argument) =>
    new Promise((resolve, reject) => {
      if (ended) {
        reject(ended)
        return
      }
      const id = ++lastId
      waiting.set(id, { resolve, reject })
      try {
        worker.postMessage({ id, method: method as string, argument } satisfies RequestMessage)
      } catch (cause) {
        waiting.delete(id)
        reject(unsendable(cause instanceof Error ? cause.message : String(cause), cause))
      }
    })
}

function errorOf({ code, message, details, range }: ErrorMessage): EmoError {
  return new (range ? EmoRangeError : EmoError)(code, message, { details })
}
