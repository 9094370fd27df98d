import type { NdArray } from 'ndarray'
import { NdView } from './ndView.ts'
import { arrayOf, fail } from './check.ts'

/** A row-major matrix of float32: `[frames, features]`. */
export type Matrix = NdArray<Float32Array>

/** A matrix of so many columns over row-major data. */
export function matrix(data: Float32Array, columns: number): Matrix {
  return new NdView(data, [data.length / columns, columns], [columns, 1], 0)
}

/** Whether a value is an ndarray. */
function isMatrix(value: unknown): value is Matrix {
  return !!(value as Partial<Matrix> | null | undefined)?.stride
}

/** The values of a matrix in row-major order, a copy. */
export function rowMajor(m: Matrix): Float32Array {
  if (!isMatrix(m) || m.shape.length !== 2) fail('NOT_MATRIX', 'matrix', m, 'an ndarray of [frames, features]')
  const [rows, columns] = m.shape
  const out = new Float32Array(rows * columns)
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[at++] = m.get(i, j)
  return out
}

/** Values (a copy) and number of columns of a matrix, or of one value a frame. */
export function rowsOf(given: Matrix | ArrayLike<number>): [values: Float32Array, columns: number] {
  return isMatrix(given) ? [rowMajor(given), given.shape[1]] : [arrayOf(given, 'values').slice(), 1]
}

/** Something of the shape of `given` made of its rows. */
export function mapRows<M extends Matrix | ArrayLike<number>>(
  given: M,
  map: (values: Float32Array, columns: number) => Float32Array,
): M extends Matrix ? Matrix : Float32Array {
  const rows = rowsOf(given)
  const out = map(...rows)
  return (isMatrix(given) ? matrix(out, rows[1]) : out) as never
}
