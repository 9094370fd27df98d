import { fail, integer, oneOf } from './internal/check.ts'

/** Names of the windows that every `window` option takes. */
export type WindowName = 'hann' | 'hamming' | 'blackman' | 'rectangular'

/** A window by name, or its samples. */
export type Window = WindowName | ArrayLike<number>

/** A sum of cosines over one period of `length` samples (periodic, as `fftbins=True` in SciPy) or ending on its first value (symmetric). */
function cosineSum(length: number, periodic: boolean, coefficients: readonly number[]): Float64Array {
  integer('length', length)
  const period = periodic || length === 1 ? length : length - 1
  const out = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    for (let k = 0; k < coefficients.length; k++) out[i] += coefficients[k] * Math.cos((2 * Math.PI * k * i) / period)
  }
  // One sample is always 1, as in SciPy.
  if (length === 1) out[0] = 1
  return out
}

/**
 * Hann window, w(i) = 0.5 - 0.5 cos(2 pi i / N).
 *
 * @param length - number of samples N
 * @param periodic - true (default): for spectral analysis; false: symmetric
 * @returns `length` values in [0, 1]
 * @throws EmoRangeError `NOT_INTEGER` for a length that is not a positive integer
 */
export function hann(length: number, periodic = true): Float64Array {
  return cosineSum(length, periodic, [0.5, -0.5])
}

/**
 * Hamming window, w(i) = 0.54 - 0.46 cos(2 pi i / N).
 *
 * @param length - number of samples N
 * @param periodic - true (default): for spectral analysis; false: symmetric
 * @returns `length` values in [0.08, 1]
 * @throws EmoRangeError `NOT_INTEGER` for a length that is not a positive integer
 */
export function hamming(length: number, periodic = true): Float64Array {
  return cosineSum(length, periodic, [0.54, -0.46])
}

/**
 * Blackman window, w(i) = 0.42 - 0.5 cos(2 pi i / N) + 0.08 cos(4 pi i / N).
 *
 * @param length - number of samples N
 * @param periodic - true (default): for spectral analysis; false: symmetric
 * @returns `length` values in [0, 1]
 * @throws EmoRangeError `NOT_INTEGER` for a length that is not a positive integer
 */
export function blackman(length: number, periodic = true): Float64Array {
  return cosineSum(length, periodic, [0.42, -0.5, 0.08])
}

/** The window's samples; an array is taken as it is and must have `length` values. */
export function windowOf(window: Window, length: number): Float64Array {
  if (typeof window !== 'string') {
    if (window.length !== length) {
      fail('WINDOW_LENGTH', `window has ${window.length} samples and winLength is ${length}; they must be equal`, { given: window.length, winLength: length })
    }
    return Float64Array.from(window)
  }
  oneOf('window', window, ['hann', 'hamming', 'blackman', 'rectangular'])
  if (window === 'hann') return hann(length)
  if (window === 'hamming') return hamming(length)
  return window === 'blackman' ? blackman(length) : new Float64Array(length).fill(1)
}
