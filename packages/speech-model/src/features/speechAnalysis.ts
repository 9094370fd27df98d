import { extractFeatures, trim, type FeatureRequest } from '@emo/dsp'
import { extraColumns, extraWidth, type ExtraFeature, type SpeechFeatureParameters } from './speechFeatureParameters.ts'

/**
 * The costly half of feature extraction, before anything depends on the level: what training caches and perturbs.
 */
export interface SpeechAnalysis {
  readonly frames: number
  /** Mel spectrogram, dB of power, `[frames, nMels]`. */
  readonly mel: Float32Array
  /** Extra columns, `[frames, extraColumns]`. */
  readonly extras: Float32Array
  /** First frame and the one after the last that trimming keeps (without its margin); `[0, frames]` where nothing is trimmed. */
  readonly active: readonly [number, number]
}

/** Range in which the pitch of a voice is looked for, Hz. */
const pitchRange = { fMin: 65, fMax: 700 } as const

/** What each extra asks of `@emo/dsp`. */
const requests: Readonly<Record<ExtraFeature, readonly FeatureRequest[]>> = {
  chroma: [{ name: 'chroma', tuning: 0 }],
  pitch: [{ name: 'yin', ...pitchRange }],
  spectral: [{ name: 'spectralCentroid' }, { name: 'spectralBandwidth' }, { name: 'spectralRolloff' }, { name: 'spectralFlatness' }],
  contrast: [{ name: 'spectralContrast' }],
  zeroCrossingRate: [{ name: 'zeroCrossingRate' }],
  rms: [{ name: 'rms' }],
}

/** Columns that an extra reads, where that is not what it gives. */
const requestWidth: Readonly<Partial<Record<ExtraFeature, number>>> = { pitch: 1 }

/**
 * Spectra of a mono signal at `parameters.sampleRate`, all from one transform a frame.
 *
 * @param samples - at least one sample, full scale = 1
 */
export function analyseSpeech(samples: Float32Array, parameters: SpeechFeatureParameters): SpeechAnalysis {
  const { sampleRate, nFft, winLength, hopLength, nMels, extras } = parameters
  const features: FeatureRequest[] = [{ name: 'logMelSpectrogram', nMels }, ...extras.flatMap((extra) => requests[extra])]
  const all = extractFeatures(samples, { sampleRate, nFft, winLength, hopLength, features })
  const [frames, columns] = all.shape
  const width = extraColumns(extras)
  const mel = new Float32Array(frames * nMels)
  const rest = new Float32Array(frames * width)
  for (let t = 0; t < frames; t++) {
    const row = all.data.subarray(t * columns, (t + 1) * columns)
    mel.set(row.subarray(0, nMels), t * nMels)
    let from = nMels
    let to = t * width
    for (const extra of extras) {
      if (extra === 'pitch') {
        // One column in, two out.
        rest[to] = Math.log2(row[from])
        rest[to + 1] = periodicity(samples, t * hopLength, sampleRate / row[from], nFft >> 1)
      } else if (extra === 'spectral') {
        rest.set(row.subarray(from, from + 3), to)
        rest[to + 3] = Math.log10(row[from + 3])
      } else rest.set(row.subarray(from, from + extraWidth[extra]), to)
      from += requestWidth[extra] ?? extraWidth[extra]
      to += extraWidth[extra]
    }
  }
  return { frames, mel, extras: rest, active: activeFrames(samples, frames, parameters) }
}

/** Correlation of the signal with itself one period later, over `span` samples around `centre`; 1 for a perfectly periodic one. */
function periodicity(samples: Float32Array, centre: number, period: number, span: number): number {
  const lag = Math.round(period)
  const start = Math.max(0, centre - ((span + lag) >> 1))
  const end = Math.min(samples.length - lag, start + span)
  let dot = 0
  let before = 0
  let after = 0
  for (let i = start; i < end; i++) {
    dot += samples[i] * samples[i + lag]
    before += samples[i] * samples[i]
    after += samples[i + lag] * samples[i + lag]
  }
  const norm = Math.sqrt(before * after)
  return norm > 0 ? dot / norm : 0
}

function activeFrames(samples: Float32Array, frames: number, { trim: settings, hopLength }: SpeechFeatureParameters): [number, number] {
  if (settings === null) return [0, frames]
  const { start, end } = trim(samples, { topDb: settings.topDb })
  if (end <= start) return [0, frames]
  return [Math.min(frames, Math.floor(start / hopLength)), Math.min(frames, Math.ceil(end / hopLength))]
}

/** The frames from `start` up to, not including, `end`. */
export function sliceAnalysis(analysis: SpeechAnalysis, start: number, end: number): SpeechAnalysis {
  const { frames, mel, extras } = analysis
  const bands = mel.length / frames
  const width = extras.length / frames
  return {
    frames: end - start,
    mel: mel.subarray(start * bands, end * bands),
    extras: extras.subarray(start * width, end * width),
    active: [0, end - start],
  }
}
