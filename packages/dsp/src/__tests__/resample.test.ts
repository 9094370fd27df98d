import { describe, expect, test } from 'vitest'
import { resample } from '../index.ts'
import { complexFft } from '../internal/fft.ts'

const windows = new Map<number, Float64Array>()

/** Blackman-Harris: side lobes under -92 dB, so that leakage hides nothing above the promise. */
function spectrumDb(signal: Float32Array): Float64Array {
  const n = signal.length
  const a = [0.35875, -0.48829, 0.14128, -0.01168]
  const z = new Float64Array(2 * n)
  const window =
    windows.get(n) ??
    Float64Array.from({ length: n }, (_, i) => a.reduce((sum, value, k) => sum + value * Math.cos((2 * Math.PI * k * i) / n), 0))
  windows.set(n, window)
  const gain = window.reduce((sum, w) => sum + w, 0)
  for (let i = 0; i < n; i++) z[2 * i] = window[i] * signal[i]
  const out = complexFft(n)(z)
  return Float64Array.from({ length: (n >> 1) + 1 }, (_, k) => 20 * Math.log10((2 * Math.hypot(out[2 * k], out[2 * k + 1])) / gain + 1e-12))
}

const tone = (hz: number, rate: number, seconds: number) =>
  Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => Math.cos((2 * Math.PI * hz * i) / rate))

describe.each([
  [48000, 16000],
  [44100, 16000],
  [24000, 16000],
  [22050, 16000],
  [8000, 16000],
  [16000, 48000],
  [16000, 44100],
  [16000, 24000],
  [16000, 22050],
  [16000, 8000],
])('%i to %i Hz', (from, to) => {
  const nyquist = Math.min(from, to) / 2
  // A quarter of a second from the middle, away from the ends.
  const middle = (y: Float32Array) => y.subarray(to / 4, to / 4 + 4096)

  test.each([0.01, 0.1, 0.3, 0.5, 0.7, 0.8, 0.85, 0.9])('%f of the lower Nyquist frequency passes flat, without images', (share) => {
    const y = middle(resample(tone(share * nyquist, from, 1), { from, to }))
    const db = spectrumDb(y)
    const at = (share * nyquist * y.length) / to
    let images = -Infinity
    for (let k = 0; k < db.length; k++) if (Math.abs(k - at) > 5) images = Math.max(images, db[k])
    expect(images).toBeLessThan(-90)
    // The level by the power around the peak: the window spreads a tone between bins alike.
    const reference = spectrumDb(tone(share * nyquist, to, 1).subarray(0, y.length))
    const peak = Math.round(at)
    expect(Math.abs(db[peak] - reference[peak])).toBeLessThan(0.05)
  })

  test('keeps time: output j is the signal at j / to seconds, and the length is ceil(n to / from)', () => {
    const hz = 0.4 * nyquist
    const y = resample(tone(hz, from, 0.5), { from, to })
    const expected = tone(hz, to, 0.5)
    for (let j = Math.floor(0.1 * to); j < 0.4 * to; j++) expect(Math.abs(y[j] - expected[j])).toBeLessThan(1e-4)
    for (const n of [1, 2, 99, 1000]) expect(resample(new Float32Array(n), { from, to }).length).toBe(Math.ceil((n * to) / from))
  })
})

describe.each([
  [48000, 16000],
  [44100, 16000],
  [24000, 16000],
  [22050, 16000],
  [16000, 8000],
])('%i to %i Hz', (from, to) => {
  const highest = from / to
  test.each([1, 1.02, 1.1, 1.3, 1.8].filter((share) => share <= highest))('%f of the lower Nyquist frequency leaves no alias', (share) => {
    const y = resample(tone((share * to) / 2, from, 1), { from, to })
    expect(Math.max(...spectrumDb(y.subarray(to / 4, to / 4 + 4096)))).toBeLessThan(-90)
  })
})

test('refuses rates that are no positive integers, naming the one', () => {
  const x = new Float32Array(4)
  expect(() => resample(x, { from: 44100.5, to: 16000 })).toThrow(
    expect.objectContaining({ code: 'SAMPLE_RATE', details: { from: 44100.5 } }),
  )
  expect(() => resample(x, { from: 48000, to: 0 })).toThrow(expect.objectContaining({ code: 'SAMPLE_RATE', details: { to: 0 } }))
  expect(() => resample(x, { from: 48000 } as never)).toThrow(expect.objectContaining({ code: 'SAMPLE_RATE' }))
})
