import { integer, oneOf, within } from './internal/check.ts'
import { cached } from './internal/cached.ts'
import { matrix, rowMajor, type Matrix } from './internal/matrix.ts'

/** Options of a discrete cosine transform; as `scipy.fftpack.dct`. */
export interface DctOptions {
  /** 1, 2 (default) or 3. */
  dctType?: 1 | 2 | 3
  /** `'ortho'` (default): an orthonormal matrix; null: SciPy's unscaled sums. */
  dctNorm?: 'ortho' | null
}

/** Rows of the transform of `size` values, the first `count` of them. */
export const dctBasis = /* @__PURE__ */ cached((size: number, count: number, type: 1 | 2 | 3, norm: 'ortho' | null): Float64Array => {
  const basis = new Float64Array(count * size)
  const ortho = norm === 'ortho'
  for (let k = 0; k < count; k++) {
    for (let n = 0; n < size; n++) {
      let value: number
      if (type === 2) {
        value = 2 * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * size))
        if (ortho) value *= Math.sqrt((k === 0 ? 1 : 2) / (4 * size))
      } else if (type === 3) {
        value = n === 0 ? 1 : 2 * Math.cos((Math.PI * n * (2 * k + 1)) / (2 * size))
        if (ortho) value *= n === 0 ? Math.sqrt(1 / size) : Math.sqrt(1 / (2 * size))
      } else {
        const nEnd = n === 0 || n === size - 1
        const kEnd = k === 0 || k === size - 1
        value = (nEnd ? 1 : 2) * Math.cos((Math.PI * k * n) / (size - 1))
        if (ortho) value *= (nEnd ? Math.SQRT2 : 1) * 0.5 * Math.sqrt((kEnd ? 1 : 2) / (size - 1))
      }
      basis[k * size + n] = value
    }
  }
  return basis
})

/** Checked basis of the first `count` coefficients of `size` values. */
export function checkedBasis(size: number, count: number, options: DctOptions): Float64Array {
  const { dctType = 2, dctNorm = 'ortho' } = options
  oneOf('dctType', dctType, [1, 2, 3])
  oneOf('dctNorm', dctNorm, ['ortho', null])
  if (dctType === 1) within('number of values of a type 1 transform', size, 2, Infinity)
  return dctBasis(size, within('number of coefficients', integer('number of coefficients', count), 1, size), dctType, dctNorm)
}

/** out = basis * values, one row. */
export function applyBasis(basis: Float64Array, size: number, values: ArrayLike<number>, from: number, out: Float32Array, at: number): void {
  const count = basis.length / size
  for (let k = 0, b = 0; k < count; k++) {
    let sum = 0
    for (let n = 0; n < size; n++, b++) sum += basis[b] * values[from + n]
    out[at + k] = sum
  }
}

/**
 * Discrete cosine transform of every row, type 2: y(k) = 2 sum over n of x(n) cos(pi k (2n + 1) / 2N); equal to `scipy.fftpack.dct`.
 *
 * @param rows - `[frames, N]`
 * @param options - type and normalisation
 * @returns `[frames, N]`
 * @throws EmoRangeError `UNKNOWN_OPTION`, `NOT_MATRIX`, `OUT_OF_RANGE` (type 1 of a single value)
 */
export function dct(rows: Matrix, options: DctOptions = {}): Matrix {
  const values = rowMajor(rows)
  const [frames, size] = rows.shape
  const basis = checkedBasis(size, size, options)
  const out = new Float32Array(values.length)
  for (let t = 0; t < frames; t++) applyBasis(basis, size, values, t * size, out, t * size)
  return matrix(frames, size, out)
}
