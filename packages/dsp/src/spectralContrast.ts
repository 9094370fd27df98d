import { fail, integer, number, positive, type Signal } from './internal/check.ts'
import { roundHalfEven } from './internal/roundHalfEven.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { analyse, binsOf, type SpectrumKernel } from './internal/spectrum.ts'
import { toDecibels, topDbOf } from './decibels.ts'
import { binWidth, type SpectralOptions } from './spectralCentroid.ts'

/** Options of {@link spectralContrast}. */
export interface SpectralContrastOptions extends SpectralOptions {
  /** Octave bands above the first (default 6). */
  nBands?: number
  /** Upper edge of the first band in Hz (default 200); the others are octaves from there. */
  fMin?: number
  /** Share of a band's bins that make its peak and its valley, between 0 and 1 (default 0.02). */
  quantile?: number
  /** Difference of magnitudes (true) instead of decibels (default false). */
  linear?: boolean
  /** Peaks, and valleys, this far below the loudest of the whole signal are raised to there, in dB (default 80, as librosa); null: no limit. */
  topDb?: number | null
}

/** Peaks and valleys of all bands of one frame, from index `at` of both. */
type Extremes = (spectrum: Float64Array, peaks: Float32Array, valleys: Float32Array, at: number) => void

function extremesOf(options: SpectralContrastOptions): { width: number; run: Extremes } {
  const hz = binWidth(options)
  const fMin = positive(options, 'fMin', 200)
  // The last band has to begin below the Nyquist frequency.
  const nBands = integer(options, 'nBands', 6, 1, Math.ceil(Math.log2(options.sampleRate / 2 / fMin)))
  const quantile = number(options, 'quantile', 0.02, 0, 1, true)
  const top = binsOf(options) - 1
  const bands = Array.from({ length: nBands + 1 }, (_, band) => {
    let first = band && Math.ceil((fMin * 2 ** (band - 1)) / hz)
    let last = Math.min(top, Math.floor((fMin * 2 ** band) / hz))
    if (first > last) fail('OUT_OF_RANGE', 'fMin', fMin, 'more, or a larger nFft')
    // As librosa: a band takes one bin more below, the last band all above, the others leave their top bin to the next.
    if (band) first--
    if (band === nBands) last = top + 1
    const sorted = new Float32Array(Math.max(1, last - first))
    const share = roundHalfEven(quantile * (band === nBands ? sorted.length : last - first + 1))
    return { first, sorted, take: Math.min(Math.max(1, share), sorted.length) }
  })
  return {
    width: bands.length,
    run(spectrum, peaks, valleys, at) {
      for (let b = 0; b < bands.length; b++) {
        const { first, take, sorted } = bands[b]
        for (let i = 0; i < sorted.length; i++) sorted[i] = Math.sqrt(spectrum[first + i])
        sorted.sort()
        let valley = 0
        let peak = 0
        for (let i = 0; i < take; i++) {
          valley += sorted[i]
          peak += sorted[sorted.length - 1 - i]
        }
        peaks[at + b] = peak / take
        valleys[at + b] = valley / take
      }
    },
  }
}

/** Peaks, made decibels (unless `linear`), less valleys; both are overwritten. */
function contrastOf(peaks: Float32Array, valleys: Float32Array, { linear }: SpectralContrastOptions, topDb?: number): Float32Array {
  if (!linear) for (const values of [peaks, valleys]) toDecibels(values, 1, 1e-10, topDb)
  for (let i = 0; i < peaks.length; i++) peaks[i] -= valleys[i]
  return peaks
}

/** Contrast of one frame, for streams: without `topDb`, since the loudest frame of all is not known yet. */
export function contrastKernel(options: SpectralContrastOptions): SpectrumKernel {
  const { width, run } = extremesOf(options)
  const peaks = new Float32Array(width)
  const valleys = new Float32Array(width)
  return {
    width,
    run(spectrum, out, at) {
      run(spectrum, peaks, valleys, 0)
      out.set(contrastOf(peaks, valleys, options), at)
    },
  }
}

/**
 * Spectral contrast: peak minus valley of octave bands, in dB (Jiang et al. 2002); equal to `librosa.feature.spectral_contrast`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns `[frames, nBands + 1]`, dB (or linear magnitude)
 * @throws EmoRangeError `SAMPLE_RATE`, `OUT_OF_RANGE` (a band above the Nyquist frequency or without bins), and as {@link stft}
 */
export function spectralContrast(signal: Signal, options: SpectralContrastOptions): Matrix {
  const topDb = topDbOf(options)
  const { width, run } = extremesOf(options)
  let valleys: Float32Array | undefined
  const peaks = analyse(signal, options, {
    width,
    run: (spectrum, out, at) => run(spectrum, out, (valleys ??= new Float32Array(out.length)), at),
  })
  return matrix(contrastOf(peaks, valleys!, options, topDb), width)
}
