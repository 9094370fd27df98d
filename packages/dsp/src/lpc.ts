import { fail, integer, samplesOf, type Signal } from './internal/check.ts'

/** Options of {@link lpc}. */
export interface LpcOptions {
  /** Order of the predictor; a rule of thumb is 2 + sampleRate / 1000. */
  order: number
}

/**
 * Linear prediction coefficients by Burg's method: a(0) = 1 and x(n) is predicted as -sum of a(k) x(n - k); equal to `librosa.lpc`.
 *
 * Source: Burg 1975; the denominator's recursion is that of Marple 1987, as in librosa.
 *
 * @param signal - samples of one channel, one frame of speech at a time for formants
 * @param options - order
 * @returns order + 1 coefficients; 1, 0, 0, ... for silence
 * @throws EmoRangeError `NOT_INTEGER`, `SIGNAL_TOO_SHORT` (fewer than order + 1 samples), `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`
 */
export function lpc(signal: Signal, options: LpcOptions): Float32Array {
  const order = integer(options, 'order')
  const x = samplesOf(signal)
  const n = x.length
  if (n <= order) fail('SIGNAL_TOO_SHORT', 'signal.length', n, 'more than order')
  // All in float32 and summed in order, as librosa's: on signals that are predicted almost perfectly the recursion is so
  // ill-conditioned that exact sums would differ from librosa's result by more than 1e-4.
  const round = Math.fround
  const forward = x.slice(1)
  const backward = x.slice(0, n - 1)
  let coefficients = new Float32Array(order + 1)
  coefficients[0] = 1
  let energy = 0
  for (let i = 0; i < n - 1; i++) energy = round(energy + round(round(forward[i] * forward[i]) + round(backward[i] * backward[i])))
  for (let m = 0; m < order; m++) {
    // After m steps the errors overlap in n - 1 - m samples: forward from m, backward from 0.
    const length = n - 1 - m
    let cross = 0
    for (let i = 0; i < length; i++) cross = round(cross + round(backward[i] * forward[m + i]))
    const reflection = energy > 0 ? round((-2 * cross) / energy) : 0
    const next = coefficients.slice()
    for (let j = 1; j <= m + 1; j++) next[j] = coefficients[j] + round(reflection * coefficients[m + 1 - j])
    coefficients = next
    for (let i = 0; i < length; i++) {
      const f = forward[m + i]
      forward[m + i] = f + round(reflection * backward[i])
      backward[i] += round(reflection * f)
    }
    const q = 1 - round(reflection * reflection)
    energy = round(q * energy - round(backward[length - 1] ** 2) - round(forward[m] ** 2))
  }
  return coefficients
}
