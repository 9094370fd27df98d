import { EmoError, EmoRangeError } from '@emo/errors'
import { checkOptions } from '@emo/runtime'
import { checkList } from './checkArguments.ts'
import { imagePyramid, sampleImage, type GrayImage } from './imagePyramid.ts'
import { readPixels, type ImageInput } from './pixels.ts'
import { resample } from './resample.ts'

/** A place in a picture, in pixels; pixel centres are at whole numbers, y grows downwards. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** Where a point of the previous picture is in the next one. */
export interface FlowVector {
  /** The point in the previous picture. */
  readonly from: Point
  /** The point in the next picture; the best guess when it is lost. */
  readonly to: Point
  /** `to.x - from.x` */
  readonly dx: number
  /** `to.y - from.y` */
  readonly dy: number
  /** False: the point is lost (no texture, out of the picture, or tracking back does not return to it), and `to` means nothing. */
  readonly found: boolean
  /** Mean absolute difference of grey between the two windows, 0..255. */
  readonly residual: number
}

/** Options of {@link opticalFlow}. */
export interface OpticalFlowOptions {
  /** Side of the square window around each point, in pixels; odd. Default 21. */
  readonly windowSize?: number
  /** Levels of the pyramid; each one more doubles the largest motion. Default 4. */
  readonly levels?: number
  /** Most iterations on each level. Default 30. */
  readonly iterations?: number
  /** Iteration stops when a step is shorter than this, in pixels. Default 0.003. */
  readonly epsilon?: number
  /**
   * Smaller eigenvalue of a window's gradient matrix, a pixel, in grey levels squared, below which texture may be noise. Such a point is lost unless what
   * differs between its windows leaves its place certain to 0.05 pixels; below an eighth of this it always is. Default 4.
   */
  readonly minEigenvalue?: number
  /** A point is lost when tracking it back misses it by more than this, in pixels; Infinity: no check. Default 0.5. */
  readonly maxReturnError?: number
  /** A point is lost when the windows differ by more than this on average, in grey levels. Default 20. */
  readonly maxResidual?: number
}

/**
 * Sparse optical flow: the pyramidal Lucas-Kanade method (Bouguet 2000) with inverse composition (Baker and Matthews 2004), so that each window's gradient matrix is
 * computed once a level, and a last affine refinement (Shi and Tomasi 1994), so that rotation and scale inside the window do not pull the point aside.
 *
 * @param previous - the picture that the points are in
 * @param next - the next picture, of the same size
 * @param points - places in `previous`
 * @returns one vector a point, in the same order
 * @throws EmoError as {@link ImageInput} says; `IMAGE_SIZE_MISMATCH`, `POINTS_NOT_LIST`, `OPTIONS_NOT_OBJECT`
 * @throws EmoRangeError `OPTION_RANGE`; `POINT_NOT_FINITE`
 */
export function opticalFlow(
  previous: ImageInput,
  next: ImageInput,
  points: readonly Point[],
  options: OpticalFlowOptions = {},
): FlowVector[] {
  return trackPoints(toGray(previous), toGray(next), points, options)
}

/** Luma of a picture, 0..255, at its own size. */
export function toGray(image: ImageInput): GrayImage {
  const pixels = readPixels(image)
  const { width, height } = pixels
  return { data: resample(pixels, { x: 0, y: 0, width, height }, width, height, 1), width, height }
}

/** {@link opticalFlow} on pictures that are grey already. */
export function trackPoints(
  previous: GrayImage,
  next: GrayImage,
  points: readonly Point[],
  options: OpticalFlowOptions = {},
): FlowVector[] {
  const settings = checkSettings(options)
  if (previous.width !== next.width || previous.height !== next.height) {
    throw new EmoError(
      'IMAGE_SIZE_MISMATCH',
      `Both pictures must have one size; ${previous.width} x ${previous.height} and ${next.width} x ${next.height} were given.`,
    )
  }
  checkList('POINTS_NOT_LIST', 'points', points, 'a list of { x, y }')
  points.forEach((point: Partial<Point> | null | undefined, index) => {
    const { x, y } = point ?? {}
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      throw new EmoRangeError('POINT_NOT_FINITE', `Point ${index} is (${String(x)}, ${String(y)}); both must be finite.`, {
        details: { index, x, y },
      })
    }
  })
  const before = imagePyramid(previous, settings.levels)
  const after = imagePyramid(next, settings.levels)
  return points.map((point) => trackPoint(before, after, point, settings))
}

