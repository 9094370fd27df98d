import { EmoRangeError } from '@emo/errors'

/** What every function takes as a signal: real samples, one channel. `Float32Array` is used as it is, anything else is copied. */
export type Signal = Float32Array | ArrayLike<number>

/** Throws the package's one kind of error: a `RangeError` with a stable code that says what was given and what to give. */
export function fail(code: string, name: string, value: unknown, advice: string): never {
  throw new EmoRangeError(code, `${name} is ${String(value)}; ${advice}`, { details: { [name]: value } })
}

/** The samples as float32, checked: not empty, all finite. Does not copy a `Float32Array`. */
export function samplesOf(signal: Signal, name = 'signal'): Float32Array {
  const samples = chunkOf(signal, name)
  if (samples.length === 0) fail('SIGNAL_EMPTY', `${name}.length`, 0, 'give samples')
  return samples
}

/** As {@link samplesOf}, but an empty chunk of a stream is fine. */
export function chunkOf(signal: Signal, name = 'chunk'): Float32Array {
  // Strings and the like have a length too.
  if (typeof signal !== 'object' || !Number.isInteger(signal?.length)) fail('SIGNAL_NOT_ARRAY', name, signal, 'give an array of numbers')
  const samples = signal instanceof Float32Array ? signal : Float32Array.from(signal)
  for (let i = 0; i < samples.length; i++) {
    // x - x is 0 for every finite x and NaN for all else.
    if (samples[i] - samples[i] !== 0) fail('SIGNAL_NOT_FINITE', `${name}[${i}]`, signal[i], 'give finite numbers')
  }
  return samples
}

/** A finite number in [low, high], or in (low, high) when `open`. */
export function within(name: string, value: number, low: number, high: number, open = false): number {
  if (!(open ? value > low && value < high : value >= low && value <= high) || value - value !== 0) {
    fail('OUT_OF_RANGE', name, value, `give a number from ${low} to ${high}${open ? ', ends excluded' : ''}`)
  }
  return value
}

/** A finite number above 0. */
export function positive(name: string, value: number): number {
  return within(name, value, 0, Infinity, true)
}

/** A whole number in [low, high]. */
export function integer(name: string, value: number, low = 1, high = Infinity): number {
  if (!Number.isInteger(value)) fail('NOT_INTEGER', name, value, 'give an integer')
  return within(name, value, low, high)
}

/** The sample rate in Hz; there is no default on purpose. */
export function sampleRateOf(options: { sampleRate: number }): number {
  const rate = (options as Partial<typeof options> | undefined)?.sampleRate
  if (!(rate! > 0 && rate! < Infinity)) fail('SAMPLE_RATE', 'sampleRate', rate, 'give the rate in Hz')
  return rate!
}

/** Default, least and largest value of a number. */
export type Limits = readonly [fallback: number, low: number, high: number]

/** The numbers named in `limits`, each checked or by default. */
export function numbersOf<K extends string>(options: Readonly<Partial<Record<NoInfer<K>, number>>>, limits: Record<K, Limits>): Record<K, number> {
  const out = {} as Record<K, number>
  for (const name in limits) {
    const [fallback, low, high] = limits[name]
    out[name] = within(name, options[name] ?? fallback, low, high)
  }
  return out
}

/** One of the allowed values. */
export function oneOf<T>(name: string, value: T, ...allowed: readonly T[]): T {
  if (!allowed.includes(value)) fail('UNKNOWN_OPTION', name, value, `give ${allowed.map(String).join(' or ')}`)
  return value
}
