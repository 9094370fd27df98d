import { chunkOf, type Signal } from './internal/check.ts'
import { filterInto, resampledLength, resampler, type ResampleOptions, type Resampler } from './internal/resampler.ts'

/**
 * {@link resample} for a signal that comes in chunks: all that `push` and `flush` return, in a row, equals the batch result.
 *
 * Memory is bounded by the largest chunk. A sample comes out once the filter's half length (61 periods of the lower rate) has come in after it.
 */
export class ResampleStream {
  readonly #plan: Resampler
  /** Input samples not yet done with; the first has the index `#base`. */
  #samples: Float32Array
  #base = 0
  #held = 0
  #received = 0
  #produced = 0

  /**
   * @param options - both rates in Hz
   * @throws EmoRangeError `SAMPLE_RATE` (not a positive integer)
   */
  constructor(options: ResampleOptions) {
    this.#plan = resampler(options)
    this.#samples = new Float32Array(4 * this.#plan.reach + 1024)
    this.#restart()
  }

  /**
   * Takes the next samples.
   *
   * @param chunk - any number of samples
   * @returns the samples that are complete, perhaps none
   * @throws EmoRangeError `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`; the stream is then as before
   */
  push(chunk: Signal): Float32Array {
    const given = chunkOf(chunk, 'chunk')
    if (this.#plan.up === this.#plan.down) return given.slice()
    this.#received += given.length
    this.#append(given)
    const { up, down, reach } = this.#plan
    // Output j reaches up to the input sample floor(j down / up) + reach.
    return this.#produce(Math.ceil(((this.#received - reach) * up) / down))
  }

  /**
   * Ends the signal and makes the stream ready for another.
   *
   * @returns the rest: in all, ceil(length * to / from) samples
   */
  flush(): Float32Array {
    if (this.#plan.up === this.#plan.down) return new Float32Array(0)
    this.#append(new Float32Array(this.#plan.reach + 1))
    const rest = this.#produce(resampledLength(this.#received, this.#plan))
    this.#restart()
    return rest
  }

  #restart(): void {
    // Zeros before the first sample.
    this.#base = -this.#plan.reach
    this.#held = this.#plan.reach
    this.#samples.fill(0, 0, this.#held)
    this.#received = 0
    this.#produced = 0
  }

  #append(chunk: Float32Array): void {
    const { up, down, reach } = this.#plan
    // Nothing before the reach of the next output is needed again.
    const drop = Math.min(this.#held, Math.floor((this.#produced * down) / up) + 1 - reach - this.#base)
    if (drop > 0) {
      this.#samples.copyWithin(0, drop, this.#held)
      this.#base += drop
      this.#held -= drop
    }
    if (this.#held + chunk.length > this.#samples.length) {
      const larger = new Float32Array(2 * (this.#held + chunk.length))
      larger.set(this.#samples.subarray(0, this.#held))
      this.#samples = larger
    }
    this.#samples.set(chunk, this.#held)
    this.#held += chunk.length
  }

  #produce(until: number): Float32Array {
    const out = new Float32Array(Math.max(0, until - this.#produced))
    filterInto(this.#plan, this.#samples, this.#base, this.#produced, out)
    this.#produced += out.length
    return out
  }
}