type Settings = Required<OpticalFlowOptions>

/** Of `minEigenvalue`: below this part of it a window is not followed at all. */
const faintTexture = 1 / 8
/** Largest standard error, in pixels, of a point with little texture. */
const maxStandardError = 0.05
/** Standard deviation over mean absolute value of Gaussian noise. */
const deviationRatio = Math.sqrt(Math.PI / 2)

function checkSettings(options: OpticalFlowOptions): Settings {
  checkOptions(options, '{ windowSize: 15 }')
  const settings: Settings = {
    windowSize: 21,
    levels: 4,
    iterations: 30,
    epsilon: 0.003,
    minEigenvalue: 4,
    maxReturnError: 0.5,
    maxResidual: 20,
    ...options,
  }
  const check = (name: keyof Settings, valid: boolean, range: string): void => {
    if (!valid)
      throw new EmoRangeError('OPTION_RANGE', `${name} must be ${range}, not ${settings[name]}.`, { details: { [name]: settings[name] } })
  }
  check(
    'windowSize',
    Number.isInteger(settings.windowSize) && settings.windowSize >= 3 && settings.windowSize % 2 === 1,
    'an odd whole number from 3 on',
  )
  check('levels', Number.isInteger(settings.levels) && settings.levels >= 1, 'a whole number from 1 on')
  check('iterations', Number.isInteger(settings.iterations) && settings.iterations >= 1, 'a whole number from 1 on')
  check('epsilon', settings.epsilon > 0, 'above 0')
  check('minEigenvalue', settings.minEigenvalue >= 0, 'at least 0')
  check('maxReturnError', settings.maxReturnError >= 0, 'at least 0')
  check('maxResidual', settings.maxResidual >= 0, 'at least 0')
  return settings
}

interface Tracked {
  readonly x: number
  readonly y: number
  readonly residual: number
  /** Smaller eigenvalue of the window's gradient matrix, a pixel. */
  readonly eigenvalue: number
  /** Whether there was enough texture to follow. */
  readonly textured: boolean
}

function trackPoint(before: readonly GrayImage[], after: readonly GrayImage[], point: Point, settings: Settings): FlowVector {
  const inside = (x: number, y: number): boolean => x >= 0 && y >= 0 && x <= before[0].width - 1 && y <= before[0].height - 1
  const forward = followPyramid(before, after, point, point, settings)
  let found =
    inside(point.x, point.y) && isCertain(forward, settings) && inside(forward.x, forward.y) && forward.residual <= settings.maxResidual
  if (found && settings.maxReturnError !== Infinity) {
    const back = followPyramid(after, before, forward, forward, settings)
    found = Math.hypot(back.x - point.x, back.y - point.y) <= settings.maxReturnError
  }
  return {
    from: { x: point.x, y: point.y },
    to: { x: forward.x, y: forward.y },
    dx: forward.x - point.x,
    dy: forward.y - point.y,
    found,
    residual: forward.residual,
  }
}

/** Whether a window's texture stands out from noise: at once or, by the variance of least squares, against what differs between the two windows. */
function isCertain({ textured, eigenvalue, residual }: Tracked, { minEigenvalue, windowSize }: Settings): boolean {
  return textured && (eigenvalue >= minEigenvalue || (deviationRatio * residual) / (windowSize * Math.sqrt(eigenvalue)) <= maxStandardError)
}

