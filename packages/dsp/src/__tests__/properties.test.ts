import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as dsp from '../index.ts'

const sampleRate = 8000
const shared = { sampleRate, nFft: 128, hopLength: 50, winLength: 100 }
const samples = { frameLength: 128, hopLength: 50 }
const pitch = { ...samples, sampleRate, fMin: 150, fMax: 2000 }

/** Every function that makes frames of a signal, as rows. */
const perFrame: Record<string, (x: Float32Array) => dsp.Matrix | Float32Array> = {
  'stft real': (x) => dsp.stft(x, shared).real,
  'stft imag': (x) => dsp.stft(x, shared).imag,
  magnitudeSpectrogram: (x) => dsp.magnitudeSpectrogram(x, shared),
  melSpectrogram: (x) => dsp.melSpectrogram(x, { ...shared, nMels: 12 }),
  mfcc: (x) => dsp.mfcc(x, { ...shared, nMels: 12, nMfcc: 5, lifter: 10 }),
  zeroCrossingRate: (x) => dsp.zeroCrossingRate(x, samples),
  rms: (x) => dsp.rms(x, samples),
  spectralCentroid: (x) => dsp.spectralCentroid(x, shared),
  spectralBandwidth: (x) => dsp.spectralBandwidth(x, { ...shared, p: 3 }),
  spectralRolloff: (x) => dsp.spectralRolloff(x, shared),
  spectralFlatness: (x) => dsp.spectralFlatness(x, shared),
  spectralContrast: (x) => dsp.spectralContrast(x, { ...shared, nBands: 3 }),
  chroma: (x) => dsp.chroma(x, shared),
  tonnetz: (x) => dsp.tonnetz(x, shared),
  yin: (x) => dsp.yin(x, pitch),
  'pyin f0': (x) => dsp.pyin(x, { ...pitch, fillNa: 0 }).f0,
  'pyin probability': (x) => dsp.pyin(x, pitch).voicedProbability,
  extractFeatures: (x) =>
    dsp.extractFeatures(x, { ...shared, features: ['mfcc', 'chroma', 'rms', { name: 'yin', fMin: 150, fMax: 2000 }] }),
}
/** And those that do not. */
const perSignal: Record<string, (x: Float32Array) => dsp.Matrix | Float32Array | number[]> = {
  preEmphasis: (x) => dsp.preEmphasis(x),
  trim: (x) => dsp.trim(x, samples).signal,
  split: (x) => dsp.split(x, samples).flat(),
  resample: (x) => dsp.resample(x, { from: 8000, to: 11025 }),
  toMono: (x) => dsp.toMono([x, x]),
  voiceActivity: (x) => dsp.voiceActivity(x, { sampleRate }).flat(),
  modulationSpectrum: (x) => dsp.modulationSpectrum(x, { ...shared, nMels: 8, modulationMax: 12 }),
  lpc: (x) => dsp.lpc(x, { order: 4 }),
  estimateTuning: (x) => [dsp.estimateTuning(x, shared)],
}
const dataOf = (value: dsp.Matrix | Float32Array | number[]) => ('stride' in value ? value.data : value)

const kinds = {
  noise: (_: number, r: number) => r,
  tone: (i: number) => 0.5 * Math.sin(0.3 * i),
  silence: () => 0,
  constant: () => 0.7,
  impulse: (i: number) => (i === 5 ? 1 : 0),
  loud: (_: number, r: number) => 1e6 * r,
  faint: (_: number, r: number) => 1e-30 * r,
  square: (i: number) => (i % 16 < 8 ? 1 : -1),
}
const signals = fc
  .tuple(fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])), fc.integer({ min: 8, max: 1500 }), fc.integer())
  .map(([kind, length, seed]) => {
    let state = seed | 0
    return Float32Array.from({ length }, (_, i) => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0
      return kinds[kind](i, state / 2 ** 31)
    })
  })

