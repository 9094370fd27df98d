import { oneOf } from './internal/check.ts'
import { cached } from './internal/cached.ts'
import { matrix, rowMajor, type Matrix } from './internal/matrix.ts'

/** Options of a discrete cosine transform; as `scipy.fftpack.dct`. */
export interface DctOptions {
  /** 2 (default), or 3, its inverse. */
  dctType?: 2 | 3
  /** `'ortho'` (default): an orthonormal matrix; null: SciPy's unscaled sums. */
  dctNorm?: 'ortho' | null
}

/** Rows of the transform of `size` values, the first `count` of them. */
const build = /* @__PURE__ */ cached((size: number, count: number, type: 2 | 3, norm: 'ortho' | null): Float64Array => {
  return Float64Array.from({ length: count * size }, (_, i) => {
    const k = Math.floor(i / size)
    const n = i % size
    // Type 3 is type 2 transposed.
    const [a, b] = type === 2 ? [k, n] : [n, k]
    return Math.cos((Math.PI * a * (2 * b + 1)) / (2 * size)) * (norm ? Math.sqrt((a ? 2 : 1) / size) : type === 3 && !n ? 1 : 2)
  })
})

/** Checked basis of the first `count` coefficients of `size` values. */
export function dctBasis(size: number, count: number, { dctType = 2, dctNorm = 'ortho' }: DctOptions): Float64Array {
  oneOf('dctNorm', dctNorm, 'ortho', null)
  oneOf('dctType', dctType, 2, 3)
  return build(size, count, dctType, dctNorm)
}

/** Rows of coefficients from all rows of `size` values. */
export function applyBasis(basis: Float64Array, size: number, values: Float32Array, out: Float32Array, at: number): void {
  for (let from = 0; from < values.length; from += size) {
    for (let b = 0; b < basis.length; at++) {
      let sum = 0
      for (let n = 0; n < size; n++, b++) sum += basis[b] * values[from + n]
      out[at] = sum
    }
  }
}

/**
 * Discrete cosine transform of every row, type 2: y(k) = 2 sum over n of x(n) cos(pi k (2n + 1) / 2N); equal to `scipy.fftpack.dct`.
 *
 * @param rows - `[frames, N]`
 * @param options - type and normalisation
 * @returns `[frames, N]`
 * @throws EmoRangeError `UNKNOWN_OPTION`, `NOT_MATRIX`
 */
export function dct(rows: Matrix, options: DctOptions = {}): Matrix {
  const values = rowMajor(rows)
  const [frames, size] = rows.shape
  const out = matrix(frames, size)
  applyBasis(dctBasis(size, size, options), size, values, out.data, 0)
  return out
}
