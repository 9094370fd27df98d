import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { resample } from '@emo/dsp'
import { createRandom } from '@emo/runtime'
import { suppressBackground } from '../../src/features/backgroundNoise.ts'
import { analyseSpeech, sliceAnalysis, type SpeechAnalysis } from '../../src/features/speechAnalysis.ts'
import { featureColumns } from '../../src/features/speechFeatureParameters.ts'
import { padFeatures } from '../../src/features/padFeatures.ts'
import { finishFeatures, speechFeatures, trimAnalysis } from '../../src/features/speechFeatures.ts'
import { readClip, vowel } from '../../src/__tests__/audio.ts'
import { addRoomNoise, maskFeatures, noAugmentation, perturbSpectrum, warpTime } from '../augmentation.ts'
import { augmentedFeatures, featureStatistics, plainAnalysis, sampleBatch, type StoredClip } from '../clipSampler.ts'
import { buildStore, original, readStore } from '../featureStore.ts'
import { presets } from '../presets.ts'
import { inRoom, roomNoiseDb } from '../servingEvaluation.ts'

// A fine hop and everything that can be stored.
const parameters = { ...presets.paper.features, hopLength: 683, trim: { topDb: 30, margin: 3 }, extras: ['chroma'] as const }
const columns = featureColumns(parameters)
const sound = vowel(1.5, 16000, 130, [600, 1300])
const clip = (label: number, samples = sound): StoredClip => ({
  id: `clip${label}`,
  label,
  copies: new Map([[original, [analyseSpeech(samples, parameters)]]]),
})
const clips = [clip(0), clip(3, vowel(0.8, 16000, 220, [400, 2200])), clip(7, vowel(1.1, 16000, 180, [700, 1100]))]
const statistics = featureStatistics(clips, parameters)

test('without augmentation, training sees exactly what serving sees', () => {
  const { frames, values } = augmentedFeatures(clips[0], parameters, statistics, noAugmentation, createRandom(1))
  const served = speechFeatures(sound, parameters, statistics)
  expect(frames).toBe(served.frames)
  expect(Array.from(values)).toEqual(Array.from(served.values))
})

test('and so it does where background noise is taken out', () => {
  const quiet = { ...parameters, background: { subtract: 1.5, aboveDb: 6 } }
  const { frames, values } = augmentedFeatures(clips[0], quiet, statistics, noAugmentation, createRandom(1))
  const served = speechFeatures(sound, quiet, statistics)
  expect(frames).toBe(served.frames)
  expect(Array.from(values)).toEqual(Array.from(served.values))
})

test('every second frame of a stored analysis is the analysis with twice the hop', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'emo-store-'))
  try {
    const coarse = { ...parameters, hopLength: 2 * parameters.hopLength, extras: ['pitch', 'contrast'] as const }
    const request = { directory, corpus: 'vowels', copy: original, parameters: coarse }
    await buildStore(request, [{ id: 'a', read: () => Promise.resolve({ samples: sound, sampleRate: 16000 }) }])
    const phases = (await readStore(request)).get('a')!
    expect(phases).toHaveLength(2)
    const direct = analyseSpeech(sound, coarse)
    expect(phases[0].frames).toBe(direct.frames)
    expect(phases[0].active).toEqual(direct.active)
    for (const part of ['mel', 'extras'] as const) {
      expect(phases[0][part].length).toBe(direct[part].length)
      phases[0][part].forEach((value, i) => expect(value).toBeCloseTo(direct[part][i], 4))
    }
    expect(phases[1].mel.length).toBe(phases[1].frames * coarse.nMels)
    expect(Array.from(phases[1].mel.slice(0, 5))).not.toEqual(Array.from(phases[0].mel.slice(0, 5)))
    // The whole analysis serves a preset with the stored hop.
    expect((await readStore({ ...request, parameters })).get('a')).toHaveLength(1)
    await expect(readStore({ ...request, parameters: { ...coarse, hopLength: 1000 } })).rejects.toMatchObject({ code: 'FEATURES_HOP' })
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})

