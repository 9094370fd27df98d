import { expect, test } from 'vitest'
import { complexFft, realFft } from '../internal/fft.ts'

/** The definition, O(n^2). */
function dft(x: Float64Array): Float64Array {
  const n = x.length / 2
  const out = new Float64Array(2 * n)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const angle = (-2 * Math.PI * ((i * k) % n)) / n
      out[2 * k] += x[2 * i] * Math.cos(angle) - x[2 * i + 1] * Math.sin(angle)
      out[2 * k + 1] += x[2 * i] * Math.sin(angle) + x[2 * i + 1] * Math.cos(angle)
    }
  }
  return out
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 25, 30, 31, 32, 49, 60, 64, 75, 77, 100, 128, 200, 243, 256, 400, 441, 512, 1009])(
  'the transform of size %i is that of its definition',
  (n) => {
    const x = Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(1 + i * i) + (i % 7))
    const expected = dft(x)
    const actual = complexFft(n)(x.slice())
    for (let i = 0; i < 2 * n; i++) expect(Math.abs(actual[i] - expected[i])).toBeLessThan(1e-11 * n)

    // The real part alone, by the real transform.
    const real = realFft(n)
    const samples = x.filter((_, i) => i % 2 === 0)
    const bins = dft(Float64Array.from(x, (value, i) => (i % 2 === 0 ? value : 0)))
    samples.forEach((value, i) => (real.input[i * real.step] = value))
    const output = real.forward()
    for (let i = 0; i < 2 * ((n >> 1) + 1); i++) expect(Math.abs(output[i] - bins[i])).toBeLessThan(1e-11 * n)
  },
)
