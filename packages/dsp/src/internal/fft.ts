import { cached } from './cached.ts'

/**
 * A complex FFT of one size on interleaved (re, im) float64. The result is in the returned array, which is `buffer` or
 * the plan's own scratch memory: use it before the next call.
 */
export interface ComplexFft {
  readonly size: number
  forward(buffer: Float64Array): Float64Array
}

/** Stockham autosort FFT, radix 4 with one radix 2 pass for odd powers: no bit reversal, all reads and writes in order. */
function powerOfTwo(size: number): ComplexFft {
  const twiddles = new Float64Array(Math.max(6, size * 2))
  // Every pass uses W^p, W^2p, W^3p of its own length, laid out in the order in which they are read.
  let at = 0
  for (let n = size; n >= 4; n /= 4) {
    for (let p = 0; p < n / 4; p++) {
      for (let power = 1; power <= 3; power++) {
        const angle = (-2 * Math.PI * p * power) / n
        twiddles[at++] = Math.cos(angle)
        twiddles[at++] = Math.sin(angle)
      }
    }
  }
  const scratch = new Float64Array(size * 2)
  return {
    size,
    forward(buffer) {
      let x: Float64Array = buffer
      let y: Float64Array = scratch
      let t = 0
      let n = size
      let s = 2
      for (; n >= 4; n >>= 2, s <<= 2) {
        const m = (n >> 2) * s
        for (let p = 0, read = 0, write = 0; p < m; p += s, write += 3 * s) {
          const w1r = twiddles[t]
          const w1i = twiddles[t + 1]
          const w2r = twiddles[t + 2]
          const w2i = twiddles[t + 3]
          const w3r = twiddles[t + 4]
          const w3i = twiddles[t + 5]
          t += 6
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
        const z = x
        x = y
        y = z
      }
      if (n === 2) {
        for (let q = 0; q < s; q += 2) {
          const ar = x[q]
          const ai = x[q + 1]
          const br = x[q + s]
          const bi = x[q + s + 1]
          y[q] = ar + br
          y[q + 1] = ai + bi
          y[q + s] = ar - br
          y[q + s + 1] = ai - bi
        }
        return y
      }
      return x
    },
  }
}

/** Bluestein's algorithm: any size as a circular convolution with a chirp, by transforms of a power of two. */
function bluestein(size: number): ComplexFft {
  let padded = 1
  while (padded < 2 * size - 1) padded *= 2
  const fft = complexFft(padded)
  const chirp = new Float64Array(2 * size)
  const kernel = new Float64Array(2 * padded)
  for (let k = 0; k < size; k++) {
    // k^2 modulo 2 size keeps the angle small and so exact.
    const angle = (Math.PI * ((k * k) % (2 * size))) / size
    const re = (chirp[2 * k] = Math.cos(angle))
    const im = (chirp[2 * k + 1] = -Math.sin(angle))
    const mirror = k === 0 ? 0 : padded - k
    kernel[2 * k] = kernel[2 * mirror] = re / padded
    kernel[2 * k + 1] = kernel[2 * mirror + 1] = -im / padded
  }
  const spectrum = fft.forward(kernel).slice()
  const work = new Float64Array(2 * padded)
  return {
    size,
    forward(buffer) {
      for (let k = 0; k < 2 * size; k += 2) {
        work[k] = buffer[k] * chirp[k] - buffer[k + 1] * chirp[k + 1]
        work[k + 1] = buffer[k] * chirp[k + 1] + buffer[k + 1] * chirp[k]
      }
      work.fill(0, 2 * size)
      const a = fft.forward(work)
      // The inverse transform is the forward one of the conjugate.
      for (let k = 0; k < 2 * padded; k += 2) {
        const re = a[k] * spectrum[k] - a[k + 1] * spectrum[k + 1]
        work[k + 1] = -(a[k] * spectrum[k + 1] + a[k + 1] * spectrum[k])
        work[k] = re
      }
      const b = fft.forward(work)
      for (let k = 0; k < 2 * size; k += 2) {
        const re = b[k]
        const im = -b[k + 1]
        buffer[k] = re * chirp[k] - im * chirp[k + 1]
        buffer[k + 1] = re * chirp[k + 1] + im * chirp[k]
      }
      return buffer
    },
  }
}

/** The plan for any size from 1 up. */
export const complexFft: (size: number) => ComplexFft = /* @__PURE__ */ cached((size: number) =>
  Number.isInteger(Math.log2(size)) ? powerOfTwo(size) : bluestein(size),
)

/** A real FFT of one size: write `size` samples into `input`, call `forward`, read interleaved bins 0 to size / 2. */
export interface RealFft {
  readonly input: Float64Array
  readonly output: Float64Array
  forward(): void
}

function createRealFft(size: number): RealFft {
  const bins = (size >> 1) + 1
  const output = new Float64Array(2 * bins)
  if (size % 2 === 1) {
    const fft = complexFft(size)
    const input = new Float64Array(size)
    const work = new Float64Array(2 * size)
    return {
      input,
      output,
      forward() {
        for (let i = 0; i < size; i++) {
          work[2 * i] = input[i]
          work[2 * i + 1] = 0
        }
        const z = fft.forward(work)
        for (let i = 0; i < 2 * bins; i++) output[i] = z[i]
      },
    }
  }
  // Even and odd samples are the real and imaginary parts of a transform of half the size.
  const half = size / 2
  const fft = complexFft(half)
  const input = new Float64Array(size)
  const twiddles = new Float64Array(size)
  for (let k = 0; k < half; k++) {
    twiddles[2 * k] = 0.5 * Math.cos((2 * Math.PI * k) / size)
    twiddles[2 * k + 1] = -0.5 * Math.sin((2 * Math.PI * k) / size)
  }
  return {
    input,
    output,
    forward() {
      const z = fft.forward(input)
      output[0] = z[0] + z[1]
      output[size] = z[0] - z[1]
      output[1] = output[size + 1] = 0
      for (let k = 2, j = size - 2; k <= j; k += 2, j -= 2) {
        const sumR = 0.5 * (z[k] + z[j])
        const sumI = 0.5 * (z[k + 1] - z[j + 1])
        const difR = z[k] - z[j]
        const difI = z[k + 1] + z[j + 1]
        const c = twiddles[k]
        const s = twiddles[k + 1]
        const re = difI * c + difR * s
        const im = difI * s - difR * c
        output[k] = sumR + re
        output[k + 1] = sumI + im
        output[j] = sumR - re
        output[j + 1] = im - sumI
      }
    },
  }
}

/** The plan of a size; its memory is shared by all users, so finish with `output` before the next `forward`. */
export const realFft: (size: number) => RealFft = /* @__PURE__ */ cached(createRealFft)
