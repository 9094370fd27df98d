import type { NdArray } from 'ndarray'

/**
 * A view of float32 data in one or two dimensions with the interface of `ndarray`, so that everything written for ndarrays takes it.
 *
 * Not the `ndarray` package itself, because that compiles its classes with `new Function`: pages and worklets whose content security policy
 * leaves out `unsafe-eval` could not use it, and it weighs more than all of MFCC.
 */
export class NdView implements NdArray<Float32Array> {
  readonly dtype = 'float32'
  declare readonly data: Float32Array
  declare readonly shape: number[]
  declare readonly stride: number[]
  declare readonly offset: number

  constructor(data: Float32Array, shape: number[], stride: number[], offset: number) {
    this.data = data
    this.shape = shape
    this.stride = stride
    this.offset = offset
  }

  get dimension(): number {
    return this.shape.length
  }

  get size(): number {
    return this.shape.reduce((product, n) => product * n, 1)
  }

  /** Axes from the fastest to the slowest. */
  get order(): number[] {
    return [...this.stride.keys()].sort((a, b) => Math.abs(this.stride[a]) - Math.abs(this.stride[b]))
  }

  get T(): NdView {
    return this.transpose(this.dimension - 1, 0)
  }

  index(i = 0, j = 0): number {
    return this.offset + i * (this.stride[0] || 0) + j * (this.stride[1] || 0)
  }

  get(i?: number, j?: number): number {
    return this.data[this.index(i, j)]
  }

  set(...atAndValue: number[]): number {
    const value = atAndValue.pop()!
    return (this.data[this.index(...atAndValue)] = value)
  }

  /** The part from the given indices on. */
  lo(...from: Indices): NdView {
    return this.#map(from, (n, i) => (i < 0 ? [n] : [n - i, i]))
  }

  /** The part before the given indices. */
  hi(...until: Indices): NdView {
    return this.#map(until, (n, i) => [i < 0 ? n : i])
  }

  /** Every so many elements; negative: backwards. */
  step(...by: Indices): NdView {
    return this.#map(by, (n, i) => [Math.ceil(n / Math.abs(i)), i < 0 ? n - 1 : 0, i])
  }

  /** The part at the given indices, without those axes; null (or negative) keeps an axis. */
  pick(...at: Indices): NdView {
    return this.#map(at, (n, i) => (i < 0 ? [n] : [null, i]))
  }

  transpose(...axes: number[]): NdView {
    const order = this.shape.map((_, axis) => axes[axis] ?? axis)
    return new NdView(
      this.data,
      order.map((axis) => this.shape[axis]),
      order.map((axis) => this.stride[axis]),
      this.offset,
    )
  }

  /** Changes every axis that has an index: to a length (null: the axis goes), from an element on, by a step. */
  #map(indices: Indices, change: (length: number, index: number) => [length: number | null, from?: number, by?: number]): NdView {
    const shape: number[] = []
    const stride: number[] = []
    let { offset } = this
    this.shape.forEach((n, axis) => {
      const index = indices[axis]
      const [length, from = 0, by = 1] = index == null ? [n] : change(n, index)
      offset += from * this.stride[axis]
      if (length === null) return
      shape.push(length)
      stride.push(this.stride[axis] * by)
    })
    return new NdView(this.data, shape, stride, offset)
  }
}

/** An index an axis; null or none leaves the axis as it is. */
type Indices = (number | null)[]
