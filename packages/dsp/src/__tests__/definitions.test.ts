import { describe, expect, test } from 'vitest'
import * as dsp from '../index.ts'
import { matrix } from '../internal/matrix.ts'
import { signalOf } from './referenceCases.ts'

// What librosa has no reference case for: definitions, computed here another way.

describe('windows', () => {
  test("are SciPy's", () => {
    expect([...dsp.hann(4)]).toEqual([0, 0.5, 1, 0.5].map((v) => expect.closeTo(v, 12) as number))
    expect([...dsp.hann(5, false)]).toEqual([0, 0.5, 1, 0.5, 0].map((v) => expect.closeTo(v, 12) as number))
    expect([...dsp.hamming(4)]).toEqual([0.08, 0.54, 1, 0.54].map((v) => expect.closeTo(v, 12) as number))
    expect([...dsp.blackman(4)]).toEqual([0, 0.34, 1, 0.34].map((v) => expect.closeTo(v, 12) as number))
    expect([dsp.hann(1)[0], dsp.blackman(1, false)[0]]).toEqual([1, 1])
    expect(() => dsp.hann(0)).toThrow(expect.objectContaining({ code: 'OUT_OF_RANGE' }))
  })

  test('a window given as samples is used as it is', () => {
    const x = signalOf('chirp')
    expect(dsp.stft(x, { nFft: 100, hopLength: 50, window: dsp.hann(100) }).real.data).toEqual(
      dsp.stft(x, { nFft: 100, hopLength: 50 }).real.data,
    )
    expect(dsp.stft(x, { nFft: 100, window: 'hamming' }).real.data).toEqual(dsp.stft(x, { nFft: 100, window: dsp.hamming(100) }).real.data)
    expect(dsp.stft(x, { nFft: 100, window: 'rectangular' }).real.data).toEqual(
      dsp.stft(x, { nFft: 100, window: new Float64Array(100).fill(1) }).real.data,
    )
  })
})

describe('stft', () => {
  test.each([64, 100, 75, 97])('of %i samples is the definition, for every padding', (nFft) => {
    const x = signalOf('noise').slice(0, 333)
    const hopLength = 37
    const winLength = nFft - 13
    const w = dsp.hann(winLength)
    const left = (nFft - winLength) >> 1
    const pad = nFft >> 1
    const at = {
      constant: (i: number) => x[i] ?? 0,
      edge: (i: number) => x[Math.min(Math.max(i, 0), 332)],
      reflect: (i: number) => x[i < 0 ? -i : i > 332 ? 664 - i : i],
    }
    for (const padMode of ['constant', 'edge', 'reflect'] as const) {
      const { real, imag } = dsp.stft(x, { nFft, hopLength, winLength, padMode })
      expect(real.shape).toEqual([1 + Math.floor((333 + 2 * pad - nFft) / hopLength), (nFft >> 1) + 1])
      for (const [t, k] of [
        [0, 0],
        [0, 5],
        [3, 9],
        [real.shape[0] - 1, 2],
        [real.shape[0] - 1, nFft >> 1],
      ]) {
        let re = 0
        let im = 0
        for (let n = 0; n < winLength; n++) {
          const value = w[n] * at[padMode](t * hopLength - pad + left + n)
          re += value * Math.cos((2 * Math.PI * k * (left + n)) / nFft)
          im -= value * Math.sin((2 * Math.PI * k * (left + n)) / nFft)
        }
        expect(real.get(t, k)).toBeCloseTo(re, 5)
        expect(imag.get(t, k)).toBeCloseTo(im, 5)
      }
    }
  })

  test('not centred, frame t starts at t * hop', () => {
    const x = signalOf('noise').slice(0, 200)
    const m = dsp.magnitudeSpectrogram(x, { nFft: 64, hopLength: 50, center: false })
    expect(m.shape).toEqual([3, 33])
    const alone = dsp.magnitudeSpectrogram(x.slice(100, 164), { nFft: 64, center: false })
    for (let k = 0; k < 33; k++) expect(m.get(2, k)).toBe(alone.get(0, k))
  })
})

