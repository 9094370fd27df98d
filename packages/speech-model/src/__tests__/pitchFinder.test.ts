import fc from 'fast-check'
import { expect, test } from 'vitest'
import { yin } from '@emo/dsp'
import { createRandom } from '@emo/runtime'
import { analyseSpeech } from '../features/speechAnalysis.ts'
import { speechFeatures } from '../features/speechFeatures.ts'
import type { SpeechFeatureParameters } from '../features/speechFeatureParameters.ts'
import { pitchFinder, type FramePitch } from '../features/pitchFinder.ts'
import { readClip, vowel } from './audio.ts'

const rate = 16000
const hop = 683

function track(samples: Float32Array, sampleRate = rate, hopLength = hop): FramePitch[] {
  const pitchAt = pitchFinder(samples, sampleRate)
  return Array.from({ length: Math.floor(samples.length / hopLength) + 1 }, (_, frame) => pitchAt(frame * hopLength))
}

/** Sine with harmonics that glides from one pitch to another, octaves in proportion to time. */
function glide(seconds: number, from: number, to: number): Float32Array {
  let phase = 0
  return Float32Array.from({ length: seconds * rate }, (_, i) => {
    phase += (2 * Math.PI * from * (to / from) ** (i / (seconds * rate))) / rate
    return 0.3 * Math.sin(phase) + 0.2 * Math.sin(2 * phase) + 0.1 * Math.sin(3 * phase)
  })
}

test.each([80, 125, 200, 250, 400])('a vowel of %i Hz has that pitch and is periodic', (pitch) => {
  const frames = track(vowel(1, rate, pitch, [600, 1300])).slice(2, -2)
  const exact = rate / Math.round(rate / pitch)
  for (const { frequency, periodicity } of frames) {
    expect(Math.abs(frequency / exact - 1)).toBeLessThan(0.02)
    expect(periodicity).toBeGreaterThan(0.85)
  }
})

test.each([
  [110, 220],
  [290, 350],
  [200, 100],
])('follows a glide from %i to %i Hz', (from, to) => {
  const frames = track(glide(2, from, to)).slice(2, -2)
  frames.forEach(({ frequency }, i) => {
    const expected = from * (to / from) ** (((i + 2) * hop) / (2 * rate))
    expect(Math.abs(Math.log2(frequency / expected))).toBeLessThan(0.04)
  })
})

test('noise is not periodic, silence not at all', () => {
  const random = createRandom(1, 'noise')
  const noise = track(Float32Array.from({ length: rate }, () => 0.1 * random.normal())).map(({ periodicity }) => periodicity)
  expect(noise.sort((a, b) => a - b)[noise.length >> 1]).toBeLessThan(0.5)
  for (const { periodicity } of track(new Float32Array(rate))) expect(periodicity).toBe(0)
})

test('an offset changes nothing', () => {
  const random = createRandom(3, 'noise')
  const sound = vowel(1, rate, 150, [600, 1300]).map((value, i) => (i < rate / 2 ? 0.01 * random.normal() : value))
  const plain = track(sound)
  track(sound.map((value) => value + 0.25))
    .slice(2, -2)
    .forEach(({ frequency, periodicity }, i) => {
      expect(periodicity).toBeCloseTo(plain[i + 2].periodicity, 3)
      expect(frequency).toBeCloseTo(plain[i + 2].frequency, 0)
    })
})

test('agrees with yin where a real voice is clearly periodic', async () => {
  const { samples, sampleRate } = await readClip('1001_IOM_ANG_XX.wav')
  const frames = track(samples, sampleRate, hop)
  const reference = yin(samples, { sampleRate, fMin: 65, fMax: 500, frameLength: 2048, hopLength: hop })
  const clear = frames.map((frame, i) => ({ ...frame, yin: reference[i] })).filter(({ periodicity }) => periodicity > 0.7)
  expect(clear.length).toBeGreaterThan(8)
  const close = clear.filter((frame) => Math.abs(Math.log2(frame.frequency / frame.yin)) < 0.1)
  expect(close.length / clear.length).toBeGreaterThan(0.85)
})

