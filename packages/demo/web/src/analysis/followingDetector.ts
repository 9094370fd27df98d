import { opticalFlow, type DetectedFace, type DetectionHint, type FaceDetector, type ImageInput, type Point } from '@emo/face-model'

/** Of so many pictures with known faces, one is looked at by the detector; in the others the faces are followed. */
const LOOK_EVERY = 4
/** Side of the grey square around a face that its motion is read from, in pixels, and as a multiple of the face. */
const PATCH = 64
const PATCH_SCALE = 1.6
/** Points followed in a face, in parts of its box: brows, eyes, nose, mouth. */
const POINTS: readonly Point[] = [0.25, 0.5, 0.75].flatMap((y) => [0.25, 0.5, 0.75].map((x) => ({ x, y })))
/** Fewer than these found again: the detector looks. */
const ENOUGH_POINTS = 5

type Box = DetectedFace['box']

/** Rows of interleaved 8-bit pixels. */
interface Picture {
  readonly data: ArrayLike<number>
  readonly width: number
  readonly height: number
  readonly channels?: number
}

interface Followed {
  readonly face: DetectedFace
  /** The square that `patch` shows. */
  readonly region: Box
  readonly patch: Uint8ClampedArray
}

/**
 * A detector for a camera: between two looks of the real detector, faces move by the median optical flow of nine points, which takes a tenth of the time.
 * Where too many points are lost (a fast turn, a hand), the real detector looks at once.
 */
export class FollowingDetector implements FaceDetector {
  readonly #detector: { detect(image: ImageInput, hint?: DetectionHint): readonly DetectedFace[] }
  #followed: readonly Followed[] = []
  #sinceLook = 0

  constructor(detector: { detect(image: ImageInput, hint?: DetectionHint): readonly DetectedFace[] }) {
    this.#detector = detector
  }

  detect(image: ImageInput, hint?: DetectionHint): readonly DetectedFace[] {
    const picture = image as Picture
    const faces = this.#follow(picture, hint?.near?.length ?? 0) ?? this.#look(image, hint)
    this.#followed = faces.map((face) => {
      const region = squareAround(face.box)
      return { face, region, patch: grayPatch(picture, region) }
    })
    return faces
  }

  #look(image: ImageInput, hint: DetectionHint | undefined): readonly DetectedFace[] {
    this.#sinceLook = 0
    return this.#detector.detect(image, hint)
  }

  /** The known faces where they are now; nothing when it is time to look again. */
  #follow(picture: Picture, known: number): DetectedFace[] | undefined {
    if (known === 0 || known !== this.#followed.length || ++this.#sinceLook >= LOOK_EVERY) return undefined
    const moved: DetectedFace[] = []
    for (const { face, region, patch } of this.#followed) {
      const shift = motionOf(face.box, region, patch, grayPatch(picture, region))
      if (!shift) return undefined
      moved.push({ score: face.score, box: { ...face.box, x: face.box.x + shift.x, y: face.box.y + shift.y } })
    }
    return moved
  }
}

/** How far a face moved, in pixels of the picture. */
function motionOf(box: Box, region: Box, before: Uint8ClampedArray, now: Uint8ClampedArray): Point | undefined {
  const scale = PATCH / region.width
  const points = POINTS.map(({ x, y }) => ({
    x: (box.x - region.x + x * box.width) * scale,
    y: (box.y - region.y + y * box.height) * scale,
  }))
  const patch = (data: Uint8ClampedArray) => ({ data, width: PATCH, height: PATCH, channels: 1 })
  const flow = opticalFlow(patch(before), patch(now), points, { windowSize: 15, levels: 3, iterations: 10, epsilon: 0.03 })
  const found = flow.filter((vector) => vector.found)
  if (found.length < ENOUGH_POINTS) return undefined
  return { x: median(found.map(({ dx }) => dx)) / scale, y: median(found.map(({ dy }) => dy)) / scale }
}

function squareAround({ x, y, width, height }: Box): Box {
  const side = PATCH_SCALE * Math.max(width, height)
  return { x: x + (width - side) / 2, y: y + (height - side) / 2, width: side, height: side }
}

/** Luma of a square of the picture; beyond the edge, the edge. */
function grayPatch({ data, width, height, channels = 4 }: Picture, region: Box): Uint8ClampedArray {
  const patch = new Uint8ClampedArray(PATCH * PATCH)
  const step = region.width / PATCH
  for (let row = 0; row < PATCH; row++) {
    const y = clamp(Math.round(region.y + (row + 0.5) * step - 0.5), height - 1)
    for (let column = 0; column < PATCH; column++) {
      const x = clamp(Math.round(region.x + (column + 0.5) * step - 0.5), width - 1)
      const at = (y * width + x) * channels
      patch[row * PATCH + column] = channels < 3 ? data[at] : 0.299 * data[at] + 0.587 * data[at + 1] + 0.114 * data[at + 2]
    }
  }
  return patch
}

function clamp(value: number, most: number): number {
  return Math.max(0, Math.min(most, value))
}

function median(values: number[]): number {
  const sorted = values.sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
