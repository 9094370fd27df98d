import { cholesky, solveCholesky, type Cholesky } from './cholesky.ts'
import type { GrayImage } from './imagePyramid.ts'
import type { Point } from './opticalFlow.ts'
import { sampleWindow, type WindowPlace } from './windowSampling.ts'

/** How a window fits the other picture. */
export interface Alignment {
  /** Where it started, without texture. */
  readonly place: WindowPlace
  /** Standard error of the place, in pixels, by the variance of least squares against what differs between the windows; Infinity without texture, or where something else is seen. */
  readonly standardError: number
}

/** Numbers of parameters: x, y; then what scales and turns the window, in units of its radius, so that all have one magnitude. */
const similarity = 4
const translation = 2
/** The similarity is taken when it leaves less than this part of the translation's squared difference; otherwise it fits noise. */
const betterFit = 0.7
/** No neighbouring frames turn or scale a window by more. */
const largestDeformation = 0.4
/** Change of contrast between the pictures that is followed. */
const [leastGain, mostGain] = [0.4, 2.5]

/**
 * Lays windows of one picture over another: Gauss-Newton with inverse composition (Baker and Matthews 2004), first of the translation, then of a similarity, so that rotation
 * and scale inside the window do not pull the point aside. Brightness and contrast of the windows may differ: what they explain is projected out of the
 * steepest-descent images.
 */
export class WindowAligner {
  readonly #side: number
  readonly #iterations: number
  readonly #epsilon: number
  readonly #minEigenvalue: number
  readonly #patch: Float64Array
  /** The template without its mean. */
  readonly #contrast: Float64Array
  #contrastEnergy = 0
  readonly #moved: Float64Array
  /** Steepest-descent images, one after the other. */
  readonly #steepest: readonly Float64Array[]

  /**
   * @param side - of the windows, in pixels; odd
   * @param iterations - at most so many for each of the two
   * @param epsilon - iteration stops when a step is shorter than this, in pixels
   * @param minEigenvalue - a window is not followed if its gradient matrix has a smaller one, a pixel
   */
  constructor(side: number, iterations: number, epsilon: number, minEigenvalue: number) {
    this.#side = side
    this.#iterations = iterations
    this.#epsilon = epsilon
    this.#minEigenvalue = minEigenvalue
    const count = side * side
    this.#patch = new Float64Array((side + 2) ** 2)
    this.#contrast = new Float64Array(count)
    this.#moved = new Float64Array(count)
    this.#steepest = Array.from({ length: similarity }, () => new Float64Array(count))
  }

