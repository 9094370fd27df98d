import type { FaceModelCard } from '../faceModelCard.ts'
import type { DetectedEmotion, FacePrediction } from '../facePrediction.ts'
import type { RawImage } from '../pixels.ts'
import type { TinyFaceDetectorOptions } from '../tinyFaceDetector.ts'
import type { WeightsName } from '../weightFiles.ts'

/** Pictures that can be sent to a worker: decoded pixels, `ImageData` or, in browsers, an `ImageBitmap` or a `VideoFrame`. The worker gets a copy of its own, and closes that. */
export type SendableImage = RawImage | ImageData | ImageBitmap | VideoFrame

/** What the page asks of the worker. */
export interface Requests {
  load: {
    readonly argument: { readonly weights?: WeightsName; readonly detector?: TinyFaceDetectorOptions | false; readonly mirrored?: boolean }
    readonly answer: FaceModelCard
  }
  predict: { readonly argument: SendableImage; readonly answer: FacePrediction }
  predictBatch: { readonly argument: readonly SendableImage[]; readonly answer: FacePrediction[] }
  detect: { readonly argument: SendableImage; readonly answer: DetectedEmotion[] }
  dispose: { readonly argument: null; readonly answer: null }
}
