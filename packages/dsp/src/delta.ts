import { fail, integer, oneOf } from './internal/check.ts'
import { sourceIndex } from './internal/frames.ts'
import { mapRows, type Matrix } from './internal/matrix.ts'

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
  let below = 0
  let factorial = 1
  for (let degree = 1; degree <= order; degree++) {
    const next = current.map((p, i) => (i - half) * p - below * previous[i])
    const square = next.reduce((sum, p) => sum + p * p, 0)
    below = square / norm
    norm = square
    previous = current
    current = next
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
  const width = integer(options, 'width', 9, 3)
  if (width % 2 === 0) fail('OUT_OF_RANGE', 'width', width, 'an odd number')
  const weights = weightsOf(width, integer(options, 'order', 1, 1, width - 1))
  const mode = oneOf(options, 'mode', 'interp', 'nearest', 'mirror', 'constant', 'wrap')
  const padMode = mode === 'nearest' ? 'edge' : mode
  const half = width >> 1
  return mapRows(features, (values, columns) => {
    const frames = values.length / columns
    if (mode === 'interp' && frames < width)
      fail('SIGNAL_TOO_SHORT', 'number of frames', frames, `width (${width}) or more, or another mode`)
    const out = new Float32Array(values.length)
    const sums = new Float64Array(columns)
    for (let t = 0; t < frames; t++) {
      // The derivative of order n of a polynomial of degree n is constant: at the edges it is that of the nearest whole window.
      const centre = mode === 'interp' ? Math.min(Math.max(t, half), frames - 1 - half) : t
      for (let w = 0; w < width; w++) {
        const row = sourceIndex(centre + w - half, frames, padMode)
        for (let c = 0; c < columns; c++) {
          // The weights add up to 0; taking the central value off first makes the change of a constant exactly 0.
          sums[c] += weights[w] * ((values[row * columns + c] ?? 0) - values[centre * columns + c])
        }
      }
      out.set(sums, t * columns)
      sums.fill(0)
    }
    return out
  })
}