function followPyramid(before: readonly GrayImage[], after: readonly GrayImage[], point: Point, guess: Point, settings: Settings): Tracked {
  let x = guess.x / 2 ** (before.length - 1)
  let y = guess.y / 2 ** (before.length - 1)
  let tracked: Tracked = { ...guess, residual: Infinity, eigenvalue: 0, textured: false }
  for (let level = before.length - 1; level >= 0; level--) {
    const scale = 2 ** level
    tracked = followWindow(before[level], after[level], { x: point.x / scale, y: point.y / scale }, x, y, level === 0, settings)
    // A level without texture says nothing; the coarser guess goes on.
    if (tracked.textured) ({ x, y } = tracked)
    if (level > 0) {
      x *= 2
      y *= 2
    }
  }
  return { ...tracked, x, y }
}

/** Parameters of the affine warp `[x, y] -> [x + p0 + p2 x + p3 y, y + p1 + p4 x + p5 y]` around the point. */
const affineParameters = 6

function followWindow(
  before: GrayImage,
  after: GrayImage,
  point: Point,
  startX: number,
  startY: number,
  refine: boolean,
  { windowSize, iterations, epsilon, minEigenvalue }: Settings,
): Tracked {
  const radius = (windowSize - 1) / 2
  const count = windowSize * windowSize
  const template = new Float64Array(count)
  const gradientX = new Float64Array(count)
  const gradientY = new Float64Array(count)
  let xx = 0
  let xy = 0
  let yy = 0
  for (let v = -radius, i = 0; v <= radius; v++) {
    for (let u = -radius; u <= radius; u++, i++) {
      const px = point.x + u
      const py = point.y + v
      template[i] = sampleImage(before, px, py)
      const gx = (sampleImage(before, px + 1, py) - sampleImage(before, px - 1, py)) / 2
      const gy = (sampleImage(before, px, py + 1) - sampleImage(before, px, py - 1)) / 2
      gradientX[i] = gx
      gradientY[i] = gy
      xx += gx * gx
      xy += gx * gy
      yy += gy * gy
    }
  }
  const eigenvalue = (xx + yy - Math.sqrt((xx - yy) ** 2 + 4 * xy * xy)) / 2 / count
  const determinant = xx * yy - xy * xy
  if (eigenvalue < minEigenvalue * faintTexture || determinant <= 0)
    return { x: startX, y: startY, residual: Infinity, eigenvalue, textured: false }

  let x = startX
  let y = startY
  for (let iteration = 0; iteration < iterations; iteration++) {
    let bx = 0
    let by = 0
    for (let v = -radius, i = 0; v <= radius; v++) {
      for (let u = -radius; u <= radius; u++, i++) {
        const difference = sampleImage(after, x + u, y + v) - template[i]
        bx += difference * gradientX[i]
        by += difference * gradientY[i]
      }
    }
    const stepX = (yy * bx - xy * by) / determinant
    const stepY = (xx * by - xy * bx) / determinant
    x -= stepX
    y -= stepY
    if (Math.hypot(stepX, stepY) < epsilon) break
  }

  const warp = refine
    ? refineAffine(after, template, gradientX, gradientY, radius, x, y, iterations, epsilon)
    : new Float64Array([x, y, 1, 0, 0, 1])
  let residual = 0
  for (let v = -radius, i = 0; v <= radius; v++) {
    for (let u = -radius; u <= radius; u++, i++) {
      residual += Math.abs(sampleImage(after, warp[0] + warp[2] * u + warp[3] * v, warp[1] + warp[4] * u + warp[5] * v) - template[i])
    }
  }
  return { x: warp[0], y: warp[1], residual: residual / count, eigenvalue, textured: true }
}

/**
 * Inverse compositional Gauss-Newton on all six parameters, from the translation found.
 *
 * @returns centre x, centre y, and the matrix `[[a, b], [c, d]]` row by row; the plain translation when the window does not determine a deformation
 */
