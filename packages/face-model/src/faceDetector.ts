import { EmoError } from '@emo/errors'
import { describeValue } from '@emo/runtime'
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

/**
 * What a detector answered, checked, in the order of falling score: it may be anybody's.
 *
 * @throws EmoError `DETECTOR_FAILED`
 */
export function checkFaces(faces: unknown): readonly DetectedFace[] {
  if (!Array.isArray(faces))
    throw new EmoError('DETECTOR_FAILED', `The face detector answered ${describeValue(faces)} instead of a list of faces.`, {
      details: { faces },
    })
  for (const face of faces as readonly (Partial<DetectedFace> | null | undefined)[]) checkFace(face)
  return [...(faces as readonly DetectedFace[])].sort((a, b) => b.score - a.score)
}

function checkFace(face: Partial<DetectedFace> | null | undefined): void {
  const { x, y, width, height }: Partial<Box> = face?.box ?? {}
  const numbers = { x, y, width, height, score: face?.score }
  if (Object.values(numbers).every(Number.isFinite) && width! > 0 && height! > 0) return
  const given = Object.entries(numbers).map(([name, value]) => `${name} ${describeValue(value)}`)
  throw new EmoError(
    'DETECTOR_FAILED',
    `A face is { box: { x, y, width, height }, score } with finite numbers and a box that is not empty; the face detector answered ${given.join(', ')}.`,
    { details: { face } },
  )
}

/**
 * Makes sure that what is given as a detector is one, options for the one in the package, or false. The declared type is not what every caller gives.
 *
 * @throws EmoError `DETECTOR_INVALID`
 */
export function checkDetectorOption(detector: unknown): void {
  if (detector === false) return
  const methods = typeof detector === 'object' && detector !== null && (!('detect' in detector) || typeof detector.detect === 'function')
  if (!methods) {
    throw new EmoError(
      'DETECTOR_INVALID',
      `detector is ${describeValue(detector)}; give an object with detect(image), options such as { minFaceSize: 48 }, or false.`,
    )
  }
}

/** A detector's own error as one of this package's; errors about the picture stay as they are. */
export function detectorError(cause: unknown): EmoError {
  if (cause instanceof EmoError) return cause
  return new EmoError('DETECTOR_FAILED', `The face detector failed: ${cause instanceof Error ? cause.message : describeValue(cause)}`, {
    cause,
  })
}
