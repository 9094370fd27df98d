import type { SpeechFeatureParameters } from '../src/features/speechFeatureParameters.ts'
import type { SpeechModelOptions } from '../src/definitions/buildSpeechModel.ts'
import { noAugmentation, type AugmentationOptions } from './augmentation.ts'

/** All that decides how one network is trained. JSON, so that it can be stored beside what it made. */
export interface SpeechPreset {
  readonly architecture: 'speech' | 'paper'
  readonly features: SpeechFeatureParameters
  readonly model: Omit<SpeechModelOptions, 'features'>
  readonly augmentation: AugmentationOptions
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly weightDecay: number
  readonly labelSmoothing: number
  readonly gradientClipNorm: number
  readonly emaDecay: number
  /** Exponent of the inverse class frequency as a weight; 0 weighs all examples alike. */
  readonly classWeightPower: number
}

const frames = { sampleRate: 16000, nFft: 2048, winLength: 1366, hopLength: 683, nMels: 128, topDb: 80 } as const

const resampled = [-3, -2, -1, 1, 2, 3].map((semitones) => ({ semitones, degraded: false }))
const twoSemitones = resampled.filter(({ semitones }) => Math.abs(semitones) === 2)
const degraded = [-2, 0, 2].map((semitones) => ({ semitones, degraded: true }))

/** The benchmark model: level kept. */
const best: SpeechPreset = {
  architecture: 'speech',
  features: {
    ...frames,
    nMfcc: 34,
    extras: ['chroma', 'pitch', 'spectral', 'zeroCrossingRate', 'contrast'],
    level: 'keep',
    trim: { topDb: 30, margin: 3 },
  },
  model: { units: 64, bidirectional: true, attentionUnits: 0, heads: 1, dropout: 0.4 },
  augmentation: {
    ...noAugmentation,
    copyProbability: 0.85,
    copies: resampled,
    trimJitter: 3,
    timeWarp: 0.2,
    timeMaskFrames: 6,
    mixup: 0.4,
  },
  epochs: 40,
  batchSize: 32,
  learningRate: 2e-3,
  weightDecay: 1e-2,
  labelSmoothing: 0.1,
  gradientClipNorm: 5,
  emaDecay: 0.99,
  classWeightPower: 0,
}

/** What shipped before portable, for comparison: level removed, short windows and poor microphones in the training distribution. */
const robust: SpeechPreset = {
  ...best,
  features: { ...best.features, level: 'clip' },
  augmentation: {
    ...best.augmentation,
    cropProbability: 0.3,
    cropFrames: 12,
    copies: [...resampled, ...degraded],
  },
}

/**
 * The model that ships: level removed; nothing from near half the sample rate, where resampling filters differ, so that a recording's rate
 * changes nothing; half the frames, no pitch tracker and no contrast (a quarter of robust's time); equaliser, noise and vocal tract length in training.
 */
const portable: SpeechPreset = {
  ...best,
  features: { ...best.features, hopLength: 1366, melBands: 120, topDb: 60, extras: ['chroma'], level: 'clip', trim: { topDb: 30, margin: 2 } },
  model: { ...best.model, units: 64 },
  augmentation: {
    ...noAugmentation,
    copyProbability: 0.67,
    copies: twoSemitones,
    trimJitter: 2,
    cropProbability: 0.25,
    cropFrames: 8,
    timeWarp: 0.2,
    vocalTract: 0.06,
    equalizerDb: 5,
    equalizerProbability: 0.5,
    noiseProbability: 0.25,
    noiseSnrDb: [10, 40],
    timeMaskFrames: 3,
    mixup: 0.4,
    mixupProbability: 0.25,
  },
  epochs: 80,
  batchSize: 16,
  classWeightPower: 1,
}

/** The published network on its own features: MFCC, zero-crossing rate and RMS; resampled copies and a little time warping. */
const paper: SpeechPreset = {
  architecture: 'paper',
  features: { ...frames, nMfcc: 40, extras: ['zeroCrossingRate', 'rms'], level: 'keep', trim: { topDb: 30, margin: 3 } },
  model: { dropout: 0.3 },
  augmentation: { ...noAugmentation, trimJitter: 3, copyProbability: 0.85, copies: resampled, timeWarp: 0.1 },
  epochs: 100,
  batchSize: 32,
  learningRate: 2e-3,
  weightDecay: 1e-2,
  labelSmoothing: 0,
  gradientClipNorm: 5,
  emaDecay: 0.99,
  classWeightPower: 0,
}

/** Presets by the name that the command takes. */
export const presets = { best, robust, portable, paper } as const satisfies Record<string, SpeechPreset>

/** Name of a preset. */
export type PresetName = keyof typeof presets
