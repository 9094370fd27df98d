import { frameLevels } from './frameLevels.ts'
import type { SpeechAnalysis } from './speechAnalysis.ts'
import { usedBands, type SpeechFeatureParameters } from './speechFeatureParameters.ts'

/** Part of the frames that is background, at the least. */
const quietShare = 0.1
/** In less, seconds, there may be nothing but voice, and its quietest tenth is no background. */
const leastSeconds = 1.5
/** No band is lowered by more than this, dB. */
const largestCut = 20
/** Frames this close to the loudest one, dB, are never taken for background. */
const loudRange = 15

const toNatural = Math.LN10 / 10

/**
 * Takes a recording's steady background noise out of its mel spectrogram (spectral subtraction, Boll 1979, the noise of each band being its level in the quietest tenth of the
 * frames), and finds the frames that stand out of it. Does nothing where `parameters.background` is not set, nor to windows of less than 1.5 s.
 *
 * A recording of the studio and one of a room, cut where its noise begins and ends, would else not look alike.
 *
 * @param parameters - with the hop of `analysis`
 */
export function suppressBackground(analysis: SpeechAnalysis, parameters: SpeechFeatureParameters): SpeechAnalysis {
  const { background, trim, hopLength, sampleRate } = parameters
  const { frames } = analysis
  if (background === undefined || frames * hopLength < leastSeconds * sampleRate) return analysis
  const bands = analysis.mel.length / frames
  const mel = analysis.mel.slice()
  const quietest = new Float32Array(quietIndex(frames) + 1)
  const offset = 10 * Math.log10(background.subtract)
  for (let k = 0; k < bands; k++) {
    const noise = largestOfSmallest(mel, k, bands, quietest) + offset
    for (let i = k; i < mel.length; i += bands) {
      const below = noise - mel[i]
      // Noise far below changes a value by less than 0.02 dB.
      if (below < -24) continue
      const left = 1 - Math.exp(below * toNatural)
      mel[i] += left > 0.01 ? Math.log(left) / toNatural : -largestCut
    }
  }
  if (trim === null) return { ...analysis, mel }
  return { ...analysis, mel, active: soundingFrames(frameLevels(mel, bands, usedBands(parameters)), trim.topDb, background.aboveDb) }
}

/** The `found.length`-th smallest of every `step`-th value from `start` on; `found` receives all that are as small. Few are sought, so that a sort would do too much. */
function largestOfSmallest(values: Float32Array, start: number, step: number, found: Float32Array): number {
  const last = found.length - 1
  found.fill(Infinity)
  for (let i = start; i < values.length; i += step) {
    const value = values[i]
    if (!(value < found[last])) continue
    let at = last
    for (; at > 0 && found[at - 1] > value; at--) found[at] = found[at - 1]
    found[at] = value
  }
  return found[last]
}

/** The first frame, and the one after the last, that is within `topDb` of the loudest one and `aboveDb` above the background. */
function soundingFrames(levels: Float64Array, topDb: number, aboveDb: number): [number, number] {
  const ordered = levels.slice().sort()
  const loudest = ordered[levels.length - 1]
  const threshold = Math.max(loudest - topDb, Math.min(ordered[quietIndex(levels.length)] + aboveDb, loudest - loudRange))
  const first = levels.findIndex((level) => level >= threshold)
  let end = levels.length
  while (levels[end - 1] < threshold) end--
  return [first, end]
}

/** Where the background's level stands among those of all frames in order. */
function quietIndex(frames: number): number {
  return Math.floor(quietShare * (frames - 1))
}