test('a recording at another rate gives the portable features', async () => {
  const { samples, sampleRate } = await readClip('1001_IOM_ANG_XX.wav')
  const { features } = presets.portable
  const at = (rate: number) => resample(resample(samples, { from: sampleRate, to: rate }), { from: rate, to: features.sampleRate })
  const plain = speechFeatures(samples, features)
  const width = featureColumns(features)
  const deviation = Array.from({ length: width }, (_, k) => {
    const column = Array.from({ length: plain.frames }, (_unused, t) => plain.values[t * width + k])
    const mean = column.reduce((sum, value) => sum + value, 0) / plain.frames
    return Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / plain.frames)
  })
  for (const rate of [22050, 44100, 48000]) {
    const other = speechFeatures(at(rate), features)
    expect(other.frames).toBe(plain.frames)
    other.values.forEach((value, i) => expect(Math.abs(value - plain.values[i])).toBeLessThan(0.1 * deviation[i % width]))
  }
})

test('bands that are left out, and each band less its own level', () => {
  const analysis = trimAnalysis(analyseSpeech(sound, parameters), parameters)
  const plain = { ...parameters, nMfcc: 0, extras: [], topDb: 200 }
  const all = finishFeatures(analysis, plain).values
  const some = finishFeatures(analysis, { ...plain, melBands: 100 }).values
  for (let t = 0; t < analysis.frames; t++) {
    expect(Array.from(some.slice(t * 100, (t + 1) * 100))).toEqual(Array.from(all.slice(t * plain.nMels, t * plain.nMels + 100)))
  }
  const coloured = { ...analysis, mel: analysis.mel.map((value, i) => value - (0.05 * (i % plain.nMels)) ** 2) }
  const [a, b] = [analysis, coloured].map((one) => finishFeatures(one, { ...plain, level: 'bands' }).values)
  a.forEach((value, i) => expect(value).toBeCloseTo(b[i], 2))
})

test('statistics standardise the clips that they came from', () => {
  const all = clips.flatMap((one) => Array.from(augmentedFeatures(one, parameters, statistics, noAugmentation, createRandom(1)).values))
  const count = all.length / columns
  for (let k = 0; k < columns; k++) {
    const column = Array.from({ length: count }, (_, t) => all[t * columns + k])
    const mean = column.reduce((sum, value) => sum + value, 0) / count
    expect(Math.abs(mean)).toBeLessThan(1e-3)
    expect(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count).toBeLessThan(1.001)
  }
})

test('with the level removed, a gain moves nothing; with the level kept, the first coefficient only', async () => {
  const { samples } = await readClip('1001_IOM_ANG_XX.wav')
  const quiet = samples.map((value) => value / 4)
  const removed = { ...parameters, level: 'clip' as const }
  const [a, b] = [speechFeatures(samples, removed, statistics), speechFeatures(quiet, removed, statistics)]
  a.values.forEach((value, i) => expect(Math.abs(value - b.values[i])).toBeLessThan(2e-2))
  const kept = { ...parameters, extras: [] }
  const [c, d] = [speechFeatures(samples, kept), speechFeatures(quiet, kept)]
  c.values.forEach((value, i) =>
    expect(value - d.values[i]).toBeCloseTo(i % kept.nMfcc === 0 ? 20 * Math.log10(4) * Math.sqrt(kept.nMels) : 0, 1),
  )
})

