import { chunkOf, number, optionsOf, positive, within } from './internal/check.ts'
import { indexOfMax } from './internal/indexOfMax.ts'
import { mapRows, type Matrix } from './internal/matrix.ts'

/** Options of a conversion to decibels; names and defaults are librosa's. */
export interface DecibelOptions {
  /** The value that becomes 0 dB (default 1), or `'max'` for the largest value given. */
  ref?: number | 'max'
  /** Values below this count as this (default 1e-10 for power, 1e-5 for amplitude). */
  amin?: number
  /** Values further than this below the largest are raised to there, in dB (default 80); null: no limit. */
  topDb?: number | null
}

/** Checked range; infinite for no limit. */
export function topDbOf(options: { topDb?: number | null }): number {
  const { topDb = 80 } = optionsOf(options)
  return topDb === null ? Infinity : within('topDb', topDb, 0, Infinity)
}

// 10 log10(x) = toDb * ln(x)
const toDb = 10 / Math.LN10

/** Power values to decibels in place; `ref` and `amin` are powers. */
export function toDecibels(values: Float32Array, ref: number, amin: number, topDb = Infinity): Float32Array {
  const zero = Math.max(amin, ref)
  let loudest = -Infinity
  for (let i = 0; i < values.length; i++) {
    values[i] = toDb * Math.log(Math.max(amin, values[i]) / zero)
    loudest = Math.max(loudest, values[i])
  }
  for (let i = 0; i < values.length; i++) values[i] = Math.max(loudest - topDb, values[i])
  return values
}

function convert<M extends Matrix | ArrayLike<number>>(given: M, options: DecibelOptions, exponent: 1 | 2) {
  return mapRows(given, (values) => {
    chunkOf(values, 'value')
    if (exponent === 2) for (let i = 0; i < values.length; i++) values[i] *= values[i]
    // The largest power is the square of the largest magnitude.
    const ref =
      optionsOf(options).ref === 'max' ? (values[indexOfMax(values)] ?? 0) : number(options as { ref?: number }, 'ref', 1) ** exponent
    return toDecibels(values, ref, positive(options, 'amin', exponent === 1 ? 1e-10 : 1e-5) ** exponent, topDbOf(options))
  })
}

/**
 * Power to decibels, 10 log10(max(amin, S)) - 10 log10(max(amin, ref)), no lower than `topDb` below the largest; equal to `librosa.power_to_db`.
 *
 * @param power - a matrix or an array of squared amplitudes
 * @param options - reference, floor and range
 * @returns decibels, of the shape given
 * @throws EmoRangeError `OUT_OF_RANGE`, `SIGNAL_NOT_FINITE`
 */
export function powerToDb<M extends Matrix | ArrayLike<number>>(
  power: M,
  options: DecibelOptions = {},
): M extends Matrix ? Matrix : Float32Array {
  return convert(power, options, 1)
}

/**
 * Amplitude to decibels, 20 log10(max(amin, |S|)) - 20 log10(max(amin, ref)), no lower than `topDb` below the largest; equal to `librosa.amplitude_to_db`.
 *
 * @param amplitude - a matrix or an array of amplitudes
 * @param options - reference, floor and range; `ref` and `amin` are amplitudes
 * @returns decibels, of the shape given
 * @throws EmoRangeError `OUT_OF_RANGE`, `SIGNAL_NOT_FINITE`
 */
export function amplitudeToDb<M extends Matrix | ArrayLike<number>>(
  amplitude: M,
  options: DecibelOptions = {},
): M extends Matrix ? Matrix : Float32Array {
  return convert(amplitude, options, 2)
}
