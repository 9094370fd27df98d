import { EmoError } from '@emo/errors'
import type { FaceModelCard } from '../faceModelCard.ts'
import type { DetectedEmotion, FacePrediction } from '../facePrediction.ts'
import type { TinyFaceDetectorOptions } from '../tinyFaceDetector.ts'
import type { WeightsName } from '../weightFiles.ts'
import type { AnswerMessage, RequestMessage, Requests, SendableImage } from './messages.ts'

/** A Web Worker or a `Worker` of `node:worker_threads`. */
export type FaceWorker =
  | {
      postMessage(data: unknown): void
      addEventListener(type: 'message' | 'error', listener: (event: { data?: unknown; message?: string }) => void): void
    }
  | { postMessage(data: unknown): void; on(event: 'message' | 'error', listener: (data: unknown) => void): unknown }

/** What {@link connectFaceWorker} takes. */
export interface ConnectOptions {
  readonly weights?: WeightsName
  /** Options of the detector in the package; false: none. */
  readonly detector?: TinyFaceDetectorOptions | false
  readonly onProgress?: (loaded: number, total: number | undefined) => void
}

/** A `FaceEmotionModel` that lives in a worker: the same calls, each with a promise. */
export interface RemoteFaceModel {
  readonly card: FaceModelCard
  /** As `FaceEmotionModel.predict`. */
  predict(image: SendableImage): Promise<FacePrediction>
  /** As `FaceEmotionModel.predictBatch`. */
  predictBatch(images: readonly SendableImage[]): Promise<FacePrediction[]>
  /** As `FaceEmotionModel.detect`. */
  detect(image: SendableImage): Promise<DetectedEmotion[]>
  /** Frees the model in the worker; the worker itself is the caller's to end. */
  dispose(): Promise<void>
}

/**
 * Loads a model in a worker that runs `@emo/face-model/worker`, so that the page stays free.
 *
 * @throws EmoError those of `FaceEmotionModel.load`; `WORKER_FAILED` when the worker itself does not start
 */
export async function connectFaceWorker(worker: FaceWorker, options: ConnectOptions = {}): Promise<RemoteFaceModel> {
  const { onProgress, weights, detector } = options
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: unknown) => void }>()
  let lastId = 0
  const receive = (data: unknown): void => {
    const message = data as AnswerMessage
    const request = waiting.get(message.id)
    if (request === undefined) return
    if ('progress' in message) {
      onProgress?.(message.progress.loaded, message.progress.total)
      return
    }
    waiting.delete(message.id)
    if ('error' in message) request.reject(new EmoError(message.error.code, message.error.message))
    else request.resolve(message.result)
  }
  const fail = (reason: string): void => {
    const error = new EmoError('WORKER_FAILED', `The face worker failed: ${reason}.`)
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }
  if ('addEventListener' in worker) {
    worker.addEventListener('message', (event) => {
      receive(event.data)
    })
    worker.addEventListener('error', (event) => {
      fail(event.message ?? 'it could not be started')
    })
  } else {
    worker.on('message', receive)
    worker.on('error', (error) => {
      fail(error instanceof Error ? error.message : String(error))
    })
  }
  const call = <Method extends keyof Requests>(method: Method, argument: Requests[Method]['argument']): Promise<Requests[Method]['answer']> =>
    new Promise((resolve, reject) => {
      const id = ++lastId
      waiting.set(id, {
        resolve: (result) => {
          resolve(result as Requests[Method]['answer'])
        },
        reject,
      })
      try {
        worker.postMessage({ id, method, argument } satisfies RequestMessage<Method>)
      } catch (cause) {
        // Something that cannot be cloned: a canvas, a video, a function.
        waiting.delete(id)
        const reason = cause instanceof Error ? cause.message : String(cause)
        reject(new EmoError('IMAGE_UNSUPPORTED', `A worker takes decoded pixels, ImageData or an ImageBitmap: ${reason}`, { cause }))
      }
    })

  const card = await call('load', { weights, detector })
  return {
    card,
    predict: (image) => call('predict', image),
    predictBatch: (images) => call('predictBatch', images),
    detect: (image) => call('detect', image),
    dispose: async () => {
      await call('dispose', null)
    },
  }
}
