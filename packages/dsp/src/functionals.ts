import { fail } from './internal/check.ts'
import { isMatrix, matrix, rowMajor, type Matrix } from './internal/matrix.ts'

/** A statistic over frames; `'p25'` is the 25th percentile, `'slope'` the change a frame of the least-squares line. */
export type Statistic = 'mean' | 'std' | 'min' | 'max' | 'range' | 'skewness' | 'kurtosis' | 'slope' | `p${number}`

/** The statistics taken by default. */
const usual: readonly Statistic[] = ['mean', 'std', 'p10', 'p50', 'p90', 'slope']

function moment(column: Float32Array, mean: number, order: number): number {
  let sum = 0
  for (let t = 0; t < column.length; t++) sum += (column[t] - mean) ** order
  return sum / column.length
}

function slope(column: Float32Array, mean: number): number {
  const middle = (column.length - 1) / 2
  let cross = 0
  let square = 0
  for (let t = 0; t < column.length; t++) {
    cross += (t - middle) * (column[t] - mean)
    square += (t - middle) ** 2
  }
  return square > 0 ? cross / square : 0
}

function statistic(name: Statistic, column: Float32Array, sorted: Float32Array, mean: number): number {
  const last = sorted.length - 1
  if (name === 'mean') return mean
  if (name === 'min') return sorted[0]
  if (name === 'max') return sorted[last]
  if (name === 'range') return sorted[last] - sorted[0]
  if (name === 'slope') return slope(column, mean)
  const variance = moment(column, mean, 2)
  if (name === 'std') return Math.sqrt(variance)
  // A constant has no shape; rounding of its mean must not give it one.
  if (name === 'skewness') return sorted[0] === sorted[last] ? 0 : moment(column, mean, 3) / variance ** 1.5
  if (name === 'kurtosis') return sorted[0] === sorted[last] ? 0 : moment(column, mean, 4) / variance ** 2 - 3
  const percent = /^p\d/.test(name) ? Number(name.slice(1)) : NaN
  if (!(percent >= 0 && percent <= 100)) {
    fail('UNKNOWN_OPTION', 'statistic', name, 'give mean, std, min, max, range, skewness, kurtosis, slope or p0 to p100')
  }
  const position = (percent / 100) * last
  const below = Math.floor(position)
  const above = Math.min(last, below + 1)
  return sorted[below] + (position - below) * (sorted[above] - sorted[below])
}

/**
 * Statistics of every feature over all frames: a clip of any length as vectors of one length.
 *
 * Standard deviation, skewness and excess kurtosis are those of the population (NumPy's and SciPy's default), percentiles are interpolated
 * linearly (`numpy.percentile`).
 *
 * @param features - `[frames, features]`, or one value a frame
 * @param statistics - which, in order (default mean, std, p10, p50, p90, slope)
 * @returns `[statistics, features]`
 * @throws EmoRangeError `UNKNOWN_OPTION` (statistic), `SIGNAL_EMPTY` (no frames), `SIGNAL_NOT_FINITE`
 */
export function functionals(features: Matrix | Float32Array, statistics: readonly Statistic[] = usual): Matrix {
  const given = isMatrix(features)
  const values: Float32Array = given ? rowMajor(features) : features
  const columns = given ? features.shape[1] : 1
  const frames = values.length / columns
  if (!(frames > 0)) fail('SIGNAL_EMPTY', 'number of frames', 0, 'give at least one')
  const out = new Float32Array(statistics.length * columns)
  const column = new Float32Array(frames)
  for (let c = 0; c < columns; c++) {
    let sum = 0
    for (let t = 0; t < frames; t++) sum += column[t] = values[t * columns + c]
    if (!Number.isFinite(sum)) fail('SIGNAL_NOT_FINITE', `sum of feature ${c}`, sum, 'give finite numbers')
    const sorted = column.slice().sort()
    for (let s = 0; s < statistics.length; s++) out[s * columns + c] = statistic(statistics[s], column, sorted, sum / frames)
  }
  return matrix(statistics.length, columns, out)
}
