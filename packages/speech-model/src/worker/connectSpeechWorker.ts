import { EmoError } from '@emo/errors'
import type { SpeechModelCard } from '../modelCard.ts'
import type { SpeechInput, SpeechPrediction } from '../prediction.ts'
import type { SpeechStreamOptions, SpeechStreamPrediction } from '../speechStream.ts'
import type { WeightsName } from '../weightFiles.ts'
import type { AnswerMessage, RequestMessage, Requests } from './messages.ts'

/** A Web Worker or a `Worker` of `node:worker_threads`. */
export type SpeechWorker =
  | {
      postMessage(data: unknown): void
      addEventListener(type: 'message' | 'error', listener: (event: { data?: unknown; message?: string }) => void): void
    }
  | { postMessage(data: unknown): void; on(event: 'message' | 'error', listener: (data: unknown) => void): unknown }

/** What {@link connectSpeechWorker} takes. */
export interface ConnectOptions {
  readonly weights?: WeightsName
  readonly onProgress?: (loaded: number, total: number | undefined) => void
}

/** A `SpeechEmotionModel` that lives in a worker: the same calls, each with a promise. */
export interface RemoteSpeechModel {
  readonly card: SpeechModelCard
  /** As `SpeechEmotionModel.predict`. */
  predict(input: SpeechInput): Promise<SpeechPrediction>
  /** As `SpeechEmotionModel.predictBatch`. */
  predictBatch(inputs: readonly SpeechInput[]): Promise<SpeechPrediction[]>
  /** As `SpeechEmotionModel.createStream`. */
  createStream(options: SpeechStreamOptions): Promise<RemoteSpeechStream>
  /** Frees the model in the worker; the worker itself is the caller's to end. */
  dispose(): Promise<void>
}

/** A `SpeechStream` that lives in a worker. */
export interface RemoteSpeechStream {
  push(chunk: Float32Array): Promise<SpeechStreamPrediction[]>
  close(): Promise<void>
}

/**
 * Loads a model in a worker that runs `@emo/speech-model/worker`, so that the page stays free.
 *
 * @throws EmoError those of `SpeechEmotionModel.load`, `WORKER_FAILED` when the worker itself does not start
 */
export async function connectSpeechWorker(worker: SpeechWorker, options: ConnectOptions = {}): Promise<RemoteSpeechModel> {
  const { onProgress, weights } = options
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: unknown) => void }>()
  let lastId = 0
  const receive = (data: unknown) => {
    const message = data as AnswerMessage
    const request = waiting.get(message.id)
    if (!request) return
    if ('progress' in message) {
      onProgress?.(message.progress.loaded, message.progress.total)
      return
    }
    waiting.delete(message.id)
    if ('error' in message) request.reject(new EmoError(message.error.code, message.error.message))
    else request.resolve(message.result)
  }
  const fail = (reason: string) => {
    const error = new EmoError('WORKER_FAILED', `the speech worker failed: ${reason}`)
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
  const call = <Method extends keyof Requests>(method: Method, argument: Requests[Method]['argument']) =>
    new Promise<Requests[Method]['answer']>((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
      try {
        worker.postMessage({ id, method, argument } satisfies RequestMessage<Method>)
      } catch (error) {
        // Something that cannot be cloned, a function for instance.
        waiting.delete(id)
        reject(new EmoError('AUDIO_INVALID', `the worker cannot take this: ${(error as Error).message}`, { cause: error }))
      }
    })

  const card = await call('load', { weights })
  return {
    card,
    predict: (input) => call('predict', input),
    predictBatch: (inputs) => call('predictBatch', inputs),
    async createStream(streamOptions) {
      const stream = await call('openStream', streamOptions)
      return {
        push: (chunk) => call('push', { stream, chunk }),
        close: async () => {
          await call('closeStream', { stream })
        },
      }
    },
    dispose: async () => {
      await call('dispose', null)
    },
  }
}
