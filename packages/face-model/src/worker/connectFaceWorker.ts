import { EmoError } from '@emo/errors'
import { checkOptions, connectWorker, describeValue, ownBuffer, type WorkerLike } from '@emo/runtime'
import type { FaceModelCard } from '../faceModelCard.ts'
import type { DetectedEmotion, FacePrediction } from '../facePrediction.ts'
import { isNumbers, type RawImage } from '../pixels.ts'
import type { TinyFaceDetectorOptions } from '../tinyFaceDetector.ts'
import type { WeightsName } from '../weightFiles.ts'
import type { Requests, SendableImage } from './messages.ts'

/** A Web Worker or a `Worker` of `node:worker_threads`. */
export type FaceWorker = WorkerLike

/** What {@link connectFaceWorker} takes. */
export interface ConnectOptions {
  readonly weights?: WeightsName
  /** Options of the detector in the package; false: none. */
  readonly detector?: TinyFaceDetectorOptions | false
  /** As for `FaceEmotionModel.load`. */
  readonly mirrored?: boolean
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
 * Errors come back as they were thrown there. A detector of one's own cannot be sent: `DETECTOR_INVALID`. When the worker fails or ends, every call rejects with `WORKER_FAILED`; only `terminate()`
 * of a Web Worker is not noticed, as browsers tell nobody.
 *
 * @throws EmoError those of `FaceEmotionModel.load`, `WORKER_EXPECTED`; `WORKER_FAILED` when the worker itself does not start
 */
export async function connectFaceWorker(worker: FaceWorker, options: ConnectOptions = {}): Promise<RemoteFaceModel> {
  checkOptions(options, "{ weights: 'paper' }")
  const { onProgress, weights, detector, mirrored } = options
  checkSendable(detector)
  const call = connectWorker<Requests>(worker, {
    name: 'face worker',
    // A canvas, a video, a function.
    unsendable: (reason, cause) =>
      new EmoError('IMAGE_UNSUPPORTED', `A worker takes decoded pixels, ImageData, an ImageBitmap or a VideoFrame: ${reason}`, { cause }),
    onProgress,
  })
  const card = await call('load', { weights, detector, mirrored })
  return {
    card,
    predict: (image) => call('predict', withoutRest(image)),
    predictBatch: (images) => call('predictBatch', Array.isArray(images) ? images.map(withoutRest) : images),
    detect: (image) => call('detect', withoutRest(image)),
    dispose: async () => {
      await call('dispose', null)
    },
  }
}

/** The declared type is not what every caller gives. */
function checkSendable(detector: unknown): void {
  const hasMethods = typeof detector === 'function' || (typeof detector === 'object' && detector !== null && 'detect' in detector)
  if (!hasMethods) return
  throw new EmoError(
    'DETECTOR_INVALID',
    `detector is ${describeValue(detector)}, which cannot be sent to a worker; give options such as { minFaceSize: 48 }, or false.`,
  )
}

/** A picture that is a part of a larger buffer, alone: a message takes whole buffers. */
function withoutRest(image: SendableImage): SendableImage {
  const { data, width, height, channels }: Partial<RawImage> = (image as unknown) ?? {}
  if (!isNumbers(data)) return image
  const own = ownBuffer(data)
  return own === data ? image : ({ data: own, width, height, channels } as RawImage)
}
