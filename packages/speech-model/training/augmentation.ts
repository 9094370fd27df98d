import { melToHz } from '@emo/dsp'
import type { Random } from '@emo/runtime'
import { frameLevels } from '../src/features/frameLevels.ts'
import { powerResponse } from '../src/features/pitchFinder.ts'
import type { SpeechAnalysis } from '../src/features/speechAnalysis.ts'
import { extraColumn, extraColumns, extraWidth, melSpacing, type SpeechFeatureParameters } from '../src/features/speechFeatureParameters.ts'

const toNatural = Math.LN10 / 10

/** Strength of every perturbation; 0 (or an empty list) turns one off. All of them act on training data only. */
export interface AugmentationOptions {
  /** Probability that a clip is replaced by one of its copies. */
  readonly copyProbability: number
  /** The copies that are made: semitones by which a clip is played faster (pitch, formants and speed change together). */
  readonly copies: readonly number[]
  /** Frames by which each end of the trimmed clip may move. */
  readonly trimJitter: number
  /** Probability of a random crop. */
  readonly cropProbability: number
  /** Shortest crop, frames. */
  readonly cropFrames: number
  /** Time axis stretched by exp(u), u uniform in +-this. */
  readonly timeWarp: number
  /** Mel axis stretched by exp(u), u uniform in +-this (vocal tract length perturbation, Jaitly and Hinton 2013). */
  readonly vocalTract: number
  /** Random equaliser: gains at six knots over the mel axis, uniform in +-this dB. */
  readonly equalizerDb: number
  /** Probability that the equaliser acts. */
  readonly equalizerProbability: number
  /** Probability of added noise with a random tilt. */
  readonly noiseProbability: number
  /** Signal-to-noise ratio of that noise, dB, [lowest, highest]. */
  readonly noiseSnrDb: readonly [number, number]
  /** Probability of a room's noise, with a random spectrum, over the whole clip before it is cut. */
  readonly roomProbability: number
  /** How far that noise lies below the clip's loudest frame, dB, [least, most]. */
  readonly roomBelowDb: readonly [number, number]
  /** Level changed by a uniform number of dB in +-this. */
  readonly gainDb: number
  /** Widest masked stretch of frames (SpecAugment, Park et al. 2019). */
  readonly timeMaskFrames: number
  readonly timeMasks: number
  /** Widest masked stretch of features. */
  readonly featureMask: number
  readonly featureMasks: number
  /** Shape of the beta distribution of mixup (Zhang et al. 2018). */
  readonly mixup: number
  /** Probability that a batch is mixed. */
  readonly mixupProbability: number
}

/** No perturbation at all. */
export const noAugmentation: AugmentationOptions = {
  copyProbability: 0,
  copies: [],
  trimJitter: 0,
  cropProbability: 0,
  cropFrames: 12,
  timeWarp: 0,
  vocalTract: 0,
  equalizerDb: 0,
  equalizerProbability: 0.7,
  noiseProbability: 0,
  noiseSnrDb: [10, 40],
  roomProbability: 0,
  roomBelowDb: [8, 45],
  gainDb: 0,
  timeMaskFrames: 0,
  timeMasks: 2,
  featureMask: 0,
  featureMasks: 2,
  mixup: 0,
  mixupProbability: 0.5,
}

/** Stretches time by linear interpolation between frames; mel and extras alike. */
export function warpTime(analysis: SpeechAnalysis, ratio: number, least = 8): SpeechAnalysis {
  const frames = Math.max(least, Math.round(analysis.frames * ratio))
  if (frames === analysis.frames || analysis.frames < 2) return analysis
  const stretch = (from: Float32Array): Float32Array => {
    const width = from.length / analysis.frames
    const to = new Float32Array(frames * width)
    for (let t = 0; t < frames; t++) {
      const position = (t * (analysis.frames - 1)) / (frames - 1)
      const before = Math.min(Math.floor(position), analysis.frames - 2)
      const part = position - before
      const a = before * width
      for (let k = 0; k < width; k++) to[t * width + k] = from[a + k] * (1 - part) + from[a + width + k] * part
    }
    return to
  }
  return { ...analysis, frames, mel: stretch(analysis.mel), extras: stretch(analysis.extras) }
}

