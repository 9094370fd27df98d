import { hzToMel } from '@emo/dsp'

/** Frame-wise columns besides the cepstrum. */
export type ExtraFeature = 'chroma' | 'pitch' | 'spectral' | 'contrast' | 'zeroCrossingRate' | 'rms'

/**
 * Everything that decides what a model's input looks like. Stored in the model's own metadata and read from there when
 * it serves, so training and serving cannot drift apart.
 */
export interface SpeechFeatureParameters {
  /** Rate at which features are computed, Hz; other rates are resampled to it. */
  readonly sampleRate: number
  readonly nFft: number
  readonly winLength: number
  readonly hopLength: number
  readonly nMels: number
  /**
   * How many of the mel bands are used, from the lowest (default all). What lies near half the sample rate depends on the recorder's and
   * the resampler's filters more than on the voice.
   */
  readonly melBands?: number
  /** Cepstral coefficients; 0 feeds the mel bands themselves. */
  readonly nMfcc: number
  /** Mel bands further below the clip's loudest one are raised to it, dB. */
  readonly topDb: number
  /** Extra columns, in this order. */
  readonly extras: readonly ExtraFeature[]
  /**
   * `'clip'` subtracts the clip's own mean speech level, so that a gain changes nothing; `'bands'` does so for every band, which takes the
   * microphone's colour away too; `'keep'` leaves the level in.
   */
  readonly level: 'keep' | 'clip' | 'bands'
  /**
   * How steady background noise is taken out: `subtract` times its power from every band; frames less than `aboveDb` above what is left are trimmed, too; not in
   * less than 1.5 s. Default: it is left in.
   */
  readonly background?: { readonly subtract: number; readonly aboveDb: number }
  /** Leading and trailing frames quieter than `topDb` below the loudest are cut, all but `margin` of them; `null` keeps all. */
  readonly trim: { readonly topDb: number; readonly margin: number } | null
}

/**
 * Columns of each extra: `pitch` is octaves above the recording's median pitch and the correlation one period later, of the frame and of half a window later; `spectral` centroid, bandwidth, rolloff and log
 * flatness; `contrast` librosa's seven bands.
 */
export const extraWidth: Readonly<Record<ExtraFeature, number>> = {
  chroma: 12,
  pitch: 4,
  spectral: 4,
  contrast: 7,
  zeroCrossingRate: 1,
  rms: 1,
}

/** Whether a value, from a file for instance, is a whole set of parameters. */
export function areFeatureParameters(value: unknown): value is SpeechFeatureParameters {
  if (typeof value !== 'object' || value === null) return false
  const p = value as Partial<SpeechFeatureParameters>
  const counts = [p.sampleRate, p.nFft, p.winLength, p.hopLength, p.nMels, p.melBands ?? p.nMels]
  const numbers = [
    p.topDb,
    ...(p.trim ? [p.trim.topDb, p.trim.margin] : []),
    ...(p.background ? [p.background.subtract, p.background.aboveDb] : []),
  ]
  return (
    counts.every((count) => Number.isInteger(count) && count! > 0) &&
    usedBands(p as SpeechFeatureParameters) <= p.nMels! &&
    Number.isInteger(p.nMfcc) &&
    p.nMfcc! >= 0 &&
    numbers.every(Number.isFinite) &&
    Array.isArray(p.extras) &&
    p.extras.every((extra) => Object.hasOwn(extraWidth, String(extra))) &&
    ['keep', 'clip', 'bands'].includes(String(p.level)) &&
    typeof p.trim === 'object'
  )
}

/** Width of one frame of extras. */
export function extraColumns(extras: readonly ExtraFeature[]): number {
  return extras.reduce((sum, extra) => sum + extraWidth[extra], 0)
}

/** Where one of the extras begins in a frame of them. */
export function extraColumn(extras: readonly ExtraFeature[], extra: ExtraFeature): number {
  return extraColumns(extras.slice(0, extras.indexOf(extra)))
}

/** Width of one frame of model input. */
export function featureColumns(p: SpeechFeatureParameters): number {
  return (p.nMfcc === 0 ? usedBands(p) : p.nMfcc) + extraColumns(p.extras)
}

/** From one mel band's centre to the next, mel: the bands lie evenly, from 0 to half the sample rate. */
export function melSpacing({ sampleRate, nMels }: SpeechFeatureParameters): number {
  return hzToMel(sampleRate / 2) / (nMels + 1)
}

/** Mel bands that reach the model. */
export function usedBands({ nMels, melBands = nMels }: SpeechFeatureParameters): number {
  return melBands
}
