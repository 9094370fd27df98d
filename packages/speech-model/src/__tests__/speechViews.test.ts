import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resample } from '@emo/dsp'
import { EMOTIONS } from '@emo/datasets'
import { softmax, tf } from '@emo/runtime'
import { SpeechEmotionModel } from '../index.ts'
import { analyseSpeech, type SpeechAnalysis } from '../features/speechAnalysis.ts'
import { finishFeatures, trimAnalysis } from '../features/speechFeatures.ts'
import { extraColumns, type SpeechFeatureParameters } from '../features/speechFeatureParameters.ts'
import { analysisParameters, areViews, plainView, viewsOf, type SpeechView } from '../features/speechViews.ts'
import { readClip, vowel } from './audio.ts'

const parameters: SpeechFeatureParameters = {
  sampleRate: 16000,
  nFft: 2048,
  winLength: 1366,
  hopLength: 1366,
  nMels: 128,
  melBands: 120,
  nMfcc: 34,
  topDb: 60,
  extras: ['chroma', 'pitch', 'spectral', 'zeroCrossingRate', 'rms'],
  level: 'clip',
  trim: { topDb: 30, margin: 2 },
}
const between: SpeechView = { semitones: 0, offset: 0.5 }
const sound = vowel(1.5, 16000, 130, [600, 1300])

const look = (samples: Float32Array, view: SpeechView): SpeechAnalysis =>
  viewsOf(analyseSpeech(samples, analysisParameters(parameters, [between])), parameters, [view, between])[0]

test('the plain view is the plain analysis', () => {
  const direct = analyseSpeech(sound, parameters)
  expect(viewsOf(direct, parameters, [plainView])[0]).toBe(direct)
  const seen = look(sound, plainView)
  expect(seen.frames).toBe(direct.frames)
  expect(seen.active).toEqual(direct.active)
  for (const part of ['mel', 'extras'] as const) seen[part].forEach((value, i) => expect(value).toBeCloseTo(direct[part][i], 3))
})

test('the frames in between are those of the recording begun half a hop later', () => {
  const seen = look(sound, between)
  const later = analyseSpeech(sound.subarray(parameters.hopLength / 2), parameters)
  // The first frame looks back past the beginning, the last ones past the end.
  for (let i = parameters.nMels; i < (later.frames - 2) * parameters.nMels; i++) expect(seen.mel[i]).toBeCloseTo(later.mel[i], 2)
})

test.each([-3, -2, 2, 3])('a view of %i semitones is near to the recording played so', async (semitones) => {
  const { samples } = await readClip('1001_IOM_ANG_XX.wav')
  const played = resample(samples, { from: Math.round(16000 * 2 ** (semitones / 12)), to: 16000 })
  const inputs = [look(played, plainView), look(samples, { semitones, offset: 0 }), look(samples, plainView)]
  const frames = Math.min(...inputs.map((one) => one.frames))
  const [target, seen, unchanged] = inputs.map((one) => {
    const { values, frames: all } = finishFeatures(one, { ...parameters, extras: ['chroma'] })
    return values.subarray(0, (frames * values.length) / all)
  })
  const distance = (a: Float32Array) => Math.sqrt(a.reduce((sum, value, i) => sum + (value - target[i]) ** 2, 0))
  expect(distance(seen)).toBeLessThan(0.9 * distance(unchanged))
  expect(Math.abs(inputs[0].frames - inputs[1].frames)).toBeLessThanOrEqual(1)
})

test('extras move with the pitch', () => {
  const octave = look(sound, { semitones: 12, offset: 0 })
  const plain = look(sound, plainView)
  const width = extraColumns(parameters.extras)
  const row = 3 * width
  const twice = 6 * width
  for (let k = 0; k < 12; k++) expect(octave.extras[row + k]).toBeCloseTo(plain.extras[twice + k], 3)
  const octaves = (extras: Float32Array, at: number) => extras[at + 12] / extras[at + 13]
  expect(octaves(octave.extras, row)).toBeCloseTo(octaves(plain.extras, twice) + 1, 3)
  expect(octave.extras[row + 13]).toBeCloseTo(plain.extras[twice + 13], 3)
  for (const k of [16, 17, 18, 20]) expect(octave.extras[row + k] / plain.extras[twice + k]).toBeCloseTo(2, 2)
  const fifth = look(sound, { semitones: 7, offset: 0 })
  // The first frame is at the same place at any speed.
  for (let k = 0; k < 12; k++) expect(fifth.extras[(k + 7) % 12]).toBeCloseTo(plain.extras[k], 5)
})

test('every view of every analysis is finite, has its share of the frames, and reads no band that is left out', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: -12, max: 12, noNaN: true }),
      fc.constantFrom(0 as const, 0.5 as const),
      (frames, semitones, offset) => {
        const { nMels, melBands = nMels } = parameters
        const mel = Float32Array.from({ length: frames * nMels }, (_, i) => (i % nMels < melBands ? -(i % 37) : NaN))
        const analysis = {
          frames,
          mel,
          extras: new Float32Array(frames * extraColumns(parameters.extras)).fill(0.5),
          active: [0, frames] as const,
        }
        const [seen] = viewsOf(analysis, parameters, [{ semitones, offset }, between])
        expect(seen.frames).toBe(Math.max(1, Math.floor((frames - 1 - 2 * offset) / (2 * 2 ** (semitones / 12))) + 1))
        expect(seen.active[1]).toBeLessThanOrEqual(seen.frames)
        const { values } = finishFeatures(trimAnalysis(seen, parameters), parameters)
        expect(values.every(Number.isFinite)).toBe(true)
      },
    ),
  )
})

test('what is no list of views', () => {
  expect(areViews([plainView, between, { semitones: -2.5, offset: 0.5 }])).toBe(true)
  for (const wrong of [
    [],
    {},
    null,
    [null],
    [{}],
    [{ semitones: 13, offset: 0 }],
    [{ semitones: NaN, offset: 0 }],
    [{ semitones: 1, offset: 0.25 }],
  ]) {
    expect(areViews(wrong)).toBe(false)
  }
})

let model: SpeechEmotionModel
beforeAll(async () => {
  model = await SpeechEmotionModel.load()
})
afterAll(() => model.dispose())

test('an answer is the mean of its views’ logits', async () => {
  const clip = await readClip('1001_IOM_FEA_XX.wav')
  const inputs = model.extractFeatures(clip)
  expect(inputs).toHaveLength(model.metadata.views?.length ?? 1)
  const mean = new Float64Array(EMOTIONS.length)
  for (const { frames, values } of inputs) {
    const scores = tf.tidy(() => (model.network.apply(tf.tensor3d(values, [1, frames, values.length / frames])) as tf.Tensor).dataSync())
    scores.forEach((score, k) => (mean[k] += Math.log(score) / inputs.length))
  }
  const expected = softmax(mean, model.metadata.temperature)
  const { scores } = model.predict(clip)
  EMOTIONS.forEach((emotion, k) => expect(scores[emotion]).toBeCloseTo(expected[k], 4))
})

test('metadata with views that are none is refused', () => {
  const views = [{ semitones: 40, offset: 0 }] as SpeechView[]
  expect(() => new SpeechEmotionModel(model.network, { ...model.metadata, views })).toThrow(
    expect.objectContaining({ code: 'MODEL_INVALID' }) as Error,
  )
})
