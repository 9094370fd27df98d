import { chunkOf, type Signal } from './internal/check.ts'
import { createExtractor, type Extractor, type FeatureColumns, type FeatureOptions } from './internal/extractor.ts'
import { countFrames, leftPad } from './internal/frames.ts'
import { matrix, type Matrix } from './internal/matrix.ts'

/**
 * Features of a signal that comes in chunks of any size: all frames that `push` and `flush` return, in a row, equal {@link extractFeatures} of
 * the whole signal.
 *
 * Memory is bounded by the frame, whatever the length of the signal or of a chunk; apart from its output a frame allocates nothing.
 *
 * @example
 * ```ts
 * const stream = new FeatureStream({ sampleRate: 16000, nFft: 512, hopLength: 160, features: [{ name: 'mfcc', nMfcc: 13, nMels: 40 }, 'rms'] })
 * const frames = stream.push(chunk) // [frames, 14], or null while no frame is complete
 * ```
 */
export class FeatureStream {
  /** Which columns hold which feature. */
  readonly columns: readonly FeatureColumns[]
  /** Columns in all. */
  readonly width: number
  readonly #extractor: Extractor
  /** The last samples; the first of them has the index `#base`. */
  readonly #samples: Float32Array
  #base = 0
  #received = 0
  #emitted = 0

  /**
   * @param options - `sampleRate` in Hz and `features` are required
   * @throws EmoRangeError `NOT_STREAMABLE` (an option that depends on the whole signal), and as the features themselves
   */
  constructor(options: FeatureOptions) {
    this.#extractor = createExtractor(options)
    this.columns = this.#extractor.columns
    this.width = this.#extractor.width
    // Room for a frame, for what its successor leaves over, and for pieces of a chunk of at least a frame.
    this.#samples = new Float32Array(3 * this.#extractor.grid.frameLength + 2)
  }

  /**
   * Takes the next samples.
   *
   * @param chunk - any number of samples at the stream's rate
   * @returns `[frames, width]` of the frames that are complete, or null for none
   * @throws EmoRangeError `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`; the stream is then as before
   */
  push(chunk: Signal): Matrix | null {
    const given = chunkOf(chunk, 'chunk')
    const { grid, width } = this.#extractor
    const frames = this.#complete(this.#received + given.length) - this.#emitted
    const out = new Float32Array(frames * width)
    let row = 0
    for (let taken = 0; taken < given.length; ) {
      this.#dropDone()
      const held = this.#received - this.#base
      const take = Math.min(given.length - taken, this.#samples.length - held)
      for (let i = 0; i < take; i++) this.#samples[held + i] = given[taken + i]
      taken += take
      this.#received += take
      for (const until = this.#complete(this.#received); this.#emitted < until; this.#emitted++, row++) {
        this.#extractor.run(this.#samples, this.#base, this.#received, this.#emitted * grid.hopLength - leftPad(grid), out, row * width)
      }
    }
    return frames > 0 ? matrix(frames, width, out) : null
  }

  /**
   * Ends the signal and makes the stream ready for another.
   *
   * @returns `[frames, width]` of the frames that reach beyond the end, or null for none
   */
  flush(): Matrix | null {
    const { grid, width } = this.#extractor
    const total = this.#received
    const frames = total === 0 ? 0 : countFrames(total, grid) - this.#emitted
    const out = new Float32Array(Math.max(0, frames) * width)
    for (let row = 0; row < frames; row++, this.#emitted++) {
      this.#extractor.run(this.#samples, this.#base, total, this.#emitted * grid.hopLength - leftPad(grid), out, row * width)
    }
    this.#base = this.#received = this.#emitted = 0
    return frames > 0 ? matrix(frames, width, out) : null
  }

  /** Frames that no later sample can change, when `received` samples have come. */
  #complete(received: number): number {
    const { grid } = this.#extractor
    const pad = leftPad(grid)
    // A mirrored frame needs one sample more than the pad.
    const room = received + pad - grid.frameLength
    return room < 0 || received <= pad ? 0 : 1 + Math.floor(room / grid.hopLength)
  }

  /** Forgets samples that neither the next frame nor the mirrored end of the signal can need. */
  #dropDone(): void {
    const { grid } = this.#extractor
    const pad = leftPad(grid)
    const next = this.#emitted * grid.hopLength - pad
    const keep = Math.max(this.#base, Math.min(next, this.#received - pad - 1))
    if (keep === this.#base) return
    this.#samples.copyWithin(0, keep - this.#base, this.#received - this.#base)
    this.#base = keep
  }
}
