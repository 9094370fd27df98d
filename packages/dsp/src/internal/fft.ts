import { cached } from './cached.ts'

/**
 * A complex FFT of one size on interleaved (re, im) float64. The result begins the returned array, which is `buffer` or
 * the plan's own scratch memory: use it before the next call.
 */
export type ComplexFft = (buffer: Float64Array) => Float64Array

/** W(k) = exp(-2 pi i k / size), interleaved. */
function rootsOf(size: number): Float64Array {
  return Float64Array.from({ length: 2 * size }, (_, i) => (i % 2 ? -Math.sin((Math.PI * (i - 1)) / size) : Math.cos((Math.PI * i) / size)))
}

/**
 * Stockham autosort FFT: no bit reversal, all reads and writes in order. Passes of radix 4, then of the prime factors that are left, so
 * a size with a large prime factor p costs p operations a sample.
 */
function createComplexFft(size: number): ComplexFft {
  const roots = rootsOf(size)
  // Room for one value more, which a real transform has.
  const scratch = new Float64Array(2 * size + 2)
  return (buffer) => {
    let x: Float64Array = buffer
    let y: Float64Array = scratch
    // n: length of the transforms still to do; s: their number, times two numbers a complex value.
    for (let n = size, s = 2, radix = 4; n > 1;) {
      while (n % radix > 0) radix = radix === 4 ? 2 : radix === 2 ? 3 : radix + 2
      n /= radix
      const m = n * s
      if (radix === 4) {
        for (let p = 0, read = 0, write = 0; p < m; p += s, write += 3 * s) {
          const w1r = roots[p]
          const w1i = roots[p + 1]
          const w2r = roots[2 * p]
          const w2i = roots[2 * p + 1]
          const w3r = roots[3 * p]
          const w3i = roots[3 * p + 1]
          for (const end = read + s; read < end; read += 2, write += 2) {
            const ar = x[read]
            const ai = x[read + 1]
            const br = x[read + m]
            const bi = x[read + m + 1]
            const cr = x[read + 2 * m]
            const ci = x[read + 2 * m + 1]
            const dr = x[read + 3 * m]
            const di = x[read + 3 * m + 1]
            const acr = ar + cr
            const aci = ai + ci
            const bdr = br + dr
            const bdi = bi + di
            y[write] = acr + bdr
            y[write + 1] = aci + bdi
            const er = acr - bdr
            const ei = aci - bdi
            y[write + 2 * s] = er * w2r - ei * w2i
            y[write + 2 * s + 1] = er * w2i + ei * w2r
            const fr = ar - cr
            const fi = ai - ci
            const gr = br - dr
            const gi = bi - di
            const hr = fr + gi
            const hi = fi - gr
            y[write + s] = hr * w1r - hi * w1i
            y[write + s + 1] = hr * w1i + hi * w1r
            const kr = fr - gi
            const ki = fi + gr
            y[write + 3 * s] = kr * w3r - ki * w3i
            y[write + 3 * s + 1] = kr * w3i + ki * w3r
          }
        }
      } else {
        for (let j = 0; j < radix; j++) {
          for (let p = 0; p < m; p += s) {
            for (let q = p; q < p + s; q += 2) {
              // Output j: the sum of inputs i times W(i j / radix), times the twiddle W(p j).
              let re = 0
              let im = 0
              for (let i = 0, w = p * j; i < radix; i++) {
                const ar = x[q + i * m]
                const ai = x[q + i * m + 1]
                re += ar * roots[w] - ai * roots[w + 1]
                im += ar * roots[w + 1] + ai * roots[w]
                w += j * m
                if (w >= 2 * size) w -= 2 * size
              }
              y[p * (radix - 1) + j * s + q] = re
              y[p * (radix - 1) + j * s + q + 1] = im
            }
          }
        }
      }
      ;[x, y] = [y, x]
      s *= radix
    }
    return x
  }
}

/** The plan of a size. */
export const complexFft: (size: number) => ComplexFft = /* @__PURE__ */ cached(createComplexFft)

/**
 * A real FFT of one size: write sample i into `input[i * step]` (and zeros between), call `forward` (which overwrites it) and read interleaved
 * bins 0 to size / 2 from the start of what it returns.
 */
export interface RealFft {
  readonly input: Float64Array
  readonly step: number
  readonly forward: () => Float64Array
}

function createRealFft(size: number): RealFft {
  // Even and odd samples are the real and imaginary parts of a transform of half the size; an odd size is transformed whole.
  const step = 1 + (size % 2)
  const fft = complexFft((size * step) / 2)
  const input = new Float64Array(size * step + 2)
  const roots = rootsOf(size)
  return {
    input,
    step,
    forward() {
      const z = fft(input)
      if (step > 1) return z
      // In place: bin k and bin size / 2 - k come from the values that stand where they go.
      z[size] = z[0] - z[1]
      z[0] += z[1]
      z[1] = z[size + 1] = 0
      for (let k = 2, j = size - 2; k <= j; k += 2, j -= 2) {
        const sumR = z[k] + z[j]
        const sumI = z[k + 1] - z[j + 1]
        const difR = z[k] - z[j]
        const difI = z[k + 1] + z[j + 1]
        const re = difI * roots[k] + difR * roots[k + 1]
        const im = difI * roots[k + 1] - difR * roots[k]
        z[k] = (sumR + re) / 2
        z[k + 1] = (sumI + im) / 2
        z[j] = (sumR - re) / 2
        z[j + 1] = (im - sumI) / 2
      }
      return z
    },
  }
}

/** The plan of a size; its memory is shared by all users, so finish with the result before the next `forward`. */
export const realFft: (size: number) => RealFft = /* @__PURE__ */ cached(createRealFft)