describe('mel', () => {
  test('both scales are their own inverses and agree with published points', () => {
    for (const scale of ['slaney', 'htk'] as const)
      for (const hz of [0, 60, 999, 1000, 1001, 7000]) expect(dsp.melToHz(dsp.hzToMel(hz, scale), scale)).toBeCloseTo(hz, 8)
    expect(dsp.hzToMel(1000)).toBeCloseTo(15, 10)
    expect(dsp.hzToMel(6400)).toBeCloseTo(15 + 27, 10)
    expect(dsp.hzToMel(1000, 'htk')).toBeCloseTo(999.9855, 3)
  })

  test('a filter without bins is a row of zeros, as in librosa', () => {
    const bank = dsp.melFilterBank({ sampleRate: 16000, nFft: 128, nMels: 80, scale: 'htk' })
    expect(bank.pick(0, null).get(0)).toBe(0)
    expect(dsp.mfcc(signalOf('noise'), { sampleRate: 16000, nFft: 128, nMels: 80, scale: 'htk' }).data.every(Number.isFinite)).toBe(true)
  })

  test('what a caller writes into a bank does not reach the next', () => {
    dsp.melFilterBank({ sampleRate: 16000, nFft: 512, nMels: 7 }).data.fill(9)
    expect(Math.max(...dsp.melFilterBank({ sampleRate: 16000, nFft: 512, nMels: 7 }).data)).toBeLessThan(1)
  })
})

describe('decibels', () => {
  test('are 10 log10 of a power, 20 log10 of an amplitude, limited from the top', () => {
    expect([...dsp.powerToDb([1, 10, 1e-3])]).toEqual([0, 10, -30].map((v) => expect.closeTo(v, 5) as number))
    expect([...dsp.amplitudeToDb([1, 10, -1e-3])]).toEqual([0, 20, -60].map((v) => expect.closeTo(v, 4) as number))
    expect([...dsp.powerToDb([1, 10, 1e-9])]).toEqual([0, 10, -70].map((v) => expect.closeTo(v, 5) as number))
    expect([...dsp.powerToDb([1, 10, 0], { topDb: null })]).toEqual([0, 10, -100].map((v) => expect.closeTo(v, 5) as number))
    expect([...dsp.powerToDb([1, 10], { ref: 'max' })]).toEqual([-10, 0].map((v) => expect.closeTo(v, 5) as number))
    expect([...dsp.amplitudeToDb([1, 10], { ref: 'max' })]).toEqual([-20, 0].map((v) => expect.closeTo(v, 5) as number))
    expect([...dsp.amplitudeToDb([3], { ref: 3 })]).toEqual([expect.closeTo(0, 5)])
  })

  test('keep the shape of a matrix, also of a view of one, and its values', () => {
    const m = matrix(Float32Array.of(1, 10, 100, 1000, 1e4, 1e5), 3)
    const db = dsp.powerToDb(m.transpose(1, 0))
    expect(db.shape).toEqual([3, 2])
    expect(db.get(2, 1)).toBeCloseTo(50, 4)
    expect(m.get(0, 1)).toBe(10)
  })
})

describe('dct', () => {
  test('types 2 and 3 are the inverses of each other', () => {
    const m = matrix(Float32Array.of(1, 5, 2, -3, 0, 4, 4, 4, 4, 4), 5)
    const back = dsp.dct(dsp.dct(m), { dctType: 3 })
    m.data.forEach((v, i) => expect(back.data[i]).toBeCloseTo(v, 5))
    const plain = dsp.dct(dsp.dct(m, { dctNorm: null }), { dctType: 3, dctNorm: null })
    m.data.forEach((v, i) => expect(plain.data[i]).toBeCloseTo(10 * v, 4))
  })

  test('type 2 without norm is twice the cosine sum', () => {
    expect(dsp.dct(matrix(Float32Array.of(1, 2, 4), 3), { dctNorm: null }).get(0, 1)).toBeCloseTo(
      2 * (Math.cos(Math.PI / 6) + 4 * Math.cos((5 * Math.PI) / 6)),
      5,
    )
  })
})

