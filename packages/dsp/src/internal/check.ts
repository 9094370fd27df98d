import { EmoRangeError } from '@emo/errors'

/** What every function takes as a signal: real samples, one channel. `Float32Array` is used as it is, anything else is copied. */
export type Signal = Float32Array | ArrayLike<number>

/** Throws the package's one kind of error: a `RangeError` with a stable code and the offending value. */
export function fail(code: string, message: string, details?: Record<string, unknown>): never {
  throw new EmoRangeError(code, message, { details })
}

/** The samples as float32, checked: not empty, all finite. Does not copy a `Float32Array`. */
export function samplesOf(signal: Signal, name = 'signal'): Float32Array {
  const samples = chunkOf(signal, name)
  if (samples.length === 0) fail('SIGNAL_EMPTY', `${name} has no samples; give at least one`, { length: 0 })
  return samples
}

/** As {@link samplesOf}, but an empty chunk of a stream is fine. */
export function chunkOf(signal: Signal, name = 'signal'): Float32Array {
  // Strings and the like have a length too.
  if (typeof signal !== 'object' || signal === null || !Number.isInteger(signal.length)) {
    fail('SIGNAL_NOT_ARRAY', `${name} is ${typeof signal}; give a Float32Array or another array of numbers`, { given: signal })
  }
  const samples = signal instanceof Float32Array ? signal : Float32Array.from(signal)
  for (let i = 0; i < samples.length; i++) {
    // x - x is 0 for every finite x and NaN for all else.
    if (samples[i] - samples[i] !== 0) {
      fail('SIGNAL_NOT_FINITE', `${name}[${i}] is ${samples[i]}; samples must be finite float32 numbers`, { index: i, value: signal[i] })
    }
  }
  return samples
}

/** A whole number of at least `least`. */
export function integer(name: string, value: number, least = 1): number {
  if (!Number.isInteger(value) || value < least) {
    fail('NOT_INTEGER', `${name} is ${String(value)}; give an integer of at least ${least}`, { [name]: value })
  }
  return value
}

/** A finite number in [low, high], or in (low, high) when `open`. */
export function within(name: string, value: number, low: number, high: number, open = false): number {
  if (!(open ? value > low && value < high : value >= low && value <= high) || !Number.isFinite(value)) {
    fail('OUT_OF_RANGE', `${name} is ${String(value)}; give a number ${open ? 'between' : 'from'} ${low} ${open ? 'and' : 'to'} ${high}`, { [name]: value })
  }
  return value
}

/** A finite number above 0. */
export function positive(name: string, value: number): number {
  return within(name, value, 0, Infinity, true)
}

/** A sample rate in Hz; there is no default on purpose. */
export function sampleRateOf(options: { sampleRate: number }): number {
  const rate = (options as Partial<typeof options> | undefined)?.sampleRate
  if (typeof rate !== 'number' || !(rate > 0) || rate === Infinity) {
    fail('SAMPLE_RATE', `sampleRate is ${String(rate)}; give the signal's rate in Hz, it is never guessed`, { sampleRate: rate })
  }
  return rate
}

/** One of the allowed values. */
export function oneOf<T>(name: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value)) {
    fail('UNKNOWN_OPTION', `${name} is ${JSON.stringify(value)}; give one of ${allowed.map((a) => JSON.stringify(a)).join(', ')}`, { [name]: value })
  }
  return value
}
