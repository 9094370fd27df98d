import { fail, optionsOf } from './check.ts'
import { cached } from './cached.ts'

/** Rates in Hz. */
export interface ResampleOptions {
  /** Rate of the signal given, a positive integer; over the greatest common divisor of both rates at most 262144. */
  from: number
  /** Rate of the signal returned, likewise. */
  to: number
}

/** A polyphase filter for the ratio up / down. */
export interface Resampler {
  readonly up: number
  readonly down: number
  /** Input samples needed before (and at) and after the position of an output sample. */
  readonly reach: number
  /** `up` rows of 2 * reach weights; row p is for positions p / up past an input sample. */
  readonly weights: Float64Array
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

const build = (up: number, down: number): Resampler => {
  // Stopband attenuation in dB of the Kaiser window, 6 dB better than promised.
  const attenuation = 96
  // In units of the lower of both Nyquist frequencies: flat to 0.9, stopped from 1, half way down at 0.95.
  const scale = Math.min(1, up / down)
  const cutoff = 0.95 * scale
  const halfWidth = (attenuation - 7.95) / (2 * 2.285 * 0.1 * Math.PI) / scale
  const reach = Math.ceil(halfWidth)
  const beta = 0.1102 * (attenuation - 8.7)
  const top = bessel0(beta)
  const weights = new Float64Array(up * 2 * reach)
  for (let p = 0, i = 0; p < up; p++) {
    for (let k = 1 - reach; k <= reach; k++, i++) {
      const t = p / up - k
      const inside = 1 - (t / halfWidth) ** 2
      const x = Math.PI * cutoff * t
      if (inside > 0) weights[i] = ((x ? Math.sin(x) / x : 1) * cutoff * bessel0(beta * Math.sqrt(inside))) / top
    }
  }
  return { up, down, reach, weights }
}

const remembered = /* @__PURE__ */ cached(build)
/** For ratios whose table takes megabytes: the last one only. */
const rememberedOne = /* @__PURE__ */ cached(build, 1)

/** Checks the rates and finds or builds the filter. */
export function resampler(options: ResampleOptions): Resampler {
  const { from, to } = optionsOf(options)
  // Euclid's greatest common divisor.
  let divisor = from
  for (let rest = to; rest;) [divisor, rest] = [rest, divisor % rest]
  // The table takes a kilobyte for each of up and down, whichever is more.
  for (const [name, hz] of Object.entries({ from, to }))
    if (!(Number.isInteger(hz) && hz > 0 && hz / divisor <= 2 ** 18)) fail('SAMPLE_RATE', name, hz, 'positive integers in a simple ratio')
  const up = to / divisor
  const down = from / divisor
  return (Math.max(up, down) > 4096 ? rememberedOne : remembered)(up, down)
}

/** Samples that `length` samples become: ceil(length * to / from). */
export function resampledLength(length: number, { up, down }: Resampler): number {
  return Math.ceil((length * up) / down)
}

/**
 * Output samples `first` to `first + out.length`. `samples[0]` is the input sample of index `base`; it must hold all that the
 * outputs reach, zeros included.
 */
export function filterInto(
  { up, down, reach, weights }: Resampler,
  samples: Float32Array,
  base: number,
  first: number,
  out: Float32Array,
): Float32Array {
  const taps = 2 * reach
  const count = out.length
  // Outputs `up` apart share a row of weights: four at a time, so that every weight is read once for four of them.
  for (let r = 0; r < up && r < count; r++) {
    const position = (first + r) * down
    const row = (position % up) * taps
    let at = Math.floor(position / up) + 1 - reach - base
    let j = r
    for (; j + 3 * up < count; j += 4 * up, at += 4 * down) {
      let a = 0
      let b = 0
      let c = 0
      let d = 0
      for (let k = 0; k < taps; k++) {
        const w = weights[row + k]
        const i = at + k
        a += w * samples[i]
        b += w * samples[i + down]
        c += w * samples[i + 2 * down]
        d += w * samples[i + 3 * down]
      }
      out[j] = a
      out[j + up] = b
      out[j + 2 * up] = c
      out[j + 3 * up] = d
    }
    for (; j < count; j += up, at += down) {
      let a = 0
      for (let k = 0; k < taps; k++) a += weights[row + k] * samples[at + k]
      out[j] = a
    }
  }
  return out
}
