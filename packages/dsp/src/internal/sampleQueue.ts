/** The latest samples of a stream: those from index `base` to `end`. A `base` below 0 starts it with zeros. Grows with the largest chunk, not with the signal. */
export class SampleQueue {
  samples = new Float32Array(0)
  end = 0
  declare base: number

  constructor(base = 0) {
    this.base = base
  }

  /** Forgets the samples before index `keep` and takes in more. */
  append(chunk: Float32Array, keep: number): void {
    const from = Math.max(0, Math.min(this.end, keep) - this.base)
    const held = this.end - this.base - from
    if (held + chunk.length > this.samples.length) {
      const { samples } = this
      this.samples = new Float32Array(2 * (held + chunk.length))
      this.samples.set(samples)
    }
    this.samples.copyWithin(0, from, from + held)
    this.samples.set(chunk, held)
    this.base += from
    this.end += chunk.length
  }
}
