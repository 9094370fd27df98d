import { EmoRangeError } from '@emo/errors'

/** What every function takes as a signal: real samples, one channel. `Float32Array` is used as it is, anything else is copied. */
export type Signal = Float32Array | ArrayLike<number>

/** Throws the package's one kind of error: a `RangeError` with a stable code that says what was given and what to give. */
export function fail(code: string, name: string, value: unknown, advice: string): never {
  throw new EmoRangeError(code, `${name} is ${describe(value)}; give ${advice}`, { details: { [name]: value } })
}

/** Objects by their kind: a signal would fill the message with its samples, and what has no prototype cannot be written out. */
function describe(value: unknown): string {
  return isObject(value) ? {}.toString.call(value) : String(value).slice(0, 80)
}

const isObject = (value: unknown): value is object => Object(value) === value

/** The samples as float32, checked: not empty, all finite. Does not copy a `Float32Array`. */
export function samplesOf(signal: Signal, name = 'signal'): Float32Array {
  const samples = chunkOf(signal, name)
  if (!samples.length) fail('SIGNAL_EMPTY', `${name}.length`, 0, 'at least one')
  return samples
}

/** The numbers as float32, and checked to be finite where `finite`. Does not copy a `Float32Array`. */
export function arrayOf(signal: Signal, name: string, finite = false): Float32Array {
  // Strings and the like have a length too.
  if (typeof signal !== 'object' || !Number.isInteger(signal?.length)) fail('SIGNAL_NOT_ARRAY', name, signal, 'an array of numbers')
  const samples = signal instanceof Float32Array ? signal : Float32Array.from(signal, Number)
  for (let i = 0; i < samples.length; i++) {
    // x - x is 0 for every finite x and NaN for all else. What is no number, such as the null that JSON makes of NaN, may have become one.
    if ((finite && samples[i] - samples[i] !== 0) || (samples !== signal && typeof signal[i] !== 'number'))
      fail('SIGNAL_NOT_FINITE', `${name}[${i}]`, signal[i], 'finite numbers')
  }
  return samples
}

/** As {@link samplesOf}, but an empty chunk of a stream is fine. */
export function chunkOf(signal: Signal, name = 'chunk'): Float32Array {
  return arrayOf(signal, name, true)
}

/** A finite number in [low, high], or in (low, high) when `open`. */
export function within(name: string, value: number, low: number, high: number, open = false): number {
  if (!Number.isFinite(value) || !(open ? value > low && value < high : value >= low && value <= high)) {
    fail('OUT_OF_RANGE', name, value, `a number from ${low} to ${high}${open ? ', exclusive' : ''}`)
  }
  return value
}

type Options<K extends string, T> = Readonly<Partial<Record<K, T>>>

/** The options, if they are any: `null`, or a number where librosa takes one by position, would be read as none, or break. */
export function optionsOf<T extends object>(options: T): T {
  if (!isObject(options)) fail('OPTIONS_NOT_OBJECT', 'options', options, 'an object')
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
