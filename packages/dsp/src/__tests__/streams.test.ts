import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as dsp from '../index.ts'
import { signalOf } from './referenceCases.ts'

/** A signal cut at given places. */
function* chunksOf(signal: Float32Array, sizes: readonly number[]): Generator<Float32Array> {
  for (let at = 0, i = 0; at < signal.length; i++) {
    const size = sizes[i % sizes.length]
    yield signal.slice(at, at + size)
    at += size
  }
}

const signals = fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 2 ** 30 })).map(([length, seed]) => {
  let state = seed
  return Float32Array.from({ length }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    return 0.3 * Math.sin(0.05 * i) + 0.2 * (state / 2 ** 31)
  })
})
const chunkings = fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 5 })

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]))
  return largest
}

const all: dsp.FeatureOptions['features'] = [
  { name: 'mfcc', nMfcc: 13, nMels: 26 },
  { name: 'melSpectrogram', nMels: 20, power: 1 },
  { name: 'logMelSpectrogram', nMels: 20 },
  'magnitudeSpectrogram',
  'rms',
  'zeroCrossingRate',
  'spectralCentroid',
  'spectralBandwidth',
  'spectralRolloff',
  'spectralFlatness',
  { name: 'spectralContrast', nBands: 3 },
  'chroma',
  { name: 'yin', fMin: 200, fMax: 2000 },
]

function streamed(stream: dsp.FeatureStream, signal: Float32Array, sizes: readonly number[]): Float32Array {
  const rows: number[] = []
  for (const chunk of chunksOf(signal, sizes)) rows.push(...(stream.push(chunk)?.data ?? []))
  rows.push(...(stream.flush()?.data ?? []))
  return Float32Array.from(rows)
}