/** Straight lines between knots that lie evenly over the bands. */
function curveOver(bands: number, knots: readonly number[]): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: bands }, (_, k) => {
    const position = (k * (knots.length - 1)) / (bands - 1)
    const low = Math.min(Math.floor(position), knots.length - 2)
    return knots[low] + (knots[low + 1] - knots[low]) * (position - low)
  })
}

/**
 * Perturbs the mel spectrogram (in dB) of one clip: vocal tract length, equaliser, noise, gain. Returns a new analysis.
 * Chroma and other extras are left as they are.
 */
export function perturbSpectrum(analysis: SpeechAnalysis, o: AugmentationOptions, random: Random): SpeechAnalysis {
  const { frames } = analysis
  const bands = frames === 0 ? 0 : analysis.mel.length / frames
  let mel = analysis.mel.slice()
  if (bands === 0) return analysis

  if (o.vocalTract > 0) {
    const ratio = Math.exp(random.uniform(-o.vocalTract, o.vocalTract))
    const source = mel
    mel = new Float32Array(source.length)
    for (let k = 0; k < bands; k++) {
      const position = Math.min(k * ratio, bands - 1.001)
      const low = Math.floor(position)
      const part = position - low
      for (let t = 0; t < frames; t++) {
        const at = t * bands + low
        mel[t * bands + k] = source[at] * (1 - part) + source[at + 1] * part
      }
    }
  }

  // Equaliser and gain are both sums in dB: one curve over the bands.
  let curve = new Float32Array(bands)
  if (o.equalizerDb > 0 && random.next() < o.equalizerProbability) {
    curve = curveOver(
      bands,
      Array.from({ length: 6 }, () => random.uniform(-o.equalizerDb, o.equalizerDb)),
    )
  }
  for (let i = 0; i < mel.length; i++) mel[i] += curve[i % bands]

  if (o.noiseProbability > 0 && random.next() < o.noiseProbability) {
    let peak = -Infinity
    for (let i = 0; i < mel.length; i++) if (mel[i] > peak) peak = mel[i]
    // The loudest band stands about 15 dB above the mean of the voice.
    const level = peak - 15 - random.uniform(o.noiseSnrDb[0], o.noiseSnrDb[1])
    const tilt = random.uniform(-15, 0)
    const power = new Float32Array(bands)
    for (let k = 0; k < bands; k++) power[k] = 10 ** ((level + (tilt * k) / (bands - 1)) / 10)
    for (let i = 0; i < mel.length; i++) {
      const noise = power[i % bands] * (0.7 - 0.3 * Math.log(1 - random.next()))
      mel[i] = Math.log(Math.exp(mel[i] * toNatural) + noise) / toNatural
    }
  }

  if (o.gainDb > 0) {
    const gain = random.uniform(-o.gainDb, o.gainDb)
    for (let i = 0; i < mel.length; i++) mel[i] += gain
  }
  return { ...analysis, mel }
}

/** Gains of a room's noise at the knots of its spectrum, dB either way, and how much less its highest band has than its lowest, dB. */
const roomColourDb = 12
const roomTiltDb: readonly [number, number] = [-5, 30]

/**
 * Adds a room's steady noise to a whole clip, as it is before trimming: a recording that is not of a studio begins and ends with noise, not with silence. To the mel
 * spectrogram (in dB), and to the pitch, which noise makes less periodic; chroma and other extras are left as they are. Returns a new analysis, or the same one.
 */