test('every frame of every signal has a pitch in range and a periodicity from 0 to 1', () => {
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 1, maxLength: 3000, min: -1, max: 1, noNaN: true }),
      fc.constantFrom(4000, 8000, 16000, 22050),
      (samples, sampleRate) => {
        for (const { frequency, periodicity } of track(samples, sampleRate, 400)) {
          expect(frequency).toBeGreaterThan(60)
          expect(frequency).toBeLessThan(600)
          expect(periodicity).toBeGreaterThanOrEqual(0)
          expect(periodicity).toBeLessThanOrEqual(1)
        }
      },
    ),
  )
})

const parameters: SpeechFeatureParameters = {
  sampleRate: rate,
  nFft: 2048,
  winLength: 1366,
  hopLength: hop,
  nMels: 128,
  nMfcc: 13,
  topDb: 60,
  extras: ['pitch'],
  level: 'clip',
  trim: null,
}

/** The columns of pitch of every frame: octaves and periodicity, then both half a window later. */
function pitchColumns(samples: Float32Array): number[][] {
  const { values, frames } = speechFeatures(samples, parameters)
  return Array.from({ length: frames }, (_, t) => Array.from(values.subarray(t * 17 + 13, (t + 1) * 17)))
}

test('what the model sees are octaves above the recording’s own median, whoever speaks and however loud', () => {
  const low = pitchColumns(glide(2, 90, 180))
  const high = pitchColumns(glide(2, 180, 360).map((value) => value / 8))
  const middle = low.length >> 1
  expect(Math.abs(low[middle][0])).toBeLessThan(0.05)
  expect(low[4][0]).toBeLessThan(-0.3)
  expect(low[low.length - 5][0]).toBeGreaterThan(0.3)
  // At both ends half of what is compared is silence.
  for (let t = 3; t < low.length - 3; t++) expect(Math.abs(high[t][0] - low[t][0])).toBeLessThan(0.06)
})

test('frames without voice stand at the median, and have a low periodicity', () => {
  const random = createRandom(2, 'noise')
  const sound = Float32Array.from({ length: 2 * rate }, (_, i) => (i < rate ? 0.1 * random.normal() : 0))
  sound.set(vowel(1, rate, 150, [600, 1300]), rate)
  const columns = pitchColumns(sound)
  for (const [octaves, periodicity] of columns.slice(2, 20)) if (periodicity <= 0.6) expect(octaves).toBe(0)
  expect(columns.slice(2, 20).filter(([, periodicity]) => periodicity > 0.6)).toHaveLength(0)
  for (const [octaves, periodicity] of columns.slice(26, -2)) {
    expect(Math.abs(octaves)).toBeLessThan(0.05)
    expect(periodicity).toBeGreaterThan(0.85)
  }
})

test('without any voice every frame stands at the median', () => {
  for (const columns of pitchColumns(new Float32Array(rate))) expect(columns).toEqual([0, 0, 0, 0])
})

test('a frame has its own pitch and that of half a window later', () => {
  const columns = pitchColumns(glide(2, 110, 220))
  for (let t = 2; t < columns.length - 3; t++) {
    expect(columns[t].slice(2)).toEqual(columns[t + 1].slice(0, 2))
    expect(columns[t][2] - columns[t][0]).toBeGreaterThan(0)
  }
  const coarse = speechFeatures(glide(2, 110, 220), { ...parameters, hopLength: 2 * hop })
  const later = Array.from({ length: coarse.frames }, (_, t) => coarse.values[t * 17 + 15])
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]
  // Medians of half as many frames differ a little.
  expect(Math.abs(median(later.map((octaves, t) => octaves - (columns[2 * t + 1]?.[0] ?? octaves))))).toBeLessThan(0.03)
})

test('the analysis weights pitch by periodicity, so that frames in between take it from the voiced one', () => {
  const { extras, frames } = analyseSpeech(vowel(0.5, rate, 200, [600, 1300]), parameters)
  for (let t = 2; t < frames - 2; t++) expect(2 ** (extras[4 * t] / extras[4 * t + 1]) / 200).toBeCloseTo(1, 1)
})
