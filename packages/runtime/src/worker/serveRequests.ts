import { EmoError } from '@emo/errors'
import type { AnswerMessage, ErrorMessage, RemoteMethods, ReportProgress, RequestMessage } from './messages.ts'

/** The part of a worker's global scope that is used. */
export interface WorkerPort {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(data: unknown): void
}

/** What a worker does for each method. */
export type RequestHandlers<Methods extends RemoteMethods<Methods>> = {
  readonly [Method in keyof Methods]: (
    argument: Methods[Method]['argument'],
    reportProgress: ReportProgress,
  ) => Methods[Method]['answer'] | Promise<Methods[Method]['answer']>
}

/** The answering end of {@link connectWorker}: one request after the other. Anything on the port that is no request is left alone. */
export function serveRequests<Methods extends RemoteMethods<Methods>>(port: WorkerPort, handlers: RequestHandlers<Methods>): void {
  const post = (message: AnswerMessage): void => port.postMessage(message)
  let last: Promise<void> = Promise.resolve()
  port.addEventListener('message', ({ data }) => {
    if (isRequest(data)) last = last.then(() => answer(data))
  })

  async function answer({ id, method, argument }: RequestMessage): Promise<void> {
    try {
      const handle = handlers[method as keyof Methods]
      const result = await handle(argument, (loaded, total) => post({ id, progress: { loaded, total } }))
      post({ id, result })
    } catch (cause) {
      const error = errorMessage(cause)
      try {
        post({ id, error })
      } catch {
        // What was given may be what cannot be cloned: a function for instance.
        post({ id, error: { ...error, details: undefined } })
      }
    }
  }

  function isRequest(data: unknown): data is RequestMessage {
    const message = data as Partial<RequestMessage> | null
    return (
      typeof message === 'object' && message !== null && typeof message.id === 'number' && Object.hasOwn(handlers, String(message.method))
    )
  }
}

function errorMessage(cause: unknown): ErrorMessage {
  if (cause instanceof EmoError) {
    // Each package bundles its own copy of the class; they have the built-in one or its name in common.
    const range = cause instanceof RangeError || cause.name === 'RangeError'
    return { code: cause.code, message: cause.message, details: cause.details, range }
  }
  return { code: 'WORKER_FAILED', message: cause instanceof Error ? cause.message : String(cause), range: false }
}

interface NodeProcess {
  getBuiltinModule?(name: string): { parentPort: unknown } | undefined
}

/**
 * The other end of a worker: the page in a Web Worker, the main thread in Node.
 *
 * @param name - the worker's module, for the message where it is not in a worker
 */
export function parentPort(name: string): WorkerPort {
  const scope = globalThis as unknown as { postMessage?: unknown; process?: NodeProcess }
  if (typeof scope.postMessage === 'function') return globalThis
  const port = scope.process?.getBuiltinModule?.('node:worker_threads')?.parentPort as
    { on(event: 'message', listener: (data: unknown) => void): void; postMessage(data: unknown): void } | null | undefined
  if (!port) throw new Error(`${name} runs in a worker only: start it as one, and connect to it from where you are`)
  return {
    addEventListener: (_type, listener) => port.on('message', (data) => listener({ data })),
    postMessage: (data) => port.postMessage(data),
  }
}
