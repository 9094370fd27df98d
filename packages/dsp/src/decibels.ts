import { chunkOf, positive, within } from './internal/check.ts'
import { isMatrix, matrix, rowMajor, type Matrix } from './internal/matrix.ts'

/** Options of a conversion to decibels; names and defaults are librosa's. */
export interface DecibelOptions {
  /** The value that becomes 0 dB (default 1), or `'max'` for the largest value given. */
  ref?: number | 'max'
  /** Values below this count as this (default 1e-10 for power, 1e-5 for amplitude). */
  amin?: number
  /** Values further than this below the largest are raised to there, in dB (default 80); null: no limit. */
  topDb?: number | null
}

/** Checked floor and range. */
export function decibelRange({ amin, topDb = 80 }: DecibelOptions, least: number): { amin: number; topDb: number | null } {
  if (topDb !== null) within('topDb', topDb, 0, Infinity)
  return { amin: positive('amin', amin ?? least), topDb }
}

// 10 log10(x) = toDb * ln(x)
const toDb = 10 / Math.LN10

/** Power values to decibels in place; `ref` and `amin` are powers. */
export function toDecibels(values: Float32Array, ref: number, amin: number, topDb: number | null): void {
  const zero = toDb * Math.log(Math.max(amin, ref))
  let floor = -Infinity
  for (let i = 0; i < values.length; i++) {
    values[i] = toDb * Math.log(Math.max(amin, values[i])) - zero
    if (topDb !== null && values[i] - topDb > floor) floor = values[i] - topDb
  }
  if (topDb !== null) for (let i = 0; i < values.length; i++) values[i] = Math.max(floor, values[i])
}

function convert(values: Matrix | ArrayLike<number>, options: DecibelOptions, exponent: 1 | 2): never {
  const { amin, topDb } = decibelRange(options, exponent === 1 ? 1e-10 : 1e-5)
  const { ref = 1 } = options
  const given = isMatrix(values)
  // A copy.
  const data = chunkOf(Array.from(given ? rowMajor(values) : values), 'value')
  if (exponent === 2) for (let i = 0; i < data.length; i++) data[i] *= data[i]
  // The largest power is the square of the largest magnitude.
  toDecibels(data, ref === 'max' ? data.reduce((max, value) => Math.max(max, value), 0) : within('ref', ref, 0, Infinity) ** exponent, amin ** exponent, topDb)
  return (given ? matrix(values.shape[0], values.shape[1], data) : data) as never
}

/**
 * Power to decibels, 10 log10(max(amin, S)) - 10 log10(max(amin, ref)), no lower than `topDb` below the largest; equal to `librosa.power_to_db`.
 *
 * @param power - a matrix or an array of squared amplitudes
 * @param options - reference, floor and range
 * @returns decibels, of the shape given
 * @throws EmoRangeError `OUT_OF_RANGE`, `SIGNAL_NOT_FINITE`
 */
export function powerToDb<M extends Matrix | ArrayLike<number>>(power: M, options: DecibelOptions = {}): M extends Matrix ? Matrix : Float32Array {
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
export function amplitudeToDb<M extends Matrix | ArrayLike<number>>(amplitude: M, options: DecibelOptions = {}): M extends Matrix ? Matrix : Float32Array {
  return convert(amplitude, options, 2)
}
