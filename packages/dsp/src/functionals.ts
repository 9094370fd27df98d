import { fail, samplesOf } from './internal/check.ts'
import { matrix, rowsOf, type Matrix } from './internal/matrix.ts'

/** A statistic over frames; `'p25'` is the 25th percentile, `'slope'` the change a frame of the least-squares line. */
export type Statistic = 'mean' | 'std' | 'min' | 'max' | 'range' | 'skewness' | 'kurtosis' | 'slope' | `p${number}`

/** The statistics taken by default. */
const usual: readonly Statistic[] = ['mean', 'std', 'p10', 'p50', 'p90', 'slope']

/** All values of a feature in order of time and of size, with their mean. */
interface Column {
  readonly values: Float32Array
  readonly sorted: Float32Array
  readonly mean: number
}

const meanOf = (values: Float32Array, map: (value: number, t: number) => number) =>
  values.reduce((sum, value, t) => sum + map(value, t), 0) / values.length
const moment = ({ values, mean }: Column, order: number) => meanOf(values, (value) => (value - mean) ** order)
/** Value at a share of the way from the least to the largest. */
export const quantile = ({ sorted }: { sorted: ArrayLike<number> }, share: number) => {
  const position = share * (sorted.length - 1)
  const below = Math.floor(position)
  return sorted[below] + (position - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below])
}
/** A constant has no shape; rounding of its mean must not give it one. */
const shape = (column: Column, order: number) => range(column) && moment(column, order) / moment(column, 2) ** (order / 2)
const range = (column: Column) => quantile(column, 1) - quantile(column, 0)

const named: Record<string, (column: Column) => number> = {
  mean: ({ mean }) => mean,
  std: (column) => Math.sqrt(moment(column, 2)),
  min: (column) => quantile(column, 0),
  max: (column) => quantile(column, 1),
  range,
  skewness: (column) => shape(column, 3),
  kurtosis: (column) => range(column) && shape(column, 4) - 3,
  slope: ({ values, mean }) =>
    (12 * meanOf(values, (value, t) => (t - (values.length - 1) / 2) * (value - mean))) / (values.length ** 2 - 1 || 1),
}

function statistic(name: Statistic): (column: Column) => number {
  const percent = /^p\d/.test(name) ? Number(name.slice(1)) : NaN
  if (percent <= 100) return (column) => quantile(column, percent / 100)
  return Object.hasOwn(named, name) ? named[name] : fail('UNKNOWN_OPTION', 'statistic', name, `${Object.keys(named).join()} or p0 to p100`)
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
  if (!Array.isArray(statistics)) fail('UNKNOWN_OPTION', 'statistics', statistics, `a list of them, e.g. ['mean', 'p90']`)
  const chosen = statistics.map(statistic)
  const [data, columns] = rowsOf(features)
  samplesOf(data, 'features')
  const out = new Float32Array(chosen.length * columns)
  for (let c = 0; c < columns; c++) {
    const values = Float32Array.from({ length: data.length / columns }, (_, t) => data[t * columns + c])
    const mean = meanOf(values, (value) => value)
    const column = { values, mean, sorted: values.slice().sort() }
    chosen.forEach((compute, s) => (out[s * columns + c] = compute(column)))
  }
  return matrix(out, columns)
}