function refineAffine(
  after: GrayImage,
  template: Float64Array,
  gradientX: Float64Array,
  gradientY: Float64Array,
  radius: number,
  startX: number,
  startY: number,
  iterations: number,
  epsilon: number,
): Float64Array {
  const translation = new Float64Array([startX, startY, 1, 0, 0, 1])
  const steepest = new Float64Array(template.length * affineParameters)
  const hessian = new Float64Array(affineParameters * affineParameters)
  for (let v = -radius, i = 0; v <= radius; v++) {
    for (let u = -radius; u <= radius; u++, i++) {
      const s = i * affineParameters
      steepest[s] = gradientX[i]
      steepest[s + 1] = gradientY[i]
      // In units of the radius, so that all parameters have one magnitude.
      steepest[s + 2] = (gradientX[i] * u) / radius
      steepest[s + 3] = (gradientX[i] * v) / radius
      steepest[s + 4] = (gradientY[i] * u) / radius
      steepest[s + 5] = (gradientY[i] * v) / radius
      for (let row = 0; row < affineParameters; row++) {
        for (let column = row; column < affineParameters; column++) {
          hessian[row * affineParameters + column] += steepest[s + row] * steepest[s + column]
        }
      }
    }
  }
  const factor = cholesky(hessian, affineParameters)
  if (factor === undefined) return translation

  const warp = Float64Array.from(translation)
  const step = new Float64Array(affineParameters)
  for (let iteration = 0; iteration < iterations; iteration++) {
    step.fill(0)
    for (let v = -radius, i = 0; v <= radius; v++) {
      for (let u = -radius; u <= radius; u++, i++) {
        const difference = sampleImage(after, warp[0] + warp[2] * u + warp[3] * v, warp[1] + warp[4] * u + warp[5] * v) - template[i]
        const s = i * affineParameters
        for (let k = 0; k < affineParameters; k++) step[k] += difference * steepest[s + k]
      }
    }
    solveCholesky(factor, step, affineParameters)
    // warp <- warp o inverse(step)
    const a = 1 + step[2] / radius
    const b = step[3] / radius
    const c = step[4] / radius
    const d = 1 + step[5] / radius
    const determinant = a * d - b * c
    if (!(determinant > 0.25)) return translation
    const [ia, ib, ic, id] = [d / determinant, -b / determinant, -c / determinant, a / determinant]
    const ix = -(ia * step[0] + ib * step[1])
    const iy = -(ic * step[0] + id * step[1])
    const [x, y, wa, wb, wc, wd] = warp
    warp[0] = x + wa * ix + wb * iy
    warp[1] = y + wc * ix + wd * iy
    warp[2] = wa * ia + wb * ic
    warp[3] = wa * ib + wb * id
    warp[4] = wc * ia + wd * ic
    warp[5] = wc * ib + wd * id
    if (Math.hypot(step[0], step[1]) < epsilon) break
  }
  // A deformation that no neighbouring frames show, or a jump, is a fit to noise.
  const deformation = Math.max(Math.abs(warp[2] - 1), Math.abs(warp[3]), Math.abs(warp[4]), Math.abs(warp[5] - 1))
  const moved = Math.hypot(warp[0] - startX, warp[1] - startY)
  return deformation > 0.4 || moved > radius / 2 ? translation : warp
}

/** Lower factor of a symmetric matrix given by its upper triangle; undefined when it is not safely positive definite. */
function cholesky(matrix: Float64Array, size: number): Float64Array | undefined {
  const factor = new Float64Array(size * size)
  let largest = 0
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i])
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[column * size + row]
      for (let k = 0; k < column; k++) sum -= factor[row * size + k] * factor[column * size + k]
      if (row === column) {
        if (!(sum > largest * 1e-4)) return undefined
        factor[row * size + row] = Math.sqrt(sum)
      } else {
        factor[row * size + column] = sum / factor[column * size + column]
      }
    }
  }
  return factor
}

/** Solves `factor * factorᵀ x = values` in place. */
function solveCholesky(factor: Float64Array, values: Float64Array, size: number): void {
  for (let row = 0; row < size; row++) {
    for (let k = 0; k < row; k++) values[row] -= factor[row * size + k] * values[k]
    values[row] /= factor[row * size + row]
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let k = row + 1; k < size; k++) values[row] -= factor[k * size + row] * values[k]
    values[row] /= factor[row * size + row]
  }
}