describe('delta', () => {
  test('of a polynomial is its derivative', () => {
    const line = Float32Array.from({ length: 20 }, (_, t) => 3 * t - 7)
    dsp.delta(line).forEach((v) => expect(v).toBeCloseTo(3, 5))
    const square = Float32Array.from({ length: 20 }, (_, t) => 2 * t * t)
    dsp.delta(square, { order: 2, width: 5 }).forEach((v) => expect(v).toBeCloseTo(4, 4))
    const cube = Float32Array.from({ length: 20 }, (_, t) => t ** 3)
    dsp.delta(cube, { order: 3, width: 7 }).forEach((v) => expect(v).toBeCloseTo(6, 2))
  })

  test('the modes make up frames beyond the ends', () => {
    const x = Float32Array.of(1, 4, 9, 16)
    const at = (mode: dsp.DeltaOptions['mode']) => dsp.delta(x, { width: 3, mode })[0]
    expect(at('nearest')).toBeCloseTo((4 - 1) / 2, 6)
    expect(at('mirror')).toBeCloseTo(0, 6)
    expect(at('constant')).toBeCloseTo(4 / 2, 6)
    expect(at('wrap')).toBeCloseTo((4 - 16) / 2, 6)
    expect(at('interp')).toBeCloseTo((9 - 1) / 2, 6)
  })
})

describe('pitch', () => {
  const tone = (hz: number) =>
    Float32Array.from({ length: 8000 }, (_, i) => Math.sin((2 * Math.PI * hz * i) / 16000) + 0.5 * Math.sin((4 * Math.PI * hz * i) / 16000))

  test.each([80, 123.4, 220, 441])('%f Hz is found to 0.5 %% by both', (hz) => {
    const o = { sampleRate: 16000, fMin: 60, fMax: 500, frameLength: 1024 }
    const f0 = dsp.yin(tone(hz), o).slice(4, -4)
    f0.forEach((v) => expect(Math.abs(v / hz - 1)).toBeLessThan(0.005))
    const p = dsp.pyin(tone(hz), o)
    expect(p.f0.slice(4, -4).every((v) => Math.abs(v / hz - 1) < 0.005)).toBe(true)
    expect(p.voiced.slice(4, -4).every((v) => v === 1)).toBe(true)
  })

  test('up to the Nyquist frequency, as in librosa', () => {
    const o = { sampleRate: 16000, fMin: 60, fMax: 8000, frameLength: 1024 }
    dsp.yin(tone(220), o).forEach((hz) => expect(hz <= 8000).toBe(true))
    expect(dsp.pyin(tone(220), o).f0.length).toBe(dsp.yin(tone(220), o).length)
  })

  test('thresholds near 1 have no probability at all, so that a shallow minimum cannot take the place of a deep one', () => {
    let state = 6
    const noise = Float32Array.from({ length: 4000 }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return (0.1 * state) / 2 ** 31
    })
    const o = { sampleRate: 16000, fMin: 40, fMax: 7999, frameLength: 1501, hopLength: 256, padMode: 'reflect' } as const
    // librosa 0.10.2 gives 0.01, its noTroughProb, for this frame.
    expect(dsp.pyin(noise, o).voicedProbability[14]).toBeCloseTo(0.01, 6)
  })

  test('silence is unvoiced; fillNa null leaves the guess', () => {
    const { f0, voiced, voicedProbability } = dsp.pyin(new Float32Array(4000), { sampleRate: 16000, fMin: 60, fMax: 500 })
    expect(voiced.every((v) => v === 0)).toBe(true)
    expect(f0.every(Number.isNaN)).toBe(true)
    expect(voicedProbability.every((p) => p >= 0 && p <= 1)).toBe(true)
    expect(
      dsp.pyin(new Float32Array(4000), { sampleRate: 16000, fMin: 60, fMax: 500, fillNa: null }).f0.every((v) => v >= 60 && v <= 500),
    ).toBe(true)
  })
})

describe('lpc', () => {
  test('finds the coefficients of an autoregressive process', () => {
    const a = [1, -1.5, 0.8]
    let state = 1
    const x = new Float32Array(20000)
    for (let n = 0; n < x.length; n++) {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      x[n] = state / 2 ** 31 - a[1] * (x[n - 1] ?? 0) - a[2] * (x[n - 2] ?? 0)
    }
    const found = dsp.lpc(x, { order: 2 })
    a.forEach((v, i) => expect(found[i]).toBeCloseTo(v, 1))
    expect([...dsp.lpc(new Float32Array(100), { order: 3 })]).toEqual([1, 0, 0, 0])
  })
})

