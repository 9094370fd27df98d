import { FaceEmotionModel, FaceTracker, TinyFaceDetector } from '@emo/face-model'
import type { FrameReport } from '../workers/protocol.ts'
import { FollowingDetector } from './followingDetector.ts'

/** Smallest face looked for, in pixels of a picture of the camera: who is further away is not meant. */
const MIN_FACE_SIZE = 40
/** How often the whole picture is searched for new faces, seconds. */
const SEARCH_SECONDS = 1

/** The faces of a camera, followed from picture to picture. */
export interface LiveFaces {
  /** @param time - seconds; must not fall */
  update(bitmap: ImageBitmap, time: number): FrameReport
  dispose(): void
}

/** Starts following; the network stays the model's own. */
export async function createLiveFaces(model: FaceEmotionModel): Promise<LiveFaces> {
  const detector = await TinyFaceDetector.load({ minFaceSize: MIN_FACE_SIZE })
  const live = new FaceEmotionModel(model.network, model.metadata, new FollowingDetector(detector))
  const tracker = new FaceTracker(live, { searchSeconds: SEARCH_SECONDS })
  return {
    update(bitmap, time) {
      const started = performance.now()
      const faces = tracker.update(bitmap, time)
      bitmap.close()
      return {
        faces: faces.map(({ box, emotion, confidence, scores }) => ({ box, emotion, confidence, scores })),
        milliseconds: performance.now() - started,
      }
    },
    dispose: () => detector.dispose(),
  }
}
