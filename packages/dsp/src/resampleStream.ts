import { chunkOf, type Signal } from './internal/check.ts'
import { SampleQueue } from './internal/sampleQueue.ts'
import { filterInto, resampledLength, resampler, type ResampleOptions, type Resampler } from './internal/resampler.ts'

/**
 * {@link resample} for a signal that comes in chunks: all that `push` and `flush` return, in a row, equals the batch result.
 *
 * Memory is bounded by the largest chunk. A sample comes out once the filter's half length (61 periods of the lower rate) has come in after it.
 */
export class ResampleStream {
  readonly #plan: Resampler
  #queue!: SampleQueue
  #produced = 0

  /**
   * @param options - both rates in Hz
   * @throws EmoRangeError `SAMPLE_RATE` (not a positive integer, or above 262144 times the greatest common divisor of both)
   */
  constructor(options: ResampleOptions) {
    this.#plan = resampler(options)
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
    const given = chunkOf(chunk)
    const { up, down, reach } = this.#plan
    if (up === down) return given.slice()
    // Output j reaches up to the input sample floor(j down / up) + reach.
    return this.#produce(given, Math.ceil(((this.#queue.end + given.length - reach) * up) / down))
  }

  /**
   * Ends the signal and makes the stream ready for another.
   *
   * @returns the rest: in all, ceil(length * to / from) samples
   */
  flush(): Float32Array {
    const rest = this.#produce(new Float32Array(this.#plan.reach + 1), resampledLength(this.#queue.end, this.#plan))
    this.#restart()
    return rest
  }

  #restart(): void {
    // Zeros before the first sample.
    this.#queue = new SampleQueue(-this.#plan.reach)
    this.#produced = 0
  }

  #produce(chunk: Float32Array, until: number): Float32Array {
    const { up, down, reach } = this.#plan
    // Nothing before the reach of the next output is needed again.
    this.#queue.append(chunk, Math.floor((this.#produced * down) / up) + 1 - reach)
    const out = filterInto(
      this.#plan,
      this.#queue.samples,
      this.#queue.base,
      this.#produced,
      new Float32Array(Math.max(0, until - this.#produced)),
    )
    this.#produced += out.length
    return out
  }
}