describe('modulationSpectrum', () => {
  test('gives the depth of an amplitude modulation, at its frequency', () => {
    const sampleRate = 16000
    const x = Float32Array.from(
      { length: 6 * sampleRate },
      (_, i) => (1 + 0.6 * Math.cos((2 * Math.PI * 4 * i) / sampleRate)) * Math.sin((2 * Math.PI * 1000 * i) / sampleRate),
    )
    const o = { sampleRate, nMels: 20 }
    const m = dsp.modulationSpectrum(x, o)
    const f = dsp.modulationFrequencies(o)
    expect([f[0], f[f.length - 1], f.length]).toEqual([0.5, 16, 32])
    expect(m.shape).toEqual([20, 32])
    const bank = dsp.melFilterBank({ ...o, nFft: 512 })
    let band = 0
    for (let b = 0; b < 20; b++) if (bank.get(b, 32) > bank.get(band, 32)) band = b // bin 32 is 1000 Hz
    const row = Array.from({ length: 32 }, (_, i) => m.get(band, i))
    expect(f[row.indexOf(Math.max(...row))]).toBe(4)
    expect(Math.max(...row)).toBeCloseTo(0.6, 1)
    expect(row[0]).toBeLessThan(0.05)
  })
})

describe('chroma and tonnetz', () => {
  const chord = (detune: number) =>
    Float32Array.from({ length: 16000 }, (_, i) =>
      [261.63, 329.63, 392].reduce((sum, hz) => sum + Math.sin((2 * Math.PI * hz * 2 ** (detune / 12) * i) / 16000), 0),
    )
  const o = { sampleRate: 16000, nFft: 4096, hopLength: 1024 }

  test('a chord of C major has C, E and G', () => {
    const m = dsp.chroma(chord(0), { ...o, tuning: 0 })
    const row = Array.from({ length: 12 }, (_, c) => m.get(8, c))
    const strongest = [...row.keys()]
      .sort((a, b) => row[b] - row[a])
      .slice(0, 3)
      .sort((a, b) => a - b)
    expect(strongest).toEqual([0, 4, 7])
    expect(Math.max(...row)).toBe(1)
    for (const [norm, sum] of [
      [1, (r: number[]) => r.reduce((s, v) => s + v)],
      [2, (r: number[]) => Math.hypot(...r)],
    ] as const) {
      const n = dsp.chroma(chord(0), { ...o, tuning: 0, norm })
      expect(sum(Array.from({ length: 12 }, (_, c) => n.get(8, c)))).toBeCloseTo(1, 5)
    }
  })

  test('the tuning is estimated, and used by default', () => {
    for (const detune of [-0.3, 0, 0.25]) expect(dsp.estimateTuning(chord(detune), { ...o })).toBeCloseTo(detune, 1)
    expect(dsp.estimateTuning(new Float32Array(8000), o)).toBe(0)
    expect(dsp.estimateTuning(chord(0.25), { ...o, resolution: 1e-6 })).toBeCloseTo(0.25, 1)
    const x = chord(0.25)
    expect(dsp.chroma(x, o).data).toEqual(dsp.chroma(x, { ...o, tuning: dsp.estimateTuning(x, o) }).data)
  })

  test('tonnetz is the projection of chroma on the three circles', () => {
    const x = chord(0)
    const m = dsp.tonnetz(x, { ...o, tuning: 0 })
    const c = dsp.chroma(x, { ...o, tuning: 0, norm: 1 })
    expect(m.shape).toEqual([c.shape[0], 6])
    const circle = (r: number, step: number) =>
      [0, 1].map((cosine) =>
        Array.from({ length: 12 }, (_, k) => r * (cosine ? Math.cos : Math.sin)(k * step) * c.get(8, k)).reduce((s, v) => s + v),
      )
    const expected = [...circle(1, (7 * Math.PI) / 6), ...circle(1, (3 * Math.PI) / 2), ...circle(0.5, (2 * Math.PI) / 3)]
    expected.forEach((v, d) => expect(m.get(8, d)).toBeCloseTo(v, 5))
  })
})

