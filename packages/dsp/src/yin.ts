import { positive, type Signal } from './internal/check.ts'
import { mapFrames } from './internal/frames.ts'
import { isTrough, parabolicShift, periodicity, type PitchOptions } from './internal/periodicity.ts'

/** Options of {@link yin}. */
export interface YinOptions extends PitchOptions {
  /** The first minimum of the difference function below this is the period (default 0.1). */
  troughThreshold?: number
}

/** Frequency of one frame. */
export function yinKernel(options: YinOptions) {
  const plan = periodicity(options)
  const threshold = positive('troughThreshold', options.troughThreshold ?? 0.1)
  const { difference, minPeriod, sampleRate } = plan
  return {
    grid: plan.grid,
    run: (data: Float32Array, offset: number): number => {
      plan.analyse(data, offset)
      let best = -1
      let lowest = 0
      for (let i = 0; i < difference.length; i++) {
        if (difference[i] < difference[lowest]) lowest = i
        if (difference[i] < threshold && isTrough(difference, i)) {
          best = i
          break
        }
      }
      if (best < 0) best = lowest
      return sampleRate / (minPeriod + best + parabolicShift(difference, best))
    },
  }
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
 * `SIGNAL_NOT_ARRAY`, `SIGNAL_TOO_SHORT`
 */
export function yin(signal: Signal, options: YinOptions): Float32Array {
  const kernel = yinKernel(options)
  return mapFrames(signal, kernel.grid, 1, (data, offset, out, at) => {
    out[at] = kernel.run(data, offset)
  })
}
