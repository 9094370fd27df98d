import { number, samplesOf, type Signal } from './internal/check.ts'

/** Options of {@link preEmphasis}. */
export interface PreEmphasisOptions {
  /** Weight of the sample before, from 0 (nothing) to 1 (default 0.97). */
  coefficient?: number
}

/**
 * Pre-emphasis, a first difference that lifts high frequencies: y(n) = x(n) - coefficient x(n - 1); equal to `librosa.effects.preemphasis`.
 *
 * The first value is 3 x(0) - x(1) (librosa's filter state of a linear extrapolation), or x(0) of a single sample.
 *
 * @param signal - samples of one channel
 * @param options - coefficient
 * @returns as many samples
 * @throws EmoRangeError `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`, `OUT_OF_RANGE`
 */
export function preEmphasis(signal: Signal, options: PreEmphasisOptions = {}): Float32Array {
  const coefficient = number(options, 'coefficient', 0.97, 0, 1)
  const x = samplesOf(signal)
  const out = new Float32Array(x.length)
  out[0] = x.length > 1 ? 3 * x[0] - x[1] : x[0]
  for (let i = 1; i < x.length; i++) out[i] = x[i] - coefficient * x[i - 1]
  return out
}
