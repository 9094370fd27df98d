import { chunkOf, fail, integer, oneOf } from './internal/check.ts'

/** Names of the windows that every `window` option takes. */
export type WindowName = 'hann' | 'hamming' | 'blackman' | 'rectangular'

/** A window by name, or its samples. */
export type Window = WindowName | ArrayLike<number>

/** Weights of cos(2 pi k i / N), k = 0, 1, ... */
const terms: Record<WindowName, readonly number[]> = {
  hann: [0.5, -0.5],
  hamming: [0.54, -0.46],
  blackman: [0.42, -0.5, 0.08],
  rectangular: [1],
}

/** One period of `length` samples (periodic, as `fftbins=True` in SciPy) or ending on its first value (symmetric). */
function cosineSum(name: WindowName, length: number, periodic = true): Float64Array {
  const period = integer({ length }, 'length') - (periodic ? 0 : 1)
  return Float64Array.from({ length }, (_, i) =>
    // One sample is always 1, as in SciPy.
    length === 1 ? 1 : terms[name].reduce((sum, weight, k) => sum + weight * Math.cos((2 * Math.PI * k * i) / period), 0),
  )
}

/**
 * Hann window, w(i) = 0.5 - 0.5 cos(2 pi i / N).
 *
 * @param length - number of samples N
 * @param periodic - true (default): for spectral analysis; false: symmetric
 * @returns `length` values in [0, 1]
 * @throws EmoRangeError `NOT_INTEGER` or `OUT_OF_RANGE` for a length that is not a positive integer
 */
export function hann(length: number, periodic?: boolean): Float64Array {
  return cosineSum('hann', length, periodic)
}

/**
 * Hamming window, w(i) = 0.54 - 0.46 cos(2 pi i / N).
 *
 * @param length - number of samples N
 * @param periodic - true (default): for spectral analysis; false: symmetric
 * @returns `length` values in [0.08, 1]
 * @throws EmoRangeError `NOT_INTEGER` or `OUT_OF_RANGE` for a length that is not a positive integer
 */
export function hamming(length: number, periodic?: boolean): Float64Array {
  return cosineSum('hamming', length, periodic)
}

/**
 * Blackman window, w(i) = 0.42 - 0.5 cos(2 pi i / N) + 0.08 cos(4 pi i / N).
 *
 * @param length - number of samples N
 * @param periodic - true (default): for spectral analysis; false: symmetric
 * @returns `length` values in [0, 1]
 * @throws EmoRangeError `NOT_INTEGER` or `OUT_OF_RANGE` for a length that is not a positive integer
 */
export function blackman(length: number, periodic?: boolean): Float64Array {
  return cosineSum('blackman', length, periodic)
}

/** The samples of the window asked for; an array is taken as it is and must have `length` values. */
export function windowOf({ window }: { window?: Window }, length: number): Float64Array {
  if (typeof window !== 'object') return cosineSum(oneOf({ window }, 'window', ...(Object.keys(terms) as WindowName[])), length)
  chunkOf(window, 'window')
  if (window.length !== length) fail('WINDOW_LENGTH', 'window.length', window.length, `winLength (${length}) samples`)
  return Float64Array.from(window)
}
