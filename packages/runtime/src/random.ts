import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** What a {@link Random} is made from: the same keys give the same stream on every machine. */
export type RandomKey = number | string

/** A seeded stream of pseudo-random numbers (xoroshiro128+). */
export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number
  /** Uniform integer in [0, `end`). */
  integer(end: number): number
  /** Uniform in [`low`, `high`). */
  uniform(low: number, high: number): number
  /** Normally distributed, mean 0 and standard deviation 1 (Box-Muller). */
  readonly normal: () => number
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<Values extends unknown[] | Int32Array | Uint32Array>(values: Values): Values
  /** An independent stream for these keys, e.g. one per example: it depends on the keys only, not on what was drawn before. */
  fork(...keys: RandomKey[]): Random
}

/**
 * A seeded stream of pseudo-random numbers.
 *
 * @param keys - numbers and strings that name the stream, e.g. `createRandom(seed, 'augment', epoch)`
 */
export function createRandom(...keys: RandomKey[]): Random {
  const generator = xoroshiro128plus(hash(keys.map((key) => `${typeof key}:${key}`).join('|')))
  for (let i = 0; i < 16; i++) generator.next() // the generator's state starts mostly empty
  const next = (): number => uniformFloat64(generator)
  const integer = (end: number): number => uniformInt(generator, 0, end - 1)
  return {
    next,
    integer,
    uniform: (low, high) => low + (high - low) * next(),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    shuffle(values) {
      for (let i = values.length - 1; i > 0; i--) {
        const j = integer(i + 1)
        const value = values[i]
        values[i] = values[j]
        values[j] = value
      }
      return values
    },
    fork: (...more) => createRandom(...keys, 'fork', ...more),
  }
}

/** FNV-1a, then the finaliser of MurmurHash3, so that neighbouring seeds start far apart. */
function hash(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
