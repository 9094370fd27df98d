import { FaceEmotionModel, FaceTracker, TinyFaceDetector } from '@emo/face-model'
import type { FrameReport } from '../workers/protocol.ts'
import { FollowingDetector } from './followingDetector.ts'
import { FRAME_SIDE, framePixels } from './framePixels.ts'
import { frameReport } from './frameReport.ts'
import { loadOnce } from './loadOnce.ts'

/** Smallest face looked for, in pixels of a picture of the camera: who is further away is not meant. */
const MIN_FACE_SIZE = FRAME_SIDE / 12
/** How often the whole picture is searched for new faces, seconds. */
const SEARCH_SECONDS = 1

/** The faces of a camera, followed from picture to picture. */
export interface LiveFaces {
  /** @param time - seconds; must not fall */
  update(frame: VideoFrame | ImageBitmap, time: number): Promise<FrameReport>
}

/** The detector of every camera; loaded once, so that the next start is quicker. */
export const loadDetector = loadOnce(() => TinyFaceDetector.load({ minFaceSize: MIN_FACE_SIZE }))

/** Runs detector and network once: what they compile on first use is then there before the camera is. */
export async function warmUpFaces(model: FaceEmotionModel): Promise<void> {
  const faces = await createLiveFaces(model)
  await faces.update(await createImageBitmap(new ImageData(FRAME_SIDE, 0.75 * FRAME_SIDE)), 0)
  model.predict({ data: new Uint8ClampedArray(64 * 64).map((_, i) => (i * 37) % 256), width: 64, height: 64, channels: 1 })
}

/** Starts following; network and detector outlive it. */
export async function createLiveFaces(model: FaceEmotionModel): Promise<LiveFaces> {
  const detector = await loadDetector()
  const live = new FaceEmotionModel(model.network, model.metadata, new FollowingDetector(detector))
  const tracker = new FaceTracker(live, { searchSeconds: SEARCH_SECONDS })
  const update = async (frame: VideoFrame | ImageBitmap, time: number): Promise<FrameReport> => {
    const started = performance.now()
    try {
      const picture = await framePixels(frame)
      return frameReport(tracker.update(picture, time), picture, started)
    } finally {
      frame.close()
    }
  }
  // One picture after the other, in the order they came: time must not fall, and there is one buffer.
  let last: Promise<unknown> = Promise.resolve()
  return {
    update(frame, time) {
      const next = last.then(() => update(frame, time))
      last = next.catch(() => undefined)
      return next
    },
  }
}
