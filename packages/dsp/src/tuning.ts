import { framesOf, eachFrame } from './internal/frames.ts'
import { samplesOf, type Signal } from './internal/check.ts'
import { spectrumPlan } from './internal/spectrum.ts'
import { binWidth, type SpectralOptions } from './spectralCentroid.ts'

/** Options of {@link estimateTuning}. */
export interface TuningOptions extends SpectralOptions {
  /** Pitch classes an octave (default 12). */
  binsPerOctave?: number
  /** Resolution as a fraction of a pitch class (default 0.01). */
  resolution?: number
}

/** Peaks between these frequencies in Hz, and above this share of the frame's largest value, count; librosa's piptrack. */
const lowest = 150
const highest = 4000
const least = 0.1

/**
 * Deviation of the tuning from A = 440 Hz: the most frequent offset of the spectral peaks from the nearest pitch class; equal to
 * `librosa.estimate_tuning` of the power spectrogram.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns fraction of a pitch class, from -0.5 to below 0.5; 0 for silence
 * @throws EmoRangeError `SAMPLE_RATE`, and as {@link stft}
 */
export function estimateTuning(signal: Signal, options: TuningOptions): number {
  const plan = spectrumPlan(options)
  const samples = samplesOf(signal)
  const hz = binWidth(options)
  const { binsPerOctave = 12, resolution = 0.01 } = options
  const pitches: number[] = []
  const heights: number[] = []
  framesOf(samples.length, plan.grid)
  eachFrame(samples, plan.grid, (data, offset) => {
    const s = plan.power(data, offset)
    let max = 0
    for (let k = 0; k < s.length; k++) if (s[k] > max) max = s[k]
    const floor = least * max
    const above = (k: number) => (s[k] > floor ? s[k] : 0)
    for (let k = Math.max(1, Math.ceil(lowest / hz)); k < s.length - 1 && k * hz < highest; k++) {
      if (!(above(k) > above(k - 1) && above(k) >= above(k + 1))) continue
      const a = s[k + 1] + s[k - 1] - 2 * s[k]
      const b = (s[k + 1] - s[k - 1]) / 2
      const shift = Math.abs(b) >= Math.abs(a) ? 0 : -b / a
      pitches.push((k + shift) * hz)
      heights.push(s[k] + 0.5 * b * shift)
    }
  })
  if (pitches.length === 0) return 0
  const sorted = Float64Array.from(heights).sort()
  const half = sorted.length >> 1
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  const cells = Math.ceil(1 / resolution)
  const counts = new Uint32Array(cells)
  for (let i = 0; i < pitches.length; i++) {
    if (heights[i] < median) continue
    const classes = binsPerOctave * Math.log2(pitches[i] / 27.5)
    const offset = classes - Math.floor(classes)
    counts[Math.min(cells - 1, Math.floor(((offset >= 0.5 ? offset - 1 : offset) + 0.5) * cells))]++
  }
  return counts.indexOf(Math.max(...counts)) / cells - 0.5
}