describe('perturbations', () => {
  const analysis = analyseSpeech(sound, parameters)

  test('time is stretched by the ratio, ends kept', () => {
    const longer = warpTime(analysis, 1.5)
    expect(longer.frames).toBe(Math.round(1.5 * analysis.frames))
    expect(longer.mel.length).toBe(longer.frames * parameters.nMels)
    expect(Array.from(longer.mel.slice(0, parameters.nMels))).toEqual(Array.from(analysis.mel.slice(0, parameters.nMels)))
    expect(Array.from(longer.extras.slice(-3))).toEqual(Array.from(analysis.extras.slice(-3)))
    expect(warpTime(analysis, 1)).toBe(analysis)
  })

  test('gain and equaliser are sums in dB, noise only adds power, the input stays', () => {
    const before = analysis.mel.slice()
    const gained = perturbSpectrum(analysis, { ...noAugmentation, gainDb: 6 }, createRandom(2))
    const gain = gained.mel[0] - analysis.mel[0]
    expect(Math.abs(gain)).toBeLessThanOrEqual(6)
    gained.mel.forEach((value, i) => expect(value - analysis.mel[i]).toBeCloseTo(gain, 3))
    const equalised = perturbSpectrum(analysis, { ...noAugmentation, equalizerDb: 5, equalizerProbability: 1 }, createRandom(3))
    equalised.mel.forEach((value, i) => expect(Math.abs(value - analysis.mel[i])).toBeLessThanOrEqual(5.001))
    const noisy = perturbSpectrum(analysis, { ...noAugmentation, noiseProbability: 1 }, createRandom(4))
    noisy.mel.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(analysis.mel[i] - 1e-3))
    expect(analysis.mel).toEqual(before)
  })

  test("a room's noise fills the silence around a clip, only adds power, and is as loud as asked", () => {
    const padded = new Float32Array(3 * 16000)
    padded.set(sound, 16000)
    const whole = analyseSpeech(padded, parameters)
    expect(addRoomNoise(whole, parameters, noAugmentation, createRandom(5))).toBe(whole)
    const noisy = addRoomNoise(whole, parameters, { ...noAugmentation, roomProbability: 1, roomBelowDb: [20, 20] }, createRandom(5))
    noisy.mel.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(whole.mel[i] - 1e-3))
    const level = (t: number) =>
      10 * Math.log10(noisy.mel.subarray(t * 128, (t + 1) * 128).reduce((sum, value) => sum + 10 ** (value / 10), 0))
    const levels = Array.from({ length: noisy.frames }, (_, t) => level(t))
    const loudest = Math.max(...levels)
    for (let t = 0; t < 10; t++) expect(Math.abs(loudest - levels[t] - 20)).toBeLessThan(3)
    // What cuts silence cuts that noise only if it is told from the voice.
    const { frames } = trimAnalysis(whole, parameters)
    const background = { subtract: 1, aboveDb: 6 }
    expect(trimAnalysis(suppressBackground(noisy, { ...parameters, background }), parameters).frames).toBeLessThanOrEqual(frames + 3)
  })

  test("a room's noise makes a voice as much less periodic as noise in the recording does, and leaves its pitch", async () => {
    const pitched = { ...parameters, extras: ['chroma', 'pitch'] as const }
    const { samples, sampleRate } = await readClip('1001_IOM_ANG_XX.wav')
    const recording = { samples: resample(samples, { from: sampleRate, to: 16000 }), sampleRate: 16000 }
    const clean = analyseSpeech(recording.samples, pitched)
    const column = ({ extras }: SpeechAnalysis, k: number) => Array.from(extras.filter((_, i) => i % 16 === k))
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
    const room = { ...noAugmentation, roomProbability: 1, roomBelowDb: [roomNoiseDb, roomNoiseDb] as const }
    const augmented: number[] = []
    const recorded: number[] = []
    for (let seed = 0; seed < 20; seed++) {
      const noisy = addRoomNoise(clean, pitched, room, createRandom(seed))
      for (const pitch of [12, 14]) {
        const [octaves, periodicity] = [column(noisy, pitch), column(noisy, pitch + 1)]
        const [octavesBefore, periodicityBefore] = [column(clean, pitch), column(clean, pitch + 1)]
        periodicity.forEach((value, t) => {
          if (value > 0.6) expect(octaves[t] / value).toBeCloseTo(octavesBefore[t] / periodicityBefore[t], 3)
          expect(value).toBeGreaterThanOrEqual(0)
          expect(value).toBeLessThanOrEqual(1)
        })
        augmented.push(mean(periodicity))
      }
      for (let k = 0; k < 12; k++) expect(column(noisy, k)).toEqual(column(clean, k))
      // Half a second of noise before and after.
      const padded = analyseSpeech(inRoom(recording, String(seed)).samples, pitched)
      recorded.push(mean(column(padded, 13).slice(12, -12)))
    }
    expect(Math.abs(mean(augmented) - mean(recorded))).toBeLessThan(0.05)
    expect(mean(augmented)).toBeLessThan(mean(column(clean, 13)) - 0.1)
  })

  test('masks cover no more than they may', () => {
    const frames = 50
    const values = new Float32Array(frames * 10).fill(1)
    maskFeatures(values, frames, { ...noAugmentation, timeMaskFrames: 6, timeMasks: 2 }, createRandom(5), 1e-6)
    const masked = Array.from({ length: frames }, (_, t) => values[t * 10]).filter((value) => value !== 1).length
    expect(masked).toBeGreaterThan(0)
    expect(masked).toBeLessThanOrEqual(14)
  })

  test('trimming keeps its margin and never leaves a stub', () => {
    const padded = new Float32Array(3 * 16000)
    padded.set(sound, 16000)
    const whole = analyseSpeech(padded, parameters)
    const cut = trimAnalysis(whole, parameters)
    expect(cut.frames).toBeLessThan(whole.frames)
    expect(cut.frames).toBe(whole.active[1] - whole.active[0] + 6)
    const short = sliceAnalysis(whole, 0, 9)
    expect(trimAnalysis({ ...short, active: [4, 5] }, { ...parameters, trim: { topDb: 30, margin: 0 } }).frames).toBe(9)
  })
})

