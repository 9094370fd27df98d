import { extractFeatures, trim, type FeatureRequest } from '@emo/dsp'
import { pitchFinder } from './pitchFinder.ts'
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

/** What each extra asks of `@emo/dsp`; the pitch is ours. */
const requests: Readonly<Record<ExtraFeature, readonly FeatureRequest[]>> = {
  chroma: [{ name: 'chroma', tuning: 0 }],
  pitch: [],
  spectral: [{ name: 'spectralCentroid' }, { name: 'spectralBandwidth' }, { name: 'spectralRolloff' }, { name: 'spectralFlatness' }],
  contrast: [{ name: 'spectralContrast' }],
  zeroCrossingRate: [{ name: 'zeroCrossingRate' }],
  rms: [{ name: 'rms' }],
}

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
  const pitches = extras.includes('pitch') ? pitchPairs(samples, frames, parameters) : []
  for (let t = 0; t < frames; t++) {
    const row = all.data.subarray(t * columns, (t + 1) * columns)
    mel.set(row.subarray(0, nMels), t * nMels)
    let from = nMels
    let to = t * width
    for (const extra of extras) {
      if (extra === 'pitch') rest.set(pitches[t], to)
      else {
        if (extra === 'spectral') {
          rest.set(row.subarray(from, from + 3), to)
          rest[to + 3] = Math.log10(row[from + 3])
        } else rest.set(row.subarray(from, from + extraWidth[extra]), to)
        from += extraWidth[extra]
      }
      to += extraWidth[extra]
    }
  }
  return { frames, mel, extras: rest, active: activeFrames(samples, frames, parameters) }
}

/**
 * Pitch of each frame, and half a window later: a voice glides within one. Each as log2 of Hz times its periodicity, so that between two frames it comes from
 * the voiced one, and the periodicity.
 */
function pitchPairs(samples: Float32Array, frames: number, { sampleRate, winLength, hopLength }: SpeechFeatureParameters): number[][] {
  const pitchAt = pitchFinder(samples, sampleRate)
  // Places come twice where frames are half a window apart.
  const known = new Map<number, readonly number[]>()
  const columnsAt = (centre: number): readonly number[] => {
    let columns = known.get(centre)
    if (!columns) {
      const { frequency, periodicity } = pitchAt(centre)
      columns = [periodicity * Math.log2(frequency), periodicity]
      known.set(centre, columns)
    }
    return columns
  }
  return Array.from({ length: frames }, (_, t) => [...columnsAt(t * hopLength), ...columnsAt(t * hopLength + (winLength >> 1))])
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