  /**
   * @param middle - of the window in `before`
   * @param start - where the window may be in `after`
   * @param turning - also look for rotation and scale
   */
  align(before: GrayImage, after: GrayImage, middle: Point, start: WindowPlace, turning: boolean): Alignment {
    const count = turning ? similarity : translation
    this.#readTemplate(before, middle, count)
    const normal = this.#normalMatrix(count)
    const eigenvalue = smallerEigenvalue(normal, count) / this.#contrast.length
    const factor = cholesky(normal, count)
    if (!(eigenvalue >= this.#minEigenvalue) || factor.rank < translation) return { place: start, standardError: Infinity }

    const shifted = this.#descend(after, start, factor, translation)
    const turned = factor.rank === similarity ? this.#descend(after, shifted.place, factor, similarity) : shifted
    const { place, squares, gain } = this.#isBetter(turned, shifted) ? turned : shifted
    // Beyond, it is another thing: nothing of the window is seen in a blank picture, and little in noise.
    if (!(gain >= leastGain && gain <= mostGain)) return { place, standardError: Infinity }
    return { place, standardError: Math.sqrt(squares / eigenvalue) / this.#contrast.length / gain }
  }

  /** Mean absolute difference of the windows last aligned, at `place`, apart from brightness and contrast. */
  residual(after: GrayImage, place: WindowPlace): number {
    const { mean, gain } = this.#compare(after, place)
    let sum = 0
    for (let i = 0; i < this.#moved.length; i++) sum += Math.abs(this.#moved[i] - mean - gain * this.#contrast[i])
    return sum / this.#moved.length
  }

  #isBetter(turned: Descent, shifted: Descent): boolean {
    const { a, b, x, y } = turned.place
    if (Math.max(Math.abs(a - 1), Math.abs(b)) > largestDeformation) return false
    if (Math.hypot(x - shifted.place.x, y - shifted.place.y) > this.#side / 4) return false
    return turned.squares <= betterFit * shifted.squares
  }

  #readTemplate(before: GrayImage, { x, y }: Point, count: number): void {
    const side = this.#side
    const wide = side + 2
    sampleWindow(before, { x, y, a: 1, b: 0 }, wide, this.#patch)
    const radius = (side - 1) / 2
    const [shiftX, shiftY, scale, turn] = this.#steepest
    let sum = 0
    for (let v = -radius, i = 0; v <= radius; v++) {
      for (let u = -radius; u <= radius; u++, i++) {
        const at = (v + radius + 1) * wide + u + radius + 1
        sum += this.#contrast[i] = this.#patch[at]
        const gx = (this.#patch[at + 1] - this.#patch[at - 1]) / 2
        const gy = (this.#patch[at + wide] - this.#patch[at - wide]) / 2
        shiftX[i] = gx
        shiftY[i] = gy
        scale[i] = (gx * u + gy * v) / radius
        turn[i] = (gy * u - gx * v) / radius
      }
    }
    const mean = sum / this.#contrast.length
    for (let i = 0; i < this.#contrast.length; i++) this.#contrast[i] -= mean
    this.#contrastEnergy = dot(this.#contrast, this.#contrast)
    for (let k = 0; k < count; k++) this.#projectOut(this.#steepest[k])
  }

  /** Takes a constant and the template out of a steepest-descent image. */
  #projectOut(image: Float64Array): void {
    const contrast = this.#contrast
    let sum = 0
    let common = 0
    for (let i = 0; i < image.length; i++) {
      sum += image[i]
      common += image[i] * contrast[i]
    }
    const mean = sum / image.length
    const part = this.#contrastEnergy > 0 ? common / this.#contrastEnergy : 0
    for (let i = 0; i < image.length; i++) image[i] -= mean + part * contrast[i]
  }

  /** Upper triangle of the normal equations' matrix. */
  #normalMatrix(count: number): Float64Array {
    const matrix = new Float64Array(count * count)
    for (let row = 0; row < count; row++) {
      for (let column = row; column < count; column++) {
        matrix[row * count + column] = dot(this.#steepest[row], this.#steepest[column])
      }
    }
    return matrix
  }

  /** Follows the leading `count` parameters down. */
  #descend(after: GrayImage, start: WindowPlace, factor: Cholesky, count: number): Descent {
    const radius = (this.#side - 1) / 2
    const step = new Float64Array(similarity)
    let place = start
    let fit: Fit = { squares: Infinity, gain: 0, mean: 0 }
    for (let iteration = 0; iteration < this.#iterations; iteration++) {
      fit = this.#compare(after, place)
      const gain = Math.min(Math.max(fit.gain, leastGain), mostGain)
      // The template is projected out of the steepest-descent images, so it need not be subtracted here.
      for (let k = 0; k < count; k++) step[k] = dot(this.#moved, this.#steepest[k]) / gain
      solveCholesky(factor, step, count)
      place = composeInverse(place, step, radius)
      if (Math.hypot(step[0], step[1]) < this.#epsilon) break
    }
    return { ...fit, place }
  }

  /** Reads the window at `place` and fits `mean + gain * contrast` to it. */
  #compare(after: GrayImage, place: WindowPlace): Fit {
    sampleWindow(after, place, this.#side, this.#moved)
    const moved = this.#moved
    const contrast = this.#contrast
    let sum = 0
    let energy = 0
    let common = 0
    for (let i = 0; i < moved.length; i++) {
      const value = moved[i]
      sum += value
      energy += value * value
      common += value * contrast[i]
    }
    const mean = sum / moved.length
    const gain = common / this.#contrastEnergy
    const squares = energy - sum * mean - gain * common
    return { mean, gain, squares: Math.max(squares, 0) }
  }
}

interface Fit {
  readonly mean: number
  /** Contrast of the window over that of the template. */
  readonly gain: number
  /** Sum of the squared differences that are left. */
  readonly squares: number
}

interface Descent extends Fit {
  readonly place: WindowPlace
}

/** `place` after the inverse of a step. */
function composeInverse({ x, y, a, b }: WindowPlace, step: Float64Array, radius: number): WindowPlace {
  const scale = 1 + step[2] / radius
  const turn = step[3] / radius
  const square = scale * scale + turn * turn
  const [inverseScale, inverseTurn] = [scale / square, -turn / square]
  const u = inverseTurn * step[1] - inverseScale * step[0]
  const v = -inverseTurn * step[0] - inverseScale * step[1]
  return {
    x: x + a * u - b * v,
    y: y + b * u + a * v,
    a: a * inverseScale - b * inverseTurn,
    b: b * inverseScale + a * inverseTurn,
  }
}

/** Of the gradient matrix, which is the normal equations' first two rows and columns. */
function smallerEigenvalue(normal: Float64Array, count: number): number {
  const [xx, xy, yy] = [normal[0], normal[1], normal[count + 1]]
  return (xx + yy - Math.sqrt((xx - yy) ** 2 + 4 * xy * xy)) / 2
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i]
  return sum
}
