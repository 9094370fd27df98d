import { fail, integer, oneOf } from './internal/check.ts'
import { isMatrix, matrix, rowMajor, type Matrix } from './internal/matrix.ts'

/** Options of {@link delta}; names and defaults are librosa's. */
export interface DeltaOptions {
  /** Frames that a slope is fitted to, an odd number of at least 3 (default 9). */
  width?: number
  /** Order of the derivative, 1 (default) or more. */
  order?: number
  /**
   * Edge frames: `'interp'` (default) takes the polynomial of the first or last `width` frames; the others make up frames beyond
   * the ends: `'nearest'` repeats the end, `'mirror'` reflects about it, `'constant'` takes zeros, `'wrap'` the other end.
   */
  mode?: 'interp' | 'nearest' | 'mirror' | 'constant' | 'wrap'
}

/** Savitzky-Golay weights of the `order`-th derivative of the least-squares polynomial of that degree, at offsets -half to half. */
function weightsOf(width: number, order: number): Float64Array {
  const half = width >> 1
  // Discrete orthogonal polynomials by their three-term recurrence; only the last one has a derivative of this order.
  let previous: Float64Array = new Float64Array(width)
  let current: Float64Array = new Float64Array(width).fill(1)
  let norm = width
  let factorial = 1
  for (let degree = 1; degree <= order; degree++) {
    const below = degree === 1 ? 0 : norm / previous.reduce((sum, p) => sum + p * p, 0)
    const next = current.map((p, i) => (i - half) * p - below * previous[i])
    previous = current
    current = next
    norm = next.reduce((sum, p) => sum + p * p, 0)
    factorial *= degree
  }
  return current.map((p) => (factorial * p) / norm)
}

/**
 * Derivative of features over frames by local polynomials (Savitzky-Golay); equal to `librosa.feature.delta`.
 *
 * @param features - `[frames, features]`, or one value a frame
 * @param options - width in frames, order, edges
 * @returns change a frame (to the power of `order`), of the shape given
 * @throws EmoRangeError `NOT_INTEGER`, `OUT_OF_RANGE` (even width, order not below width), `UNKNOWN_OPTION`,
 * `SIGNAL_TOO_SHORT` (mode `'interp'` and fewer frames than `width`)
 */
export function delta<M extends Matrix | Float32Array>(features: M, options: DeltaOptions = {}): M extends Matrix ? Matrix : Float32Array {
  const { width = 9, order = 1, mode = 'interp' } = options
  if (integer('width', width, 3) % 2 === 0) fail('OUT_OF_RANGE', 'width', width, 'give an odd number')
  integer('order', order, 1, width - 1)
  oneOf('mode', mode, 'interp', 'nearest', 'mirror', 'constant', 'wrap')
  const given = isMatrix(features)
  const values: Float32Array = given ? rowMajor(features) : (features)
  const frames = given ? features.shape[0] : values.length
  const columns = given ? features.shape[1] : 1
  if (mode === 'interp' && frames < width) fail('SIGNAL_TOO_SHORT', 'number of frames', frames, `give width (${width}) or more, or another mode`)
  const weights = weightsOf(width, order)
  const half = width >> 1
  const rows = new Int32Array(width)
  const out = new Float32Array(values.length)
  for (let t = 0; t < frames; t++) {
    // The derivative of order n of a polynomial of degree n is constant: at the edges it is that of the nearest whole window.
    const centre = mode === 'interp' ? Math.min(Math.max(t, half), frames - 1 - half) : t
    for (let w = 0; w < width; w++) rows[w] = columns * rowIndex(centre + w - half, frames, mode)
    for (let c = 0; c < columns; c++) {
      // The weights add up to 0; taking the central value off first makes the change of a constant exactly 0.
      const middle = values[centre * columns + c]
      let sum = 0
      for (let w = 0; w < width; w++) sum += weights[w] * ((rows[w] < 0 ? 0 : values[rows[w] + c]) - middle)
      out[t * columns + c] = sum
    }
  }
  return (given ? matrix(frames, columns, out) : out) as never
}

/** Index of the frame that stands for frame `t`, or -1 for zeros. */
function rowIndex(t: number, frames: number, mode: NonNullable<DeltaOptions['mode']>): number {
  if (t >= 0 && t < frames) return t
  if (mode === 'constant') return -1
  if (mode === 'nearest' || frames === 1) return t < 0 ? 0 : frames - 1
  const period = mode === 'wrap' ? frames : 2 * (frames - 1)
  const i = ((t % period) + period) % period
  return i < frames ? i : period - i
}