describe('FeatureStream', () => {
  test('equals the batch result whatever the chunking, frame and padding', () => {
    fc.assert(
      fc.property(
        signals,
        chunkings,
        fc.constantFrom(64, 100, 128, 75),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom('constant', 'reflect', 'edge'),
        fc.boolean(),
        (signal, sizes, nFft, hopLength, padMode, center) => {
          fc.pre(center || signal.length >= nFft)
          const options: dsp.FeatureOptions = {
            sampleRate: 8000,
            nFft,
            hopLength,
            padMode: padMode,
            center,
            features: ['rms', 'zeroCrossingRate', 'spectralCentroid', { name: 'mfcc', nMfcc: 5, nMels: 10 }],
          }
          const batch = dsp.extractFeatures(signal, options)
          const stream = new dsp.FeatureStream(options)
          const rows = streamed(stream, signal, sizes)
          expect(rows.length).toBe(batch.data.length)
          expect(largestDifference(rows, batch.data)).toBeLessThanOrEqual(1e-6)
          // Ready for another signal.
          expect(streamed(stream, signal, [97])).toEqual(rows)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('every feature equals its own function', () => {
    const signal = signalOf('1001_DFA_ANG_XX')
    const shared = { sampleRate: 16000, nFft: 512, hopLength: 160, winLength: 400 }
    const samples = { frameLength: 512, hopLength: 160 }
    const options: dsp.FeatureOptions = { ...shared, features: all }
    const stream = new dsp.FeatureStream(options)
    const rows = streamed(stream, signal, [128])
    const alone: (dsp.Matrix | Float32Array)[] = [
      dsp.mfcc(signal, { ...shared, nMfcc: 13, nMels: 26, topDb: null }),
      dsp.melSpectrogram(signal, { ...shared, nMels: 20, power: 1 }),
      dsp.powerToDb(dsp.melSpectrogram(signal, { ...shared, nMels: 20 }), { topDb: null }),
      dsp.magnitudeSpectrogram(signal, shared),
      dsp.rms(signal, samples),
      dsp.zeroCrossingRate(signal, samples),
      dsp.spectralCentroid(signal, shared),
      dsp.spectralBandwidth(signal, shared),
      dsp.spectralRolloff(signal, shared),
      dsp.spectralFlatness(signal, shared),
      dsp.spectralContrast(signal, { ...shared, nBands: 3, topDb: null }),
      dsp.chroma(signal, { ...shared, tuning: 0 }),
      dsp.yin(signal, { ...samples, sampleRate: 16000, fMin: 200, fMax: 2000 }),
    ]
    const frames = rows.length / stream.width
    expect(stream.columns.map((c) => c.name)).toEqual(all.map((f) => (typeof f === 'string' ? f : f.name)))
    stream.columns.forEach(({ start, width }, i) => {
      const own = alone[i] instanceof Float32Array ? alone[i] : alone[i].data
      const column = Float32Array.from(
        { length: frames * width },
        (_, k) => rows[Math.floor(k / width) * stream.width + start + (k % width)],
      )
      expect(column.length).toBe(own.length)
      expect(largestDifference(column, own)).toBeLessThanOrEqual(1e-6)
    })
  })

  test('a long signal in one chunk equals small chunks', () => {
    const signal = signalOf('1001_DFA_ANG_XX')
    const options: dsp.FeatureOptions = { sampleRate: 16000, nFft: 256, hopLength: 1000, features: ['rms', 'mfcc'] }
    expect(streamed(new dsp.FeatureStream(options), signal, [signal.length])).toEqual(streamed(new dsp.FeatureStream(options), signal, [1]))
  })

  test('refuses what depends on the whole signal, and keeps its state on a bad chunk', () => {
    const make = (feature: dsp.FeatureRequest) => () => new dsp.FeatureStream({ sampleRate: 16000, features: [feature] })
    expect(make({ name: 'mfcc', topDb: 80 })).toThrow(expect.objectContaining({ code: 'NOT_STREAMABLE' }))
    expect(make({ name: 'chroma', tuning: null })).toThrow(expect.objectContaining({ code: 'NOT_STREAMABLE' }))
    expect(make({ name: 'mfcc', sampleRate: 8000 } as never)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION', details: { sampleRate: 8000 } }),
    )
    expect(make({ name: 'nonsense' } as never)).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
    expect(() => new dsp.FeatureStream({ sampleRate: 16000, features: [] })).toThrow(expect.objectContaining({ code: 'UNKNOWN_OPTION' }))
    const options: dsp.FeatureOptions = { sampleRate: 16000, nFft: 64, hopLength: 16, features: ['rms'] }
    const stream = new dsp.FeatureStream(options)
    const signal = signalOf('noise').slice(0, 200)
    const first = stream.push(signal.slice(0, 100))!
    expect(() => stream.push([0, NaN])).toThrow(expect.objectContaining({ code: 'SIGNAL_NOT_FINITE', details: { 'chunk[1]': NaN } }))
    const rest = [...(stream.push(signal.slice(100))?.data ?? []), ...(stream.flush()?.data ?? [])]
    expect([...first.data, ...rest]).toEqual([...dsp.extractFeatures(signal, options).data])
    expect(stream.flush()).toBeNull()
    expect(stream.push([])).toBeNull()
  })
})

describe('ResampleStream', () => {
  test('equals the batch result whatever the chunking and ratio', () => {
    fc.assert(
      fc.property(
        signals,
        chunkings,
        fc.constantFrom([48000, 16000], [44100, 16000], [16000, 48000], [8000, 16000], [16000, 22050], [16000, 16000], [1000, 7]),
        (signal, sizes, [from, to]) => {
          const stream = new dsp.ResampleStream({ from, to })
          const batch = dsp.resample(signal, { from, to })
          expect(batch.length).toBe(Math.ceil((signal.length * to) / from))
          for (let round = 0; round < 2; round++) {
            const out: number[] = []
            for (const chunk of chunksOf(signal, sizes)) out.push(...stream.push(chunk))
            out.push(...stream.flush())
            expect(out.length).toBe(batch.length)
            expect(largestDifference(out, batch)).toBeLessThanOrEqual(1e-6)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('VoiceActivityStream', () => {
  test('equals the batch result whatever the chunking', () => {
    for (const name of ['1001_DFA_ANG_XX', '1001_IOM_DIS_XX', 'gated', 'noise', 'silence']) {
      const signal = signalOf(name)
      const batch = dsp.voiceActivity(signal, { sampleRate: 16000 })
      const stream = new dsp.VoiceActivityStream({ sampleRate: 16000 })
      for (const sizes of [[1000], [128], [1, 5000, 17]]) {
        const events = [...chunksOf(signal, sizes)].flatMap((chunk) => stream.push(chunk))
        events.push(...stream.flush())
        expect(events.map((e) => e.sample)).toEqual(batch.flat())
        expect(events.map((e) => e.type)).toEqual(batch.flatMap(() => ['start', 'end']))
      }
    }
  })
})
