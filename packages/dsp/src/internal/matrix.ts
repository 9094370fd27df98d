import type { NdArray } from 'ndarray'
import { NdView } from './ndView.ts'
import { fail } from './check.ts'

/** A row-major matrix of float32: `[frames, features]`. */
export type Matrix = NdArray<Float32Array>

/** A new matrix over `data`, or over zeros. */
export function matrix(rows: number, columns: number, data: Float32Array = new Float32Array(rows * columns)): Matrix {
  return new NdView(data, [rows, columns], [columns, 1], 0)
}

/** Whether a value is a two-dimensional ndarray. */
export function isMatrix(value: unknown): value is Matrix {
  return typeof value === 'object' && value !== null && 'stride' in value && (value as Matrix).shape.length === 2
}

/** The values of a matrix in row-major order; no copy where they lie so already. */
export function rowMajor(m: Matrix): Float32Array {
  if (!isMatrix(m)) fail('NOT_MATRIX', 'matrix', m, 'give an ndarray of [frames, features]')
  const [rows, columns] = m.shape
  if (m.data instanceof Float32Array && m.stride[0] === columns && m.stride[1] === 1) {
    return m.data.subarray(m.offset, m.offset + rows * columns)
  }
  const out = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[i * columns + j] = m.get(i, j)
  return out
}
