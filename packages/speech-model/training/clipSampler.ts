import { suppressBackground } from '../src/features/backgroundNoise.ts'
import { padFeatures } from '../src/features/padFeatures.ts'
import { finishFeatures, standardise, trimAnalysis, type FeatureStatistics } from '../src/features/speechFeatures.ts'
import { sliceAnalysis, type SpeechAnalysis } from '../src/features/speechAnalysis.ts'
import { featureColumns, type SpeechFeatureParameters } from '../src/features/speechFeatureParameters.ts'
import type { Random } from '@emo/runtime'
import { mixRows } from '@emo/runtime/training'
import { addRoomNoise, maskFeatures, perturbSpectrum, warpTime, type AugmentationOptions } from './augmentation.ts'
import { original } from './featureStore.ts'

/** One clip as the feature store holds it: its own analysis and those of its resampled copies. */
export interface StoredClip {
  readonly id: string
  /** Class index. */
  readonly label: number
  /** By semitones; each with all places where it may begin. */
  readonly copies: ReadonlyMap<number, readonly SpeechAnalysis[]>
}

/** The clip as it is when it is served: no copy, from its beginning. */
export function plainAnalysis(clip: StoredClip): SpeechAnalysis {
  return clip.copies.get(original)![0]
}

/** What of it reaches the network when it is served: without background noise, cut. */
export function servedAnalysis(clip: StoredClip, parameters: SpeechFeatureParameters): SpeechAnalysis {
  return trimAnalysis(suppressBackground(plainAnalysis(clip), parameters), parameters)
}

/** A padded batch: `values` is `[rows, frames, features]`, zeros after a clip's end; `targets` `[rows, classes]`. */
export interface ClipBatch {
  readonly rows: number
  readonly frames: number
  readonly values: Float32Array
  readonly targets: Float32Array
  readonly weights: Float32Array
}

/** Masked values are not exactly zero: a frame of zeros would count as padding. */
const almostZero = 1e-6

/** The perturbed, standardised features of one clip. */
export function augmentedFeatures(
  clip: StoredClip,
  parameters: SpeechFeatureParameters,
  statistics: FeatureStatistics,
  o: AugmentationOptions,
  random: Random,
): { frames: number; values: Float32Array } {
  const copy = o.copies.length > 0 && random.next() < o.copyProbability ? o.copies[random.integer(o.copies.length)] : original
  const phases = clip.copies.get(copy)!
  const noisy = addRoomNoise(phases.length === 1 ? phases[0] : phases[random.integer(phases.length)], parameters, o, random)
  const clean = suppressBackground(noisy, parameters)
  const jitter = () => (o.trimJitter === 0 ? 0 : random.integer(2 * o.trimJitter + 1) - o.trimJitter)
  const ends = [jitter(), jitter()] as const
  let analysis = trimAnalysis(clean, parameters, ends)
  if (o.cropProbability > 0 && random.next() < o.cropProbability && analysis.frames > o.cropFrames) {
    const frames = o.cropFrames + random.integer(analysis.frames - o.cropFrames)
    const start = random.integer(analysis.frames - frames + 1)
    // A window of a longer recording: its background is told from the window alone.
    const whole = trimAnalysis({ ...noisy, active: clean.active }, parameters, ends)
    analysis = suppressBackground(sliceAnalysis(whole, start, start + frames), parameters)
  }
  if (o.timeWarp > 0) analysis = warpTime(analysis, Math.exp(random.uniform(-o.timeWarp, o.timeWarp)))
  const features = finishFeatures(perturbSpectrum(analysis, o, random), parameters)
  standardise(features.values, statistics)
  maskFeatures(features.values, features.frames, o, random, almostZero)
  return features
}

/** Makes one training batch. */
export function sampleBatch(
  clips: readonly StoredClip[],
  setup: {
    readonly parameters: SpeechFeatureParameters
    readonly statistics: FeatureStatistics
    readonly augmentation: AugmentationOptions
    readonly classes: number
    readonly labelSmoothing: number
    readonly classWeights: readonly number[]
  },
  random: Random,
): ClipBatch {
  const { parameters, statistics, augmentation, classes, labelSmoothing, classWeights } = setup
  const inputs = clips.map((clip) => augmentedFeatures(clip, parameters, statistics, augmentation, random))
  const batch = padFeatures(inputs, featureColumns(parameters))
  const targets = new Float32Array(clips.length * classes).fill(labelSmoothing / classes)
  const weights = new Float32Array(clips.length)
  clips.forEach(({ label }, i) => {
    targets[i * classes + label] += 1 - labelSmoothing
    weights[i] = classWeights[label]
  })
  if (augmentation.mixup > 0 && random.next() < augmentation.mixupProbability)
    mixRows([batch.values, targets, weights], clips.length, augmentation.mixup, random)
  return { rows: clips.length, ...batch, targets, weights }
}

/** Mean and deviation of every column over clips without augmentation. */
export function featureStatistics(clips: readonly StoredClip[], parameters: SpeechFeatureParameters): FeatureStatistics {
  const columns = featureColumns(parameters)
  const sum = new Float64Array(columns)
  const squares = new Float64Array(columns)
  let count = 0
  for (const clip of clips) {
    const { values, frames } = finishFeatures(servedAnalysis(clip, parameters), parameters)
    for (let i = 0; i < values.length; i++) {
      sum[i % columns] += values[i]
      squares[i % columns] += values[i] * values[i]
    }
    count += frames
  }
  const mean = Array.from(sum, (value) => value / count)
  const deviation = Array.from(squares, (value, k) => Math.sqrt(Math.max(0, value / count - mean[k] ** 2)) + 1e-5)
  return { mean, deviation }
}
