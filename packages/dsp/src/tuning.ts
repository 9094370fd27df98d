import { integer, number, type Signal } from './internal/check.ts'
import { modulo } from './internal/frames.ts'
import { indexOfMax } from './internal/indexOfMax.ts'
import { parabolicShift } from './internal/periodicity.ts'
import { analyse } from './internal/spectrum.ts'
import { quantile } from './functionals.ts'
import { binWidth, type SpectralOptions } from './spectralCentroid.ts'

/** Options of {@link estimateTuning}. */
export interface TuningOptions extends SpectralOptions {
  /** Pitch classes an octave (default 12). */
  binsPerOctave?: number
  /** Resolution as a fraction of a pitch class (default 0.01). */
  resolution?: number
}

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
  const hz = binWidth(options)
  const binsPerOctave = integer(options, 'binsPerOctave', 12)
  const cells = Math.ceil(1 / number(options, 'resolution', 0.01, 1e-6, 1))
  const pitches: number[] = []
  const heights: number[] = []
  const run = (s: Float64Array) => {
    // Peaks from 150 to 4000 Hz and above a tenth of the frame's largest value count, as in librosa's piptrack.
    const floor = 0.1 * s[indexOfMax(s)]
    for (let k = Math.max(1, Math.ceil(150 / hz)); k < s.length - 1 && k * hz < 4000; k++) {
      if (s[k] <= floor || s[k] <= s[k - 1] || s[k] < s[k + 1]) continue
      const shift = parabolicShift(s, k)
      pitches.push((k + shift) * hz)
      heights.push(s[k] + ((s[k + 1] - s[k - 1]) / 4) * shift)
    }
  }
  analyse(signal, options, { width: 0, run })
  if (!pitches.length) return 0
  const median = quantile({ sorted: Float64Array.from(heights).sort() }, 0.5)
  const counts = new Float64Array(cells)
  for (let i = 0; i < pitches.length; i++) {
    if (heights[i] < median) continue
    counts[Math.floor(modulo(binsPerOctave * Math.log2(pitches[i] / 27.5) + 0.5, 1) * cells)]++
  }
  return indexOfMax(counts) / cells - 0.5
}
