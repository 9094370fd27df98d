import { EmoRangeError } from '@emo/errors'

/** What every function takes as a signal: real samples, one channel. `Float32Array` is used as it is, anything else is copied. */
export type Signal = Float32Array | ArrayLike<number>

/** Throws the package's one kind of error: a `RangeError` with a stable code that says what was given and what to give. */
export function fail(code: string, name: string, value: unknown, advice: string): never {
  throw new EmoRangeError(code, `${name} is ${String(value)}; give ${advice}`, { details: { [name]: value } })
}

/** The samples as float32, checked: not empty, all finite. Does not copy a `Float32Array`. */
export function samplesOf(signal: Signal, name = 'signal'): Float32Array {
  const samples = chunkOf(signal, name)
  if (!samples.length) fail('SIGNAL_EMPTY', `${name}.length`, 0, 'at least one')
  return samples
}

/** The numbers as float32, finite or not. Does not copy a `Float32Array`. */
export function arrayOf(signal: Signal, name: string): Float32Array {
  // Strings and the like have a length too.
  if (typeof signal !== 'object' || !Number.isInteger(signal?.length)) fail('SIGNAL_NOT_ARRAY', name, signal, 'an array of numbers')
  return signal instanceof Float32Array ? signal : Float32Array.from(signal)
}

/** As {@link samplesOf}, but an empty chunk of a stream is fine. */
export function chunkOf(signal: Signal, name = 'chunk'): Float32Array {
  const samples = arrayOf(signal, name)
  for (let i = 0; i < samples.length; i++) {
    // x - x is 0 for every finite x and NaN for all else.
    if (samples[i] - samples[i] !== 0) fail('SIGNAL_NOT_FINITE', `${name}[${i}]`, signal[i], 'finite numbers')
  }
  return samples
}

/** A finite number in [low, high], or in (low, high) when `open`. */
export function within(name: string, value: number, low: number, high: number, open = false): number {
  if (!(open ? value > low && value < high : value >= low && value <= high) || value - value !== 0) {
    fail('OUT_OF_RANGE', name, value, `a number from ${low} to ${high}${open ? ', exclusive' : ''}`)
  }
  return value
}

type Options<K extends string, T> = Readonly<Partial<Record<K, T>>>

/** The options, if they are any: `null`, or a number where librosa takes one by position, would be read as none, or break. */
export function optionsOf<T extends object>(options: T): T {
  if (Object(options) !== options) fail('OPTIONS_NOT_OBJECT', 'options', options, 'an object')
  return options
}

/** An option: a finite number in [low, high], or in (low, high) when `open`. */
export function number<K extends string>(
  options: Options<K, number>,
  name: K,
  fallback: number,
  low = 0,
  high = Infinity,
  open = false,
): number {
  const { [name]: value = fallback } = optionsOf(options)
  return within(name, value, low, high, open)
}

/** An option: a finite number above 0. */
export function positive<K extends string>(options: Options<K, number>, name: K, fallback?: number): number {
  return number(options, name, fallback!, 0, Infinity, true)
}

/** An option: a whole number in [low, high]. */
export function integer<K extends string>(options: Options<K, number>, name: K, fallback?: number, low = 1, high = Infinity): number {
  const { [name]: value = fallback } = optionsOf(options)
  if (!Number.isInteger(value)) fail('NOT_INTEGER', name, value, 'an integer')
  return within(name, value!, low, high)
}

/** An option: one of the allowed values, the first by default. */
export function oneOf<K extends string, const T>(options: Options<K, NoInfer<T>>, name: K, ...allowed: readonly T[]): T {
  const { [name]: value = allowed[0] } = optionsOf(options)
  if (!allowed.includes(value as T)) fail('UNKNOWN_OPTION', name, value, allowed.map(String).join(' or '))
  return value as T
}

/** The sample rate in Hz; there is no default on purpose. */
export function sampleRateOf(options: { sampleRate?: number } = {}): number {
  const { sampleRate } = optionsOf(options)
  if (!(Number.isFinite(sampleRate) && sampleRate! > 0)) fail('SAMPLE_RATE', 'sampleRate', sampleRate, 'the rate in Hz')
  return sampleRate!
}
