import { hzToMel, melToHz } from '@emo/dsp'
import type { SpeechAnalysis } from './speechAnalysis.ts'
import { extraWidth, melSpacing, usedBands, type ExtraFeature, type SpeechFeatureParameters } from './speechFeatureParameters.ts'

/**
 * One way to look at a recording. A model that has several answers with the mean of its logits: the same words from a slightly larger or smaller
 * speaker should sound like the same emotion, and where the frames happen to lie should not matter.
 */
export interface SpeechView {
  /** As if played faster by so many semitones (slower if negative): pitch, formants and tempo together. */
  readonly semitones: number
  /** Where the first frame lies, as a part of the hop: 0, or 0.5 for the frames in between. */
  readonly offset: 0 | 0.5
}

/** The recording as it is. */
export const plainView: SpeechView = { semitones: 0, offset: 0 }

/** Whether a value is a list of views, at least one. */
export function areViews(value: unknown): value is readonly SpeechView[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    (value as Partial<SpeechView | null>[]).every(
      (view) => Math.abs(view?.semitones ?? NaN) <= 12 && (view?.offset === 0 || view?.offset === 0.5),
    )
  )
}

/** How to analyse a recording for these views: with half the hop, unless it is only looked at as it is. */
export function analysisParameters(parameters: SpeechFeatureParameters, views: readonly SpeechView[]): SpeechFeatureParameters {
  return onlyPlain(views) ? parameters : { ...parameters, hopLength: parameters.hopLength / 2 }
}

/** What every view sees of an analysis made with {@link analysisParameters}: analyses with the hop of `parameters`. */
export function viewsOf(analysis: SpeechAnalysis, parameters: SpeechFeatureParameters, views: readonly SpeechView[]): SpeechAnalysis[] {
  return onlyPlain(views) ? views.map(() => analysis) : views.map((view) => lookAt(analysis, parameters, view))
}

function onlyPlain(views: readonly SpeechView[]): boolean {
  return views.every(({ semitones, offset }) => semitones === 0 && offset === 0)
}

/** Linear interpolation between the frames and the mel bands of an analysis with half the hop. */
function lookAt(analysis: SpeechAnalysis, parameters: SpeechFeatureParameters, { semitones, offset }: SpeechView): SpeechAnalysis {
  const speed = 2 ** (semitones / 12)
  const step = 2 * speed
  const last = analysis.frames - 1
  const frames = Math.max(1, Math.floor((last - 2 * offset) / step) + 1)
  const bands = analysis.mel.length / analysis.frames
  const width = analysis.extras.length / analysis.frames
  const sources = playedBands(parameters, bands, speed)
  const mel = new Float32Array(frames * bands)
  const extras = new Float32Array(frames * width)
  for (let t = 0; t < frames; t++) {
    const position = Math.min(2 * offset + t * step, last)
    const before = Math.floor(position)
    const after = Math.ceil(position)
    const part = position - before
    for (let k = 0; k < bands; k++) {
      const low = Math.floor(sources[k])
      const high = Math.ceil(sources[k])
      const share = sources[k] - low
      const first = analysis.mel[before * bands + low] * (1 - share) + analysis.mel[before * bands + high] * share
      const second = analysis.mel[after * bands + low] * (1 - share) + analysis.mel[after * bands + high] * share
      mel[t * bands + k] = first * (1 - part) + second * part
    }
    for (let k = 0; k < width; k++) {
      extras[t * width + k] = analysis.extras[before * width + k] * (1 - part) + analysis.extras[after * width + k] * part
    }
    let column = t * width
    for (const extra of parameters.extras) {
      playFaster[extra]?.(extras.subarray(column, column + extraWidth[extra]), semitones, speed)
      column += extraWidth[extra]
    }
  }
  return {
    frames,
    mel,
    extras,
    active: [Math.floor(analysis.active[0] / step), Math.min(frames, Math.ceil(analysis.active[1] / step))],
  }
}

/**
 * For every mel band the one, between two, whose sound it holds when the recording is played at `speed`. None above the bands that the
 * model uses: what lies there depends on the recording's sample rate.
 */
function playedBands(parameters: SpeechFeatureParameters, bands: number, speed: number): Float64Array {
  const spacing = melSpacing(parameters)
  return Float64Array.from({ length: bands }, (_, k) => {
    if (speed === 1) return k
    const source = hzToMel(melToHz((k + 1) * spacing) / speed) / spacing - 1
    return Math.min(Math.max(source, 0), usedBands(parameters) - 1)
  })
}

/** What playing at another speed does to one frame of an extra, in place; the others stay as they are. */
const playFaster: Readonly<Partial<Record<ExtraFeature, (row: Float32Array, semitones: number, speed: number) => void>>> = {
  chroma(row, semitones) {
    const before = row.slice()
    before.forEach((value, pitchClass) => (row[(((pitchClass + Math.round(semitones)) % 12) + 12) % 12] = value))
  },
  pitch(row, semitones) {
    for (let k = 0; k < row.length; k += 2) row[k] += (row[k + 1] * semitones) / 12
  },
  spectral(row, _semitones, speed) {
    for (let k = 0; k < 3; k++) row[k] *= speed
  },
  zeroCrossingRate(row, _semitones, speed) {
    row[0] *= speed
  },
}