describe('functionals', () => {
  test("are NumPy's", () => {
    const m = matrix(Float32Array.of(1, 5, 2, 5, 4, 5, 9, 5), 2)
    const names: dsp.Statistic[] = ['mean', 'std', 'min', 'max', 'range', 'p25', 'p50', 'p100', 'slope', 'skewness', 'kurtosis']
    const f = dsp.functionals(m, names)
    expect(f.shape).toEqual([11, 2])
    // numpy: mean, std, min, max, ptp, percentile; polyfit; scipy.stats.skew, kurtosis.
    const expected = [4, 3.082207, 1, 9, 8, 1.75, 3, 9, 2.6, 0.7684173, -1]
    expected.forEach((v, s) => expect(f.get(s, 0)).toBeCloseTo(v, 3))
    expect(Array.from({ length: 11 }, (_, s) => f.get(s, 1))).toEqual([5, 0, 5, 5, 0, 5, 5, 5, 0, 0, 0])
    expect(dsp.functionals(Float32Array.of(3)).shape).toEqual([6, 1])
    expect(() => dsp.functionals(new Float32Array(0))).toThrow(expect.objectContaining({ code: 'SIGNAL_EMPTY' }))
    expect(() => dsp.functionals(Float32Array.of(1, NaN))).toThrow(expect.objectContaining({ code: 'SIGNAL_NOT_FINITE' }))
  })
})

describe('trim, split and voiceActivity', () => {
  const sampleRate = 16000
  /** Bursts of a buzz over quiet noise. */
  const bursts = (ranges: [number, number][], noise: number) => {
    let state = 1
    return Float32Array.from({ length: 4 * sampleRate }, (_, i) => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      const loud = ranges.some(([a, b]) => i >= a * sampleRate && i < b * sampleRate)
      return (
        (loud ? 0.2 * Math.sin((2 * Math.PI * 150 * i) / sampleRate) + 0.1 * Math.sin((2 * Math.PI * 300 * i) / sampleRate) : 0) +
        (noise * state) / 2 ** 31
      )
    })
  }

  test('silence: wholly kept by trim and split as in librosa, nothing for a numeric reference, no voice', () => {
    const x = new Float32Array(5000)
    expect(dsp.trim(x)).toMatchObject({ start: 0, end: 5000 })
    expect(dsp.split(x)).toEqual([[0, 5000]])
    expect(dsp.trim(x, { ref: 1 })).toEqual({ signal: new Float32Array(0), start: 0, end: 0 })
    expect(dsp.split(x, { ref: 1 })).toEqual([])
    expect(dsp.voiceActivity(x, { sampleRate })).toEqual([])
  })

  test.each([0, 0.002, 0.01])('bursts are found to 60 ms, noise %f', (noise) => {
    const ranges: [number, number][] = [
      [0.7, 1.5],
      [2.2, 3.1],
    ]
    const found = dsp.voiceActivity(bursts(ranges, noise), { sampleRate })
    expect(found.length).toBe(2)
    found.flat().forEach((at, i) => expect(Math.abs(at / sampleRate - ranges.flat()[i])).toBeLessThan(0.06))
  })

  test('steady noise is no speech; a signal may begin with speech', () => {
    expect(dsp.voiceActivity(bursts([], 0.1), { sampleRate })).toEqual([])
    const [[start, end]] = dsp.voiceActivity(bursts([[0, 1]], 0.002), { sampleRate })
    expect(start).toBe(0)
    expect(Math.abs(end - sampleRate)).toBeLessThan(0.06 * sampleRate)
  })

  test('real speech: most of what split keeps', () => {
    const x = signalOf('1001_DFA_ANG_XX')
    const covered = new Uint8Array(x.length)
    for (const [a, b] of dsp.voiceActivity(x, { sampleRate })) covered.fill(1, a, b)
    const loud = dsp.split(x, { topDb: 20 })
    const total = loud.reduce((sum, [a, b]) => sum + b - a, 0)
    const both = loud.reduce((sum, [a, b]) => sum + covered.subarray(a, b).reduce((s, v) => s + v, 0), 0)
    expect(both / total).toBeGreaterThan(0.9)
  })
})