describe('batches', () => {
  const setup = {
    parameters,
    statistics,
    augmentation: noAugmentation,
    classes: 8,
    labelSmoothing: 0.1,
    classWeights: new Array<number>(8).fill(1),
  }

  test('targets are smoothed and sum to 1, shorter clips are padded with zeros', () => {
    const batch = sampleBatch(clips, setup, createRandom(7))
    expect(batch.rows).toBe(3)
    expect(batch.values.length).toBe(3 * batch.frames * columns)
    for (let i = 0; i < 3; i++) {
      const row = Array.from(batch.targets.slice(8 * i, 8 * i + 8))
      expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
      expect(row[clips[i].label]).toBeCloseTo(0.9125, 5)
    }
    const lengths = clips.map((one) => trimAnalysis(plainAnalysis(one), parameters).frames)
    expect(batch.frames).toBe(Math.max(...lengths))
    const shortest = lengths.indexOf(Math.min(...lengths))
    expect(
      batch.values
        .slice((shortest * batch.frames + lengths[shortest]) * columns, (shortest + 1) * batch.frames * columns)
        .every((value) => value === 0),
    ).toBe(true)
  })

  test('mixup keeps the sum of the targets and at least half of each label', () => {
    const batch = sampleBatch(
      clips,
      { ...setup, labelSmoothing: 0, augmentation: { ...noAugmentation, mixup: 0.4, mixupProbability: 1 } },
      createRandom(8),
    )
    clips.forEach(({ label }, i) => {
      const row = Array.from(batch.targets.slice(8 * i, 8 * i + 8))
      expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
      expect(row[label]).toBeGreaterThanOrEqual(0.5)
    })
  })

  test('no frame of a training batch passes for padding', () => {
    const augmentation = { ...presets.best.augmentation, copies: [original], timeMaskFrames: 20 }
    const { values, frames } = augmentedFeatures(clips[0], parameters, statistics, augmentation, createRandom(9))
    for (let t = 0; t < frames; t++) expect(values.slice(t * columns, (t + 1) * columns).some((value) => value !== 0)).toBe(true)
  })

  test('padding', () => {
    const batch = padFeatures(
      [
        { frames: 1, values: new Float32Array([1, 2]) },
        { frames: 2, values: new Float32Array([3, 4, 5, 6]) },
      ],
      2,
    )
    expect(batch).toEqual({ frames: 2, values: new Float32Array([1, 2, 0, 0, 3, 4, 5, 6]) })
  })
})

test('the cepstrum is the orthonormal DCT of the log-mel spectrum, for odd and even numbers of bands', () => {
  for (const nMels of [7, 8]) {
    const p = { ...parameters, nMels, nMfcc: nMels, extras: [] }
    const mel = Float32Array.from({ length: nMels }, (_, j) => Math.sin(3 * j) * 10)
    const { values } = finishFeatures({ frames: 1, mel, extras: new Float32Array(0), active: [0, 1] }, p)
    for (let k = 0; k < nMels; k++) {
      const expected =
        Math.sqrt((k === 0 ? 1 : 2) / nMels) *
        mel.reduce((sum, value, j) => sum + value * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * nMels)), 0)
      expect(values[k]).toBeCloseTo(expected, 3)
    }
  }
})