describe.each(Object.entries(perFrame))('%s', (_, run) => {
  test('has 1 + floor(samples / hop) frames of finite numbers, whatever the signal', () => {
    fc.assert(
      fc.property(signals, (x) => {
        const before = x.slice()
        const result = run(x)
        expect('stride' in result ? result.shape[0] : result.length).toBe(1 + Math.floor(x.length / 50))
        expect(dataOf(result).every((value) => Number.isFinite(value))).toBe(true)
        expect(x).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })
})

describe.each(Object.entries(perSignal))('%s', (_, run) => {
  test('gives finite numbers and leaves the signal as it is', () => {
    fc.assert(
      fc.property(signals, (x) => {
        const before = x.slice()
        expect(Array.from(dataOf(run(x))).every((value) => Number.isFinite(value))).toBe(true)
        expect(x).toEqual(before)
      }),
      { numRuns: 60 },
    )
  })
})

describe.each(Object.entries({ ...perFrame, ...perSignal }))('%s', (_, run) => {
  test('refuses bad signals with a code and the offending value', () => {
    const x = new Float32Array(200).fill(0.1)
    const withValue = (value: number) => Float32Array.from(x, (v, i) => (i === 7 ? value : v))
    expect(() => run(withValue(NaN))).toThrow(expect.objectContaining({ name: 'RangeError', code: 'SIGNAL_NOT_FINITE' }))
    expect(() => run(withValue(-Infinity))).toThrow(expect.objectContaining({ code: 'SIGNAL_NOT_FINITE' }))
    expect(() => run(new Float32Array(0))).toThrow(expect.objectContaining({ code: 'SIGNAL_EMPTY' }))
    expect(() => run('abc' as never)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^SIGNAL_NOT_ARRAY$|^CHANNELS/) as string }),
    )
    expect(() => run(undefined as never)).toThrow()
  })

  test('takes plain arrays and float64 as well', () => {
    const x = Float32Array.from({ length: 400 }, (_, i) => Math.sin(0.2 * i) + (i % 5) / 10)
    const expected = Array.from(dataOf(run(x)))
    expect(Array.from(dataOf(run(Array.from(x) as never)))).toEqual(expected)
    expect(Array.from(dataOf(run(Float64Array.from(x) as never)))).toEqual(expected)
  })
})

describe('linearity', () => {
  const linear: Record<string, (x: Float32Array) => Float32Array> = {
    'stft real': (x) => dsp.stft(x, shared).real.data,
    preEmphasis: (x) => dsp.preEmphasis(x),
    resample: (x) => dsp.resample(x, { from: 8000, to: 11025 }),
    toMono: (x) => dsp.toMono([x]),
    delta: (x) => dsp.delta(x, { mode: 'nearest' }),
    dct: (x) => dsp.dct(dsp.stft(x, shared).real).data,
  }
  test.each(Object.entries(linear))('%s of a sum is the sum of both', (_, run) => {
    fc.assert(
      fc.property(fc.integer({ min: 200, max: 600 }), fc.double({ min: -3, max: 3, noNaN: true }), (length, gain) => {
        const a = Float32Array.from({ length }, (_, i) => Math.sin(0.11 * i * (1 + i / 500)))
        const b = Float32Array.from({ length }, (_, i) => Math.cos(0.37 * i))
        const sum = run(a.map((v, i) => v + gain * b[i]))
        const [ya, yb] = [run(a), run(b)]
        const scale = sum.reduce((max, v) => Math.max(max, Math.abs(v)), 1)
        sum.forEach((v, i) => expect(Math.abs(v - ya[i] - gain * yb[i])).toBeLessThan(1e-5 * scale))
      }),
      { numRuns: 30 },
    )
  })

  test('power and level follow the gain', () => {
    const x = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(0.2 * i))
    const twice = x.map((v) => 2 * v)
    dsp.melSpectrogram(twice, shared).data.forEach((v, i) => expect(v).toBeCloseTo(4 * dsp.melSpectrogram(x, shared).data[i], 3))
    dsp.rms(twice, samples).forEach((v, i) => expect(v).toBeCloseTo(2 * dsp.rms(x, samples)[i], 5))
    expect(dsp.zeroCrossingRate(twice, samples)).toEqual(dsp.zeroCrossingRate(x, samples))
    expect(dsp.spectralFlatness(twice, shared)[5]).toBeCloseTo(dsp.spectralFlatness(x, shared)[5], 4)
  })
})

