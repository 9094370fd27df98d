import { oneOf } from './internal/check.ts'
import { cached } from './internal/cached.ts'
import { matrix, rowMajor, type Matrix } from './internal/matrix.ts'
import { project, projection, type Projection } from './internal/projection.ts'

/** Options of a discrete cosine transform; as `scipy.fftpack.dct`. */
export interface DctOptions {
  /** 2 (default), or 3, its inverse. */
  dctType?: 2 | 3
  /** `'ortho'` (default): an orthonormal matrix; null: SciPy's unscaled sums. */
  dctNorm?: 'ortho' | null
}

const build = /* @__PURE__ */ cached((size: number, count: number, type: 2 | 3, norm: 'ortho' | null, lifter: number): Projection =>
  projection(count, size, (k, n) => {
    // Type 3 is type 2 transposed.
    const [a, b] = type === 2 ? [k, n] : [n, k]
    const scale = norm ? Math.sqrt((a ? 2 : 1) / size) : type === 3 && !n ? 1 : 2
    return (
      scale * Math.cos((Math.PI * a * (2 * b + 1)) / (2 * size)) * (lifter ? 1 + (lifter / 2) * Math.sin((Math.PI * (k + 1)) / lifter) : 1)
    )
  }),
)

/** Checked basis of the first `count` coefficients of `size` values, lifted. */
export function dctBasis(options: DctOptions, size: number, count: number, lifter = 0): Projection {
  return build(size, count, oneOf(options, 'dctType', 2, 3), oneOf(options, 'dctNorm', 'ortho', null), lifter)
}

/** Coefficients of all rows of values. */
export function applyBasis(basis: Projection, values: Float32Array): Float32Array {
  const { columns, first } = basis
  const input = new Float64Array(values)
  const out = new Float32Array((input.length / columns) * first.length)
  for (let from = 0, at = 0; from < input.length; from += columns, at += first.length) project(basis, input, from, out, at)
  return out
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
  const [, size] = rows.shape
  return matrix(applyBasis(dctBasis(options, size, size), values), size)
}
