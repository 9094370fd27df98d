import { positive, type Signal } from './internal/check.ts'
import { mapFrames, type FrameKernel } from './internal/frames.ts'
import { isTrough, parabolicShift, periodicity, type PitchOptions } from './internal/periodicity.ts'

/** Options of {@link yin}. */
export interface YinOptions extends PitchOptions {
  /** The first minimum of the difference function below this is the period (default 0.1). */
  troughThreshold?: number
}

/** Frequency of one frame. */
export function yinKernel(options: YinOptions) {
  const { grid, analyse, difference, minPeriod, sampleRate } = periodicity(options)
  const threshold = positive(options, 'troughThreshold', 0.1)
  const run: FrameKernel = (data, offset, out, at) => {
    analyse(data, offset)
    let best = 0
    for (let i = 0; i < difference.length; i++) {
      if (difference[i] < difference[best]) best = i
      if (difference[i] < threshold && isTrough(difference, i)) {
        best = i
        break
      }
    }
    out[at] = sampleRate / (minPeriod + best + parabolicShift(difference, best))
  }
  return { grid, run }
}

/**
 * Fundamental frequency by YIN (de Cheveigné and Kawahara 2002); equal to `librosa.yin`.
 *
 * Every frame gets a frequency, also unvoiced ones and silence: use {@link pyin} where voicing matters.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate`, `fMin`, `fMax` in Hz are required
 * @returns Hz, one value a frame
 * @throws EmoRangeError `SAMPLE_RATE`, `OUT_OF_RANGE` (frequencies; a frame too short for fMin), `NOT_INTEGER`, `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`,
 * `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`, `SIGNAL_TOO_SHORT`
 */
export function yin(signal: Signal, options: YinOptions): Float32Array {
  const { grid, run } = yinKernel(options)
  return mapFrames(signal, grid, run)
}
