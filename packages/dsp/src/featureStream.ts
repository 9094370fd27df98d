import { chunkOf, type Signal } from './internal/check.ts'
import { createExtractor, type Extractor, type FeatureColumns, type FeatureOptions } from './internal/extractor.ts'
import { countFrames } from './internal/frames.ts'
import type { Matrix } from './internal/matrix.ts'
import { SampleQueue } from './internal/sampleQueue.ts'

/**
 * Features of a signal that comes in chunks of any size: all frames that `push` and `flush` return, in a row, equal {@link extractFeatures} of
 * the whole signal.
 *
 * Memory is bounded by the frame and the largest chunk, whatever the length of the signal; apart from its output a frame allocates nothing.
 *
 * @example
 * ```ts
 * const stream = new FeatureStream({ sampleRate: 16000, nFft: 512, hopLength: 160, features: [{ name: 'mfcc', nMfcc: 13, nMels: 40 }, 'rms'] })
 * const frames = stream.push(chunk) // [frames, 14], or null while no frame is complete
 * ```
 */
export class FeatureStream {
  /** Which columns hold which feature. */
  declare readonly columns: readonly FeatureColumns[]
  /** Columns in all. */
  declare readonly width: number
  readonly #extractor: Extractor
  #queue!: SampleQueue
  #emitted = 0

  /**
   * @param options - `sampleRate` in Hz and `features` are required
   * @throws EmoRangeError `NOT_STREAMABLE` (an option that depends on the whole signal), and as the features themselves
   */
  constructor(options: FeatureOptions) {
    this.#extractor = createExtractor(options)
    this.columns = this.#extractor.columns
    this.width = this.#extractor.width
    this.#restart()
  }

  /**
   * Takes the next samples.
   *
   * @param chunk - any number of samples at the stream's rate
   * @returns `[frames, width]` of the frames that are complete, or null for none
   * @throws EmoRangeError `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`; the stream is then as before
   */
  push(chunk: Signal): Matrix | null {
    const given = chunkOf(chunk)
    const { grid } = this.#extractor
    const { pad } = grid
    // What neither the next frame nor the mirrored end of the signal can need is forgotten.
    this.#queue.append(given, Math.min(this.#emitted * grid.hopLength - pad, this.#queue.end - pad - 1))
    const { end } = this.#queue
    // Frames that no later sample can change; a mirrored one needs a sample more than the pad.
    return this.#emit(end > pad ? countFrames(end - pad, grid) : 0)
  }

  /**
   * Ends the signal and makes the stream ready for another.
   *
   * @returns `[frames, width]` of the frames that reach beyond the end, or null for none
   */
  flush(): Matrix | null {
    const { end } = this.#queue
    const frames = this.#emit(end && countFrames(end, this.#extractor.grid))
    this.#restart()
    return frames
  }

  #restart(): void {
    this.#queue = new SampleQueue()
    this.#emitted = 0
  }

  /** The frames up to a number of them. */
  #emit(until: number): Matrix | null {
    if (until <= this.#emitted) return null
    const { samples, base, end } = this.#queue
    const frames = this.#extractor.run(samples, base, end, this.#emitted, until)
    this.#emitted = until
    return frames
  }
}