export function addRoomNoise(
  analysis: SpeechAnalysis,
  parameters: SpeechFeatureParameters,
  o: AugmentationOptions,
  random: Random,
): SpeechAnalysis {
  const { frames } = analysis
  if (frames === 0 || o.roomProbability === 0 || random.next() >= o.roomProbability) return analysis
  const bands = analysis.mel.length / frames
  const loudestDb = frameLevels(analysis.mel, bands).reduce((most, level) => Math.max(most, level), -Infinity)
  const loudest = bands * Math.exp(loudestDb * toNatural)
  const tilt = random.uniform(...roomTiltDb)
  const colour = curveOver(
    bands,
    Array.from({ length: 5 }, () => random.uniform(-roomColourDb, roomColourDb)),
  ).map((value, k) => Math.exp((value - (tilt * k) / bands) * toNatural))
  const level = (loudest * 10 ** (-random.uniform(...o.roomBelowDb) / 10)) / colour.reduce((sum, value) => sum + value, 0)
  const noise = colour.map((value) => level * value)
  const mel = analysis.mel.slice()
  for (let k = 0; k < bands; k++) {
    const power = noise[k]
    // Where the voice is far above it, the noise is not heard.
    const inaudible = Math.log(power) / toNatural + 25
    for (let i = k; i < mel.length; i += bands) {
      if (mel[i] < inaudible)
        mel[i] = Math.log(Math.exp(mel[i] * toNatural) + power * (0.7 - 0.3 * Math.log(1 - random.next()))) / toNatural
    }
  }
  const { extras } = parameters
  if (!extras.includes('pitch')) return { ...analysis, mel }
  return { ...analysis, mel, extras: coverPitch(analysis, noise, parameters, random) }
}

/** The largest correlation of noise with itself one period later, and how far noise moves the correlation of a voice, as measured on speech in noise. */
const noisePeriodicity = { mean: 0.15, deviation: 0.08 }

/**
 * Extras whose pitch is that of a voice in noise: the correlation one period later is less by the noise's share of the power that the pitch finder hears.
 *
 * @param noise - power of each mel band
 */
function coverPitch(analysis: SpeechAnalysis, noise: Float32Array, parameters: SpeechFeatureParameters, random: Random): Float32Array {
  const { extras } = parameters
  const { frames } = analysis
  const bands = noise.length
  const heard = heardBands(parameters)
  const covering = noise.reduce((sum, power, k) => sum + power * heard[k], 0)
  const { mean, deviation } = noisePeriodicity
  const out = analysis.extras.slice()
  const width = extraColumns(extras)
  const first = extraColumn(extras, 'pitch')
  for (let t = 0; t < frames; t++) {
    let voice = 0
    for (let k = 0; k < bands; k++) voice += Math.exp(analysis.mel[t * bands + k] * toNatural) * heard[k]
    const share = voice / (voice + covering)
    for (let at = t * width + first; at < t * width + first + extraWidth.pitch; at += 2) {
      const before = out[at + 1]
      const disturbed = before * share + (1 - share) * deviation * random.normal()
      const periodicity = Math.min(1, Math.max(disturbed, (1 - share) * Math.abs(mean + deviation * random.normal())))
      // Both columns are in proportion to it.
      out[at] *= periodicity / Math.max(before, 1e-3)
      out[at + 1] = periodicity
    }
  }
  return out
}

/** How much of each mel band's power, which is given per Hz, the pitch finder hears. */
function heardBands(parameters: SpeechFeatureParameters): Float64Array {
  const spacing = melSpacing(parameters)
  return Float64Array.from({ length: parameters.nMels }, (_, k) => {
    const [from, centre, to] = [k, k + 1, k + 2].map((mel) => melToHz(mel * spacing))
    return ((to - from) / 2) * powerResponse(centre, parameters.sampleRate)
  })
}

/** SpecAugment on finished, standardised features (0 = the mean): masks stretches of frames and of features in place. */
export function maskFeatures(features: Float32Array, frames: number, o: AugmentationOptions, random: Random, value = 0): void {
  const width = features.length / frames
  if (o.timeMaskFrames > 0) {
    for (let i = 0; i < o.timeMasks; i++) {
      const span = random.uniform(0, o.timeMaskFrames)
      const start = random.next() * Math.max(0, frames - span)
      for (let t = Math.ceil(start); t < start + span && t < frames; t++) features.fill(value, t * width, (t + 1) * width)
    }
  }
  if (o.featureMask > 0) {
    for (let i = 0; i < o.featureMasks; i++) {
      const span = random.uniform(0, o.featureMask)
      const start = random.next() * (width - span)
      for (let k = Math.ceil(start); k < start + span && k < width; k++) {
        for (let t = 0; t < frames; t++) features[t * width + k] = value
      }
    }
  }
}
