import { EmoError, EmoRangeError } from '@emo/errors'
import { checkOptions } from '@emo/runtime'
import ndarray, { type NdArray } from 'ndarray'
import { checkList } from './checkArguments.ts'
import { expressionPhases } from './expressionPhases.ts'
import { toGray, trackPoints, type OpticalFlowOptions, type Point } from './opticalFlow.ts'
import type { ImageInput } from './pixels.ts'
import type { Box } from './resample.ts'

/** Options of {@link motionFeatures}. */
export interface MotionFeatureOptions extends OpticalFlowOptions {
  /** Points to follow, in pixels of the first frame, e.g. facial landmarks. Default: a grid over `box`. */
  readonly points?: readonly Point[]
  /** The face in the first frame, as `detect` gives it; the default grid covers it. Default: the whole frame. */
  readonly box?: Box
  /** Rows and columns of the default grid. Default 12. */
  readonly gridSize?: number
  /** Bins of the direction histograms. Default 8. */
  readonly bins?: number
  /** Take out what the head does as a whole (shift, rotation, size), so that the face's own motion remains. Default true. */
  readonly stabilize?: boolean
  /** Frames over which the magnitude is averaged before onset, apex and offset are looked for; odd. Default 3. */
  readonly smoothing?: number
  /** The expression is on while the magnitude is above this part of its range. Default 0.2. */
  readonly activeShare?: number
}

/** Motion of facial points over an image sequence, against its first frame. */
export interface MotionFeatures {
  /** For each frame, the mean length of the points' displacement since the first frame, in pixels; 0 for the first, NaN for lost ones. */
  readonly magnitude: Float32Array
  /** For each frame, the mean length of the points' displacement since the frame before that is not lost, in pixels; 0 for the first, NaN for lost ones. */
  readonly speed: Float32Array
  /**
   * `[frames, bins]`: how the displacement since the first frame is spread over directions, each point weighted by its length; rows add up to 1, or are 0
   * where nothing moved or the frame is lost. Bin 0 is centred on motion to the right, further bins go clockwise on the screen (y grows downwards).
   */
  readonly directions: NdArray<Float32Array>
  /** `[points, 2]`: displacement since the first frame at the apex, x and y; NaN for lost points. */
  readonly apexFlow: NdArray<Float32Array>
  /** First frame of the rise to the apex that is above the active share. */
  readonly onset: number
  /** Frame of the strongest motion away from the first one; as onset and offset, never a lost frame. */
  readonly apex: number
  /** Last frame after the apex that is still above the active share. */
  readonly offset: number
  /** The points that were followed, in the first frame. */
  readonly points: readonly Point[]
  /** For each frame, the number of points that are not lost; below four the frame is lost. */
  readonly found: Int32Array
}

/** A frame with fewer points says nothing: the head's own motion could not be told from the face's. */
const leastPoints = 4
/** Motion below this is noise, pixels. */
const stillness = 0.05

/**
 * Follows facial points through a sequence that begins with a neutral face, as a video of one expression or a sequence of CK+ does, and describes their motion.
 *
 * A point that is lost once stays lost. A frame in which fewer than four points are left (covered, blank, of something else) is lost as a whole and counts neither as
 * stillness nor as motion: its magnitude and speed are NaN, and the next frame is compared with the last one that is not lost.
 *
 * @param frames - at least two pictures of one size
 * @throws EmoError `FRAMES_TOO_FEW`, `FRAMES_NOT_LIST`; `POINTS_LOST` when fewer than four points can be followed to any frame; as `opticalFlow`
 * @throws EmoRangeError `OPTION_RANGE`
 */
export function motionFeatures(frames: readonly ImageInput[], options: MotionFeatureOptions = {}): MotionFeatures {
  checkOptions(options, '{ box }')
  const { box, gridSize = 12, bins = 8, stabilize = true, smoothing = 3, activeShare = 0.2, points: given, ...flow } = options
  checkList('FRAMES_NOT_LIST', 'frames', frames, 'a list of pictures')
  if (frames.length < 2) throw new EmoError('FRAMES_TOO_FEW', `Motion needs at least two frames, ${frames.length} given.`)
  if (given !== undefined) checkList('POINTS_NOT_LIST', 'points', given, 'a list of { x, y }')
  checkWhole('gridSize', gridSize, 2, 1000)
  checkWhole('bins', bins, 2, 360)
  checkWhole('smoothing', smoothing, 1)
  if (smoothing % 2 === 0) {
    throw new EmoRangeError('OPTION_RANGE', `smoothing must be odd, not ${smoothing}.`, { details: { smoothing } })
  }
  if (!(activeShare > 0 && activeShare < 1)) {
    throw new EmoRangeError('OPTION_RANGE', `activeShare must be between 0 and 1, not ${activeShare}.`, { details: { activeShare } })
  }

  let previous = toGray(frames[0])
  const points = given ?? grid(box ?? { x: 0, y: 0, width: previous.width, height: previous.height }, gridSize)
  const places: (Point | undefined)[] = [...points]
  const count = frames.length
  const magnitude = new Float32Array(count)
  const speed = new Float32Array(count)
  const found = new Int32Array(count)
  found[0] = points.length
  const directions = ndarray(new Float32Array(count * bins), [count, bins])
  const displacements: (Point | undefined)[][] = [points.map(() => ({ x: 0, y: 0 }))]
  magnitude.fill(Number.NaN, 1)
  speed.fill(Number.NaN, 1)

  for (let frame = 1; frame < count; frame++) {
    const next = toGray(frames[frame])
    const alive = places.flatMap((place, index) => (place === undefined ? [] : [index]))
    const vectors = trackPoints(
      previous,
      next,
      alive.map((index) => places[index]!),
      flow,
    )
    const steps = new Map<number, { from: Point; to: Point }>()
    alive.forEach((index, i) => {
      if (vectors[i].found) steps.set(index, vectors[i])
    })
    found[frame] = steps.size
    displacements.push([])
    if (steps.size < leastPoints) continue
    points.forEach((_, index) => (places[index] = steps.get(index)?.to))
    const sinceFirst = relativeMotion(points, places, stabilize)
    const sinceLast = relativeMotion(
      points.map((_, index) => steps.get(index)?.from),
      points.map((_, index) => steps.get(index)?.to),
      stabilize,
    )
    magnitude[frame] = meanLength(sinceFirst)
    speed[frame] = meanLength(sinceLast)
    writeHistogram(sinceFirst, bins, directions.data.subarray(frame * bins, (frame + 1) * bins))
    displacements[frame] = sinceFirst
    previous = next
  }
  const most = Math.max(...found.subarray(1))
  if (most < leastPoints) {
    throw new EmoError(
      'POINTS_LOST',
      `Only ${most} of ${points.length} points could be followed; four are needed. Give points with texture, or sharper frames.`,
      {
        details: { found: most, points: points.length },
      },
    )
  }

  const { onset, apex, offset } = expressionPhases(magnitude, smoothing, activeShare)
  const apexFlow = ndarray(new Float32Array(points.length * 2).fill(Number.NaN), [points.length, 2])
  displacements[apex].forEach((displacement, index) => {
    if (displacement === undefined) return
    apexFlow.set(index, 0, displacement.x)
    apexFlow.set(index, 1, displacement.y)
  })
  return { magnitude, speed, directions, apexFlow, onset, apex, offset, points, found }
}

