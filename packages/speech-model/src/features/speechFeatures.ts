import { suppressBackground } from './backgroundNoise.ts'
import { frameLevels } from './frameLevels.ts'
import { relatePitch } from './relativePitch.ts'
import { analyseSpeech, sliceAnalysis, type SpeechAnalysis } from './speechAnalysis.ts'
import {
  extraColumn,
  extraColumns,
  extraWidth,
  featureColumns,
  usedBands,
  type SpeechFeatureParameters,
} from './speechFeatureParameters.ts'
import { analysisParameters, plainView, viewsOf, type SpeechView } from './speechViews.ts'

/** Mean and deviation of every feature over the training data. */
export interface FeatureStatistics {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/** Model input of one clip: `[frames, features]`, row-major. */
export interface SpeechFeatures {
  readonly frames: number
  readonly values: Float32Array
}

/** Shortest input that trimming may leave, seconds. */
const leastSeconds = 0.34

/**
 * What the model sees of a mono signal at `parameters.sampleRate`: the one path that training and serving share.
 *
 * @param samples - at least one sample, full scale = 1
 */
export function speechFeatures(samples: Float32Array, parameters: SpeechFeatureParameters, statistics?: FeatureStatistics): SpeechFeatures {
  return speechFeatureViews(samples, parameters, [plainView], statistics)[0]
}

/** The same for each of several views of the signal. */
export function speechFeatureViews(
  samples: Float32Array,
  parameters: SpeechFeatureParameters,
  views: readonly SpeechView[],
  statistics?: FeatureStatistics,
): SpeechFeatures[] {
  return finishViews(analyseSpeech(samples, analysisParameters(parameters, views)), parameters, views, statistics)
}

/** The cheap half of {@link speechFeatureViews}: what each view's trimmed input is. */
export function finishViews(
  analysis: SpeechAnalysis,
  parameters: SpeechFeatureParameters,
  views: readonly SpeechView[],
  statistics?: FeatureStatistics,
): SpeechFeatures[] {
  return viewsOf(suppressBackground(analysis, analysisParameters(parameters, views)), parameters, views).map((seen) =>
    finishFeatures(trimAnalysis(seen, parameters), parameters, statistics),
  )
}

/**
 * Cuts leading and trailing silence, all but the margin.
 *
 * @param jitter - frames by which start and end move (training only)
 */
export function trimAnalysis(
  analysis: SpeechAnalysis,
  { trim, hopLength, sampleRate }: SpeechFeatureParameters,
  jitter: readonly [number, number] = [0, 0],
): SpeechAnalysis {
  if (trim === null) return analysis
  const start = Math.max(0, analysis.active[0] - trim.margin + jitter[0])
  const end = Math.min(analysis.frames, analysis.active[1] + trim.margin + jitter[1])
  return (end - start) * hopLength >= leastSeconds * sampleRate ? sliceAnalysis(analysis, start, end) : analysis
}

/** The cheap half of feature extraction: dynamic range, level, cepstrum, extra columns, standardisation. */
export function finishFeatures(
  analysis: SpeechAnalysis,
  parameters: SpeechFeatureParameters,
  statistics?: FeatureStatistics,
): SpeechFeatures {
  const { nMels, nMfcc, topDb, level, extras } = parameters
  const { frames } = analysis
  const bands = usedBands(parameters)
  const mel = new Float32Array(frames * bands)
  for (let t = 0; t < frames; t++) mel.set(analysis.mel.subarray(t * nMels, t * nMels + bands), t * bands)
  let peak = -Infinity
  for (const value of mel) if (value > peak) peak = value
  const floor = peak - topDb
  for (let i = 0; i < mel.length; i++) if (mel[i] < floor) mel[i] = floor
  const hasPitch = extras.includes('pitch')
  const levels = level !== 'keep' || hasPitch ? frameLevels(mel, bands) : new Float64Array(0)
  const loud = loudFrames(levels)
  if (level !== 'keep') removeLevel(mel, bands, level, levels, loud)

  const width = featureColumns(parameters)
  const spectral = nMfcc === 0 ? bands : nMfcc
  const extra = extraColumns(extras)
  const values = new Float32Array(frames * width)
  const basis = nMfcc === 0 ? undefined : cosineBasis(nMfcc, bands)
  for (let t = 0; t < frames; t++) {
    const row = t * width
    if (basis) cosineTransform(mel, t * bands, bands, basis, nMfcc, values, row)
    else values.set(mel.subarray(t * bands, (t + 1) * bands), row)
    for (let k = 0; k < extra; k++) values[row + spectral + k] = analysis.extras[t * extra + k]
  }
  if (hasPitch) relatePitch(values.subarray(spectral + extraColumn(extras, 'pitch')), width, extraWidth.pitch / 2, loud)
  if (statistics) standardise(values, statistics)
  return { frames, values }
}

/** Subtracts the mean and divides by the deviation, column by column, in place. */
export function standardise(values: Float32Array, { mean, deviation }: FeatureStatistics): void {
  const width = mean.length
  for (let i = 0, k = 0; i < values.length; i++, k = k + 1 === width ? 0 : k + 1) values[i] = (values[i] - mean[k]) / deviation[k]
}

/** Frames this far below the loudest one are no speech, dB. */
const speechRange = 30

/** Which frames are within {@link speechRange} of the loudest one. */
function loudFrames(levels: Float64Array): boolean[] {
  const loudest = levels.reduce((most, level) => Math.max(most, level), -Infinity)
  return Array.from(levels, (level) => level >= loudest - speechRange)
}

/**
 * Subtracts the mean level (dB) of the loud frames: it moves with the gain, hardly with pauses. Of all bands
 * together or, with `'bands'`, of each.
 */
function removeLevel(mel: Float32Array, bands: number, level: 'clip' | 'bands', levels: Float64Array, loud: readonly boolean[]): void {
  const reference = new Float64Array(bands)
  let count = 0
  loud.forEach((isLoud, t) => {
    if (!isLoud) return
    for (let k = 0; k < bands; k++) reference[k] += level === 'clip' ? levels[t] : mel[t * bands + k]
    count++
  })
  for (let i = 0, k = 0; i < mel.length; i++, k = k + 1 === bands ? 0 : k + 1) mel[i] -= reference[k] / count
}

const bases = new Map<string, Float64Array>()

/** Left halves of the rows of the orthonormal DCT-II, `[nMfcc, nMels / 2]`: what librosa's `mfcc` applies to the log-mel spectrum. */
function cosineBasis(nMfcc: number, nMels: number): Float64Array {
  const key = `${nMfcc}x${nMels}`
  let basis = bases.get(key)
  if (!basis) {
    const half = Math.ceil(nMels / 2)
    basis = new Float64Array(nMfcc * half)
    for (let k = 0; k < nMfcc; k++) {
      const scale = Math.sqrt((k === 0 ? 1 : 2) / nMels)
      for (let j = 0; j < half; j++) {
        // The middle of an odd number of bands is met from both sides.
        const middle = 2 * j + 1 === nMels ? 0.5 : 1
        basis[k * half + j] = middle * scale * Math.cos((Math.PI * k * (2 * j + 1)) / (2 * nMels))
      }
    }
    bases.set(key, basis)
  }
  return basis
}

let sums = new Float64Array(0)
let differences = new Float64Array(0)

/** DCT-II of one row; even coefficients only see the sums of mirrored bands and odd ones their differences: half of the products. */
function cosineTransform(
  mel: Float32Array,
  at: number,
  nMels: number,
  basis: Float64Array,
  count: number,
  out: Float32Array,
  to: number,
): void {
  const half = Math.ceil(nMels / 2)
  if (sums.length !== half) {
    sums = new Float64Array(half)
    differences = new Float64Array(half)
  }
  for (let j = 0; j < half; j++) {
    const a = mel[at + j]
    const b = mel[at + nMels - 1 - j]
    sums[j] = a + b
    differences[j] = a - b
  }
  for (let k = 0; k < count; k++) {
    const folded = (k & 1) === 0 ? sums : differences
    const row = k * half
    let even = 0
    let odd = 0
    let j = 0
    for (; j + 1 < half; j += 2) {
      even += basis[row + j] * folded[j]
      odd += basis[row + j + 1] * folded[j + 1]
    }
    if (j < half) even += basis[row + j] * folded[j]
    out[to + k] = even + odd
  }
}
