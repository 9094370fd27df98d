import type { ImageInput } from './pixels.ts'
import type { Box } from './resample.ts'

/** A face that a detector found. */
export interface DetectedFace {
  /** Around brows, chin and cheeks, in pixels of the picture; it may reach outside. */
  readonly box: Box
  /** The detector's own confidence, 0 to 1. */
  readonly score: number
}

/** What a caller knows about a picture, for {@link FaceDetector.detect}; a detector may ignore it. */
export interface DetectionHint {
  /** Where faces were a moment ago: look closely there, and only coarsely elsewhere. */
  readonly near?: readonly Box[]
}

/** Finds faces. The package brings {@link TinyFaceDetector}; anything else with this method can be plugged in. */
export interface FaceDetector {
  /** Faces in the order of falling score; an empty list when there is none. */
  detect(image: ImageInput, hint?: DetectionHint): readonly DetectedFace[] | Promise<readonly DetectedFace[]>
  /** Frees what the detector holds. */
  dispose?(): void
}
