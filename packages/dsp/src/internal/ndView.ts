import type { NdArray } from 'ndarray'

/**
 * A view of float32 data in one or two dimensions with the interface of `ndarray`, so that everything written for ndarrays takes it.
 *
 * Not the `ndarray` package itself, because that compiles its classes with `new Function`: pages and worklets whose content security policy
 * leaves out `unsafe-eval` could not use it, and it weighs more than all of MFCC.
 */
export class NdView implements NdArray<Float32Array> {
  readonly dtype = 'float32'
  readonly data: Float32Array
  readonly shape: number[]
  readonly stride: number[]
  readonly offset: number

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
    const step = this.stride.map(Math.abs)
    return step.length < 2 ? [0] : step[0] > step[1] ? [1, 0] : [0, 1]
  }

  get T(): NdView {
    return this.transpose(...this.shape.map((_, axis) => this.shape.length - 1 - axis))
  }

  index(...at: number[]): number {
    return at.reduce((sum, i, axis) => sum + i * this.stride[axis], this.offset)
  }

  get(i = 0, j = 0): number {
    return this.data[this.offset + i * (this.stride[0] || 0) + j * (this.stride[1] || 0)]
  }

  set(...atAndValue: number[]): number {
    const value = atAndValue.pop()!
    return (this.data[this.index(...atAndValue)] = value)
  }

  /** The part from the given indices on. */
  lo(...from: (number | null)[]): NdView {
    const skip = this.#start(from)
    return this.#view(this.shape.map((n, axis) => n - skip[axis]), this.stride, skip)
  }

  /** The part before the given indices. */
  hi(...until: (number | null)[]): NdView {
    return this.#view(this.shape.map((n, axis) => (given(until[axis]) ? until[axis]! : n)), this.stride)
  }

  /** Every so many elements; negative: backwards. */
  step(...by: (number | null)[]): NdView {
    const steps = this.shape.map((_, axis) => by[axis] ?? 1)
    return this.#view(
      this.shape.map((n, axis) => Math.ceil(n / Math.abs(steps[axis]))),
      this.stride.map((s, axis) => s * steps[axis]),
      this.shape.map((n, axis) => (steps[axis] < 0 ? n - 1 : 0)),
    )
  }

  transpose(...axes: number[]): NdView {
    const order = this.shape.map((_, axis) => axes[axis] ?? axis)
    return this.#view(order.map((axis) => this.shape[axis]), order.map((axis) => this.stride[axis]))
  }

  /** The part at the given indices, without those axes; null (or negative) keeps an axis. */
  pick(...at: (number | null)[]): NdView {
    const kept = (_: number, axis: number) => !given(at[axis])
    return this.#view(this.shape.filter(kept), this.stride.filter(kept), this.#start(at))
  }

  #start(at: (number | null)[]): number[] {
    return this.shape.map((_, axis) => (given(at[axis]) ? at[axis]! : 0))
  }

  #view(shape: number[], stride: number[], start: number[] = []): NdView {
    return new NdView(this.data, shape, stride, this.index(...start))
  }
}

/** ndarray leaves an axis alone where an index is missing, null or negative. */
function given(index: number | null | undefined): boolean {
  return index != null && index >= 0
}
