import { samplesOf, type Signal } from './internal/check.ts'
import { filterInto, resampledLength, resampler, type ResampleOptions } from './internal/resampler.ts'

/**
 * Changes the sample rate by any ratio of integers, with a polyphase windowed-sinc filter (Kaiser).
 *
 * Of the lower of both Nyquist frequencies, up to 0.9 passes flat to 0.05 dB; images and aliases of what lies above 1.0 are
 * below -90 dB. No delay: output sample j is the signal at the time j / to seconds; beyond its ends the signal counts as zero.
 *
 * @param signal - samples of one channel at the rate `from`
 * @param options - both rates in Hz
 * @returns ceil(length * to / from) samples at the rate `to`; a copy, also where both rates are equal
 * @throws EmoRangeError `SAMPLE_RATE` (not a positive integer, or above 262144 times the greatest common divisor of both), `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`
 */
export function resample(signal: Signal, options: ResampleOptions): Float32Array {
  const samples = samplesOf(signal)
  const plan = resampler(options)
  const { up, down, reach } = plan
  if (up === down) return samples.slice()
  const padded = new Float32Array(samples.length + 2 * reach + 1)
  padded.set(samples, reach)
  return filterInto(plan, padded, -reach, 0, new Float32Array(resampledLength(samples.length, plan)))
}
