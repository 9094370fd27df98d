import type { SpeechFeatureParameters } from '../src/features/speechFeatureParameters.ts'
import { plainView, type SpeechView } from '../src/features/speechViews.ts'
import type { SpeechModelOptions } from '../src/definitions/buildSpeechModel.ts'
import type { SpeechCorpus } from './corpora.ts'
import { noAugmentation, type AugmentationOptions } from './augmentation.ts'

/** All that decides how one network is trained. JSON, so that it can be stored beside what it made. */
export interface SpeechPreset {
  readonly architecture: 'speech' | 'paper'
  /** Corpora that are trained on besides RAVDESS, in folds and at last; never tested on. */
  readonly others: readonly SpeechCorpus[]
  readonly features: SpeechFeatureParameters
  /** What an answer is averaged over; has no part in training. */
  readonly views: readonly SpeechView[]
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

/** The clip as it is, on both grids of frames, and as a slightly larger and a slightly smaller speaker would say it. */
const fourViews: readonly SpeechView[] = [
  plainView,
  { semitones: 0, offset: 0.5 },
  { semitones: -2, offset: 0 },
  { semitones: 2, offset: 0.5 },
]

/**
 * The model that ships: level removed; nothing from near half the sample rate, where resampling filters differ, so that a recording's rate
 * changes nothing; steady noise taken out, and added in training, so that a room changes little; equaliser and vocal tract length in training; three members. Pitch from the
 * recording's own median, which helps on other corpora, too; no chroma, which helps on RAVDESS and misleads elsewhere.
 */
const portable: SpeechPreset = {
  architecture: 'speech',
  others: ['emodb'],
  features: {
    ...frames,
    hopLength: 1366,
    melBands: 120,
    topDb: 60,
    nMfcc: 34,
    extras: ['pitch'],
    level: 'clip',
    trim: { topDb: 30, margin: 2 },
    background: { subtract: 1.5, aboveDb: 6 },
  },
  // Training's copies and the clip as it is, each on both grids of frames.
  views: [-2, 0, 2].flatMap((semitones) => [{ semitones, offset: 0 } as const, { semitones, offset: 0.5 } as const]),
  model: { units: 64, bidirectional: true, attentionUnits: 0, heads: 1, dropout: 0.4, members: 3 },
  augmentation: {
    ...noAugmentation,
    copyProbability: 0.67,
    copies: [-2, 2],
    trimJitter: 2,
    cropProbability: 0.25,
    cropFrames: 8,
    timeWarp: 0.2,
    vocalTract: 0.06,
    equalizerDb: 5,
    equalizerProbability: 0.5,
    roomProbability: 0.3,
    timeMaskFrames: 3,
    mixup: 0.4,
    mixupProbability: 0.25,
  },
  epochs: 80,
  batchSize: 16,
  learningRate: 2e-3,
  weightDecay: 1e-2,
  labelSmoothing: 0.1,
  gradientClipNorm: 5,
  emaDecay: 0.99,
  classWeightPower: 1,
}

/** For comparison: RAVDESS alone, with all that it tells, its absolute level and its highest bands, which mislead on another microphone. */
const best: SpeechPreset = {
  ...portable,
  others: [],
  features: { ...portable.features, melBands: frames.nMels, extras: ['chroma'], level: 'keep', background: undefined },
  model: { ...portable.model, units: 56 },
  augmentation: { ...portable.augmentation, roomProbability: 0, noiseProbability: 0.25 },
}

/** The published network on its own features: MFCC, zero-crossing rate and RMS; resampled copies, warped time and vocal tract, mixup. */
const paper: SpeechPreset = {
  architecture: 'paper',
  others: [],
  features: { ...frames, hopLength: 1366, nMfcc: 40, extras: ['zeroCrossingRate', 'rms'], level: 'keep', trim: { topDb: 30, margin: 2 } },
  views: fourViews,
  model: { dropout: 0.3 },
  augmentation: {
    ...noAugmentation,
    copyProbability: 0.67,
    copies: [-3, -2, -1, 1, 2, 3],
    trimJitter: 2,
    timeWarp: 0.15,
    vocalTract: 0.04,
    mixup: 0.4,
    mixupProbability: 0.5,
  },
  epochs: 300,
  batchSize: 32,
  learningRate: 2e-3,
  weightDecay: 1e-2,
  labelSmoothing: 0.1,
  gradientClipNorm: 5,
  emaDecay: 0.99,
  classWeightPower: 0,
}

/** Presets by the name that the command takes. */
export const presets = { best, portable, paper } as const satisfies Record<string, SpeechPreset>

/** Name of a preset. */
export type PresetName = keyof typeof presets
