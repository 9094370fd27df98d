/** A matrix that rows of values are multiplied by, with the run of weights in each of its rows that are not zero. */
export interface Projection {
  readonly weights: Float64Array
  readonly columns: number
  /** Row r: columns `first[r]` to `end[r]`. */
  readonly first: Int32Array
  readonly end: Int32Array
}

/** The projection of `columns` values to `rows` values with these weights. */
export function projection(rows: number, columns: number, weightOf: (row: number, column: number) => number): Projection {
  const weights = new Float64Array(rows * columns)
  const first = new Int32Array(rows)
  const end = new Int32Array(rows)
  for (let i = 0; i < weights.length; i++) {
    const row = Math.floor(i / columns)
    const column = i % columns
    weights[i] = weightOf(row, column)
    if (!weights[i]) continue
    first[row] = end[row] ? first[row] : column
    end[row] = column + 1
  }
  return { weights, columns, first, end }
}

/** Writes the projection of `input` from `from` to `out` from `at`. `input` is of one type, because the compiler makes slow code for two. */
export function project(
  { weights, columns, first, end }: Projection,
  input: Float64Array,
  from: number,
  out: Float32Array,
  at: number,
): void {
  for (let r = 0, row = 0; r < first.length; r++, row += columns) {
    // Two sums, so that additions need not wait for each other.
    let a = 0
    let b = 0
    let k = first[r]
    const last = end[r] - 1
    for (; k < last; k += 2) {
      a += weights[row + k] * input[from + k]
      b += weights[row + k + 1] * input[from + k + 1]
    }
    if (k === last) a += weights[row + k] * input[from + k]
    out[at + r] = a + b
  }
}
