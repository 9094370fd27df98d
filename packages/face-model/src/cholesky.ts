/** A lower factor, row by row, of the leading `rank` rows and columns of a symmetric matrix. */
export interface Cholesky {
  readonly factor: Float64Array
  readonly size: number
  /** As many leading rows as are safely positive definite. */
  readonly rank: number
}

/** Factor of a symmetric matrix given by its upper triangle, row by row. */
export function cholesky(matrix: Float64Array, size: number): Cholesky {
  const factor = new Float64Array(size * size)
  let largest = 0
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i])
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = matrix[column * size + row]
      for (let k = 0; k < column; k++) sum -= factor[row * size + k] * factor[column * size + k]
      if (row === column) {
        if (!(sum > largest * 1e-4)) return { factor, size, rank: row }
        factor[row * size + row] = Math.sqrt(sum)
      } else {
        factor[row * size + column] = sum / factor[column * size + column]
      }
    }
  }
  return { factor, size, rank: size }
}

/** Solves `factor * factorᵀ x = values` in place, for the leading `count` rows only. */
export function solveCholesky({ factor, size }: Cholesky, values: Float64Array, count: number): void {
  for (let row = 0; row < count; row++) {
    for (let k = 0; k < row; k++) values[row] -= factor[row * size + k] * values[k]
    values[row] /= factor[row * size + row]
  }
  for (let row = count - 1; row >= 0; row--) {
    for (let k = row + 1; k < count; k++) values[row] -= factor[k * size + row] * values[k]
    values[row] /= factor[row * size + row]
  }
}