describe('bad options', () => {
  const x = Float32Array.from({ length: 1000 }, (_, i) => Math.sin(0.2 * i))
  const cases: [string, () => unknown, string, Record<string, unknown>][] = [
    ['hop of 0', () => dsp.stft(x, { hopLength: 0 }), 'OUT_OF_RANGE', { hopLength: 0 }],
    ['negative hop', () => dsp.rms(x, { hopLength: -5 }), 'OUT_OF_RANGE', { hopLength: -5 }],
    ['fractional nFft', () => dsp.stft(x, { nFft: 512.5 }), 'NOT_INTEGER', { nFft: 512.5 }],
    ['window longer than the transform', () => dsp.stft(x, { nFft: 64, winLength: 65 }), 'OUT_OF_RANGE', { winLength: 65 }],
    ['unknown window', () => dsp.stft(x, { window: 'hanning' as never }), 'UNKNOWN_OPTION', { window: 'hanning' }],
    ['window of another length', () => dsp.stft(x, { nFft: 64, window: [1, 2] }), 'WINDOW_LENGTH', { 'window.length': 2 }],
    ['a window of no numbers', () => dsp.stft(x, { nFft: 2, window: [1, NaN] }), 'SIGNAL_NOT_FINITE', { 'window[1]': NaN }],
    ['null for a window', () => dsp.stft(x, { window: null as never }), 'SIGNAL_NOT_ARRAY', { window: null }],
    ['a rate that is a string', () => dsp.mfcc(x, { sampleRate: '8000' as never }), 'SAMPLE_RATE', { sampleRate: '8000' }],
    ['no options of several features', () => dsp.extractFeatures(x, undefined as never), 'SAMPLE_RATE', { sampleRate: undefined }],
    ['null for levels', () => dsp.powerToDb(null as never), 'SIGNAL_NOT_ARRAY', { values: null }],
    ['null for features', () => dsp.functionals(null as never), 'SIGNAL_NOT_ARRAY', { values: null }],
    ['unknown padding', () => dsp.stft(x, { padMode: 'wrap' as never }), 'UNKNOWN_OPTION', { padMode: 'wrap' }],
    ['less than a frame', () => dsp.stft(x, { center: false }), 'SIGNAL_TOO_SHORT', { 'signal.length': 1000 }],
    ['no sample rate', () => dsp.mfcc(x, {} as never), 'SAMPLE_RATE', { sampleRate: undefined }],
    ['no options at all', () => dsp.melSpectrogram(x, undefined as never), 'SAMPLE_RATE', { sampleRate: undefined }],
    ['infinite sample rate', () => dsp.spectralCentroid(x, { sampleRate: Infinity }), 'SAMPLE_RATE', { sampleRate: Infinity }],
    ['fMax above the Nyquist frequency', () => dsp.melFilterBank({ sampleRate, fMax: 4001 }), 'OUT_OF_RANGE', { fMax: 4001 }],
    ['fMin above fMax', () => dsp.melFilterBank({ sampleRate, fMin: 3000, fMax: 2000 }), 'OUT_OF_RANGE', { fMin: 3000 }],
    ['NaN for fMin', () => dsp.melFilterBank({ sampleRate, fMin: NaN }), 'OUT_OF_RANGE', { fMin: NaN }],
    ['null for fMin', () => dsp.melFilterBank({ sampleRate, fMin: null as never }), 'OUT_OF_RANGE', { fMin: null }],
    ['null for fMax', () => dsp.melFilterBank({ sampleRate, fMax: null as never }), 'OUT_OF_RANGE', { fMax: null }],
    ['no room for a mel band', () => dsp.melFilterBank({ sampleRate, fMin: 300, fMax: 300 }), 'OUT_OF_RANGE', { fMin: 300 }],
    ['a number in quotes', () => dsp.powerToDb(x, { topDb: '80' as never }), 'OUT_OF_RANGE', { topDb: '80' }],
    ['the null that JSON makes of NaN', () => dsp.rms([1, null as never]), 'SIGNAL_NOT_FINITE', { 'signal[1]': null }],
    ['big integers', () => dsp.rms(BigInt64Array.of(1n) as never), 'SIGNAL_NOT_FINITE', { 'signal[0]': 1n }],
    ['rows of features in lists', () => dsp.delta([[1, 2]] as never), 'SIGNAL_NOT_FINITE', { 'values[0]': [1, 2] }],
    ['no mel band', () => dsp.melFilterBank({ sampleRate, nMels: 0 }), 'OUT_OF_RANGE', { nMels: 0 }],
    ['unknown scale', () => dsp.melFilterBank({ sampleRate, scale: 'bark' as never }), 'UNKNOWN_OPTION', { scale: 'bark' }],
    ['more coefficients than bands', () => dsp.mfcc(x, { sampleRate, nMels: 12, nMfcc: 13 }), 'OUT_OF_RANGE', { nMfcc: 13 }],
    ['unknown cosine transform', () => dsp.mfcc(x, { sampleRate, dctType: 4 as never }), 'UNKNOWN_OPTION', { dctType: 4 }],
    ['negative range', () => dsp.powerToDb(x, { topDb: -1 }), 'OUT_OF_RANGE', { topDb: -1 }],
    ['zero floor', () => dsp.powerToDb(x, { amin: 0 }), 'OUT_OF_RANGE', { amin: 0 }],
    ['even width', () => dsp.delta(x, { width: 8 }), 'OUT_OF_RANGE', { width: 8 }],
    ['fewer frames than width', () => dsp.delta(x.slice(0, 5)), 'SIGNAL_TOO_SHORT', { 'number of frames': 5 }],
    ['order of at least the width', () => dsp.delta(x, { width: 3, order: 3 }), 'OUT_OF_RANGE', { order: 3 }],
    ['all of the spectrum', () => dsp.spectralRolloff(x, { sampleRate, rollPercent: 1 }), 'OUT_OF_RANGE', { rollPercent: 1 }],
    ['too many octaves', () => dsp.spectralContrast(x, { sampleRate, nBands: 6 }), 'OUT_OF_RANGE', { nBands: 6 }],
    ['a band without bins', () => dsp.spectralContrast(x, { sampleRate, nBands: 3, fMin: 10, nFft: 64 }), 'OUT_OF_RANGE', { fMin: 10 }],
    ['unknown norm', () => dsp.chroma(x, { sampleRate, norm: 3 }), 'UNKNOWN_OPTION', { norm: 3 }],
    ['pitch above the Nyquist frequency', () => dsp.yin(x, { sampleRate, fMin: 100, fMax: 5000 }), 'OUT_OF_RANGE', { fMax: 5000 }],
    [
      'a frame too short for the pitch',
      () => dsp.yin(x, { sampleRate, fMin: 100, fMax: 110, frameLength: 64 }),
      'OUT_OF_RANGE',
      { frameLength: 64 },
    ],
    ['a probability of 2', () => dsp.pyin(x, { sampleRate, fMin: 100, fMax: 1000, switchProb: 2 }), 'OUT_OF_RANGE', { switchProb: 2 }],
    [
      'one parameter in place of two',
      () => dsp.pyin(x, { sampleRate, fMin: 100, fMax: 1000, betaParameters: [1] as never }),
      'OUT_OF_RANGE',
      { betaParameters: undefined },
    ],
    [
      'a number in place of two',
      () => dsp.pyin(x, { sampleRate, fMin: 100, fMax: 1000, betaParameters: 5 as never }),
      'OUT_OF_RANGE',
      { betaParameters: undefined },
    ],
    ['rates in no simple ratio', () => dsp.resample(x, { from: 1, to: 1e9 }), 'SAMPLE_RATE', { to: 1e9 }],
    ['no pitch class', () => dsp.chroma(x, { sampleRate, nChroma: 0 }), 'OUT_OF_RANGE', { nChroma: 0 }],
    ['order beyond the signal', () => dsp.lpc(x.slice(0, 4), { order: 4 }), 'SIGNAL_TOO_SHORT', { 'signal.length': 4 }],
    ['frames too far apart', () => dsp.modulationSpectrum(x, { sampleRate, hopLength: 512 }), 'OUT_OF_RANGE', { modulationMax: 16 }],
    ['coefficient above 1', () => dsp.preEmphasis(x, { coefficient: 1.1 }), 'OUT_OF_RANGE', { coefficient: 1.1 }],
    ['channels of two lengths', () => dsp.toMono([x, x.slice(1)]), 'CHANNELS_UNEQUAL', { 'channels[1].length': 999 }],
    ['one array for channels', () => dsp.toMono(x as never), 'CHANNELS_NONE', { channels: x }],
    ['no channel', () => dsp.toMono([]), 'CHANNELS_NONE', { channels: [] }],
    ['null for options', () => dsp.rms(x, null as never), 'OPTIONS_NOT_OBJECT', { options: null }],
    ['a number by position', () => dsp.stft(x, 512 as never), 'OPTIONS_NOT_OBJECT', { options: 512 }],
    ['null where the rate is required', () => dsp.yin(x, null as never), 'OPTIONS_NOT_OBJECT', { options: null }],
    ['no rates', () => dsp.resample(x, undefined as never), 'OPTIONS_NOT_OBJECT', { options: undefined }],
    ['statistics that are no list', () => dsp.functionals(x, 'mean' as never), 'UNKNOWN_OPTION', { statistics: 'mean' }],
    ['unknown statistic', () => dsp.functionals(x, ['median' as never]), 'UNKNOWN_OPTION', { statistic: 'median' }],
    ['percentile above 100', () => dsp.functionals(x, ['p101']), 'UNKNOWN_OPTION', { statistic: 'p101' }],
    ['three dimensions', () => dsp.dct({ shape: [1, 1, 1], stride: [1, 1, 1] } as never), 'NOT_MATRIX', {}],
    ['a threshold of -1', () => dsp.voiceActivity(x, { sampleRate, thresholdDb: -1 }), 'OUT_OF_RANGE', { thresholdDb: -1 }],
  ]
  test.each(cases)('%s', (_, run, code, details) => {
    expect(run).toThrow(expect.objectContaining({ name: 'RangeError', code, details: expect.objectContaining(details) as unknown }))
    for (const kind of [RangeError, dsp.EmoError, dsp.EmoRangeError]) expect(run).toThrow(kind)
  })

  test('messages stay short, whatever was given', () => {
    const message = (run: () => unknown) => {
      try {
        return String(run())
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(message(() => dsp.toMono(new Float32Array(1e6) as never))).toBe('channels is [object Float32Array]; give a list of channels')
    expect(message(() => dsp.hann(Array.from({ length: 1e5 }, () => 0) as never))).toBe('length is [object Array]; give an integer')
    expect(message(() => dsp.rms('x'.repeat(1e6) as never)).length).toBeLessThan(200)
    expect(message(() => dsp.rms(Object.create(null) as never))).toBe('signal is [object Object]; give an array of numbers')
  })
})