function checkWhole(name: string, value: number, least: number, most = Infinity): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    const range = most === Infinity ? `${least} on` : `${least} to ${most}`
    throw new EmoRangeError('OPTION_RANGE', `${name} must be a whole number from ${range}, not ${value}.`, {
      details: { [name]: value },
    })
  }
}

/** Points in the middles of `size * size` cells. */
function grid({ x, y, width, height }: Box, size: number): Point[] {
  return Array.from({ length: size * size }, (_, index) => ({
    x: x + (width * ((index % size) + 0.5)) / size - 0.5,
    y: y + (height * (Math.floor(index / size) + 0.5)) / size - 0.5,
  }))
}

/** Displacement of each point that is on both sides, without the similarity transform that fits all best, if `stabilize`. */
function relativeMotion(
  from: readonly (Point | undefined)[],
  to: readonly (Point | undefined)[],
  stabilize: boolean,
): (Point | undefined)[] {
  const pairs: { from: Point; to: Point }[] = []
  from.forEach((start, index) => {
    const end = to[index]
    if (start !== undefined && end !== undefined) pairs.push({ from: start, to: end })
  })
  const follow = stabilize ? robustSimilarity(pairs) : (point: Point): Point => point
  return from.map((start, index) => {
    const end = to[index]
    if (start === undefined || end === undefined) return undefined
    const expected = follow(start)
    return { x: end.x - expected.x, y: end.y - expected.y }
  })
}

/** Least-squares similarity (shift, rotation, size), fitted again a few times with distant points weighted less, so that a moving mouth does not move the head. */
function robustSimilarity(pairs: readonly { from: Point; to: Point }[]): (point: Point) => Point {
  let weights = pairs.map(() => 1)
  let transform = fitSimilarity(pairs, weights)
  for (let round = 0; round < 4; round++) {
    const distances = pairs.map(({ from, to }) => {
      const expected = transform(from)
      return Math.hypot(to.x - expected.x, to.y - expected.y)
    })
    const typical = Math.max(median(distances), stillness)
    // Cauchy weights.
    weights = distances.map((distance) => 1 / (1 + (distance / typical) ** 2))
    transform = fitSimilarity(pairs, weights)
  }
  return transform
}

function fitSimilarity(pairs: readonly { from: Point; to: Point }[], weights: readonly number[]): (point: Point) => Point {
  let [total, fx, fy, tx, ty] = [0, 0, 0, 0, 0]
  pairs.forEach(({ from, to }, index) => {
    const weight = weights[index]
    total += weight
    fx += weight * from.x
    fy += weight * from.y
    tx += weight * to.x
    ty += weight * to.y
  })
  fx /= total
  fy /= total
  tx /= total
  ty /= total
  let [dot, cross, square] = [0, 0, 0]
  pairs.forEach(({ from, to }, index) => {
    const [u, v, p, q] = [from.x - fx, from.y - fy, to.x - tx, to.y - ty]
    dot += weights[index] * (u * p + v * q)
    cross += weights[index] * (u * q - v * p)
    square += weights[index] * (u * u + v * v)
  })
  const a = square > 0 ? dot / square : 1
  const b = square > 0 ? cross / square : 0
  return ({ x, y }) => ({ x: tx + a * (x - fx) - b * (y - fy), y: ty + b * (x - fx) + a * (y - fy) })
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1]
}

function meanLength(motion: readonly (Point | undefined)[]): number {
  let sum = 0
  let count = 0
  for (const vector of motion) {
    if (vector === undefined) continue
    sum += Math.hypot(vector.x, vector.y)
    count++
  }
  return sum / count
}

function writeHistogram(motion: readonly (Point | undefined)[], bins: number, row: Float32Array): void {
  let total = 0
  for (const vector of motion) {
    if (vector === undefined) continue
    const length = Math.hypot(vector.x, vector.y)
    if (length < stillness) continue
    const turns = Math.atan2(vector.y, vector.x) / (2 * Math.PI)
    row[(Math.round(turns * bins) + bins) % bins] += length
    total += length
  }
  if (total > 0) for (let bin = 0; bin < bins; bin++) row[bin] /= total
}
