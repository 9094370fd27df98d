import { EmoError } from '@emo/errors'
import { checkOptions, connectWorker, ownBuffer, type WorkerLike } from '@emo/runtime'
import type { SpeechModelCard } from '../modelCard.ts'
import type { SpeechInput, SpeechPrediction } from '../prediction.ts'
import type { SpeechStreamOptions, SpeechStreamPrediction } from '../speechStream.ts'
import type { WeightsName } from '../weightFiles.ts'
import type { Requests } from './messages.ts'

/** A Web Worker or a `Worker` of `node:worker_threads`. */
export type SpeechWorker = WorkerLike

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
 * Errors come back as they were thrown there. When the worker fails or ends, every call rejects with `WORKER_FAILED`; only `terminate()`
 * of a Web Worker is not noticed, as browsers tell nobody.
 *
 * @throws EmoError those of `SpeechEmotionModel.load`, `WORKER_EXPECTED`; `WORKER_FAILED` when the worker itself does not start
 */
export async function connectSpeechWorker(worker: SpeechWorker, options: ConnectOptions = {}): Promise<RemoteSpeechModel> {
  checkOptions(options, "{ weights: 'paper' }")
  const { onProgress, weights } = options
  const call = connectWorker<Requests>(worker, {
    name: 'speech worker',
    unsendable: (reason, cause) => new EmoError('AUDIO_INVALID', `the worker cannot take this: ${reason}`, { cause }),
    onProgress,
  })
  const card = await call('load', { weights })
  return {
    card,
    predict: (input) => call('predict', withoutRest(input)),
    predictBatch: (inputs) => call('predictBatch', Array.isArray(inputs) ? inputs.map(withoutRest) : inputs),
    async createStream(streamOptions) {
      const stream = await call('openStream', streamOptions)
      return {
        push: (chunk) => call('push', { stream, chunk: ownBuffer(chunk) }),
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

/** A recording that is a part of a larger buffer, alone. The declared type is not what every caller gives. */
function withoutRest(input: SpeechInput): SpeechInput {
  const samples = (input as Partial<SpeechInput> | null | undefined)?.samples
  const own = ownBuffer(samples)
  return own === samples ? input : { ...input, samples: own! }
}
