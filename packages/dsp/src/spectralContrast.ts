import { fail, integer, positive, sampleRateOf, within, type Signal } from './internal/check.ts'
import { roundHalfEven } from './internal/roundHalfEven.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { analyse, ofMagnitudes, spectrumPlan, type SpectrumKernel } from './internal/spectrum.ts'
import { toDecibels } from './decibels.ts'
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

/** Peaks (first `width` features) and valleys (the rest) of one frame. */
function extremesKernel(options: SpectralContrastOptions): SpectrumKernel {
  const sampleRate = sampleRateOf(options)
  const { nBands = 6, fMin = 200, quantile = 0.02 } = options
  integer('nBands', nBands)
  positive('fMin', fMin)
  within('quantile', quantile, 0, 1, true)
  within('lower edge of the last band', fMin * 2 ** (nBands - 1), 0, sampleRate / 2, true)
  const hz = binWidth(options)
  const bins = ((options.nFft ?? 2048) >> 1) + 1
  const bands = Array.from({ length: nBands + 1 }, (_, band) => {
    let first = Math.ceil((band === 0 ? 0 : fMin * 2 ** (band - 1)) / hz)
    let last = Math.min(bins - 1, Math.floor((fMin * 2 ** band) / hz))
    if (first > last) fail('OUT_OF_RANGE', 'fMin', fMin, `band ${band} has no bin: use a higher fMin or a larger nFft`)
    // As librosa: a band takes one bin more below, the last band all above, the others leave their top bin to the next.
    if (band > 0) first--
    if (band === nBands) last = bins - 1
    const take = Math.max(1, roundHalfEven(quantile * (last - first + 1)))
    const end = band < nBands ? last : last + 1
    return { first, take: Math.min(take, Math.max(1, end - first)), sorted: new Float32Array(Math.max(1, end - first)) }
  })
  return ofMagnitudes(2 * bands.length, (spectrum, out, at) => {
    for (let b = 0; b < bands.length; b++) {
      const { first, take, sorted } = bands[b]
      for (let i = 0; i < sorted.length; i++) sorted[i] = spectrum[first + i]
      sorted.sort()
      let valley = 0
      let peak = 0
      for (let i = 0; i < take; i++) {
        valley += sorted[i]
        peak += sorted[sorted.length - 1 - i]
      }
      out[at + b] = peak / take
      out[at + bands.length + b] = valley / take
    }
  })
}

/** Makes peaks and valleys into decibels (unless `linear`) and takes the difference. */
function contrastOf(peaks: Float32Array, valleys: Float32Array, topDb: number | null, linear: boolean, out: Float32Array, at: number): void {
  if (!linear) {
    toDecibels(peaks, 1, 1e-10, topDb)
    toDecibels(valleys, 1, 1e-10, topDb)
  }
  for (let i = 0; i < peaks.length; i++) out[at + i] = peaks[i] - valleys[i]
}

/** Contrast of one frame, for streams: without `topDb`, since the loudest frame of all is not known yet. */
export function contrastKernel(options: SpectralContrastOptions): SpectrumKernel {
  const extremes = extremesKernel(options)
  const row = new Float32Array(extremes.width)
  const width = extremes.width / 2
  const peaks = row.subarray(0, width)
  const valleys = row.subarray(width)
  return {
    width,
    run(spectrum, out, at) {
      extremes.run(spectrum, row, 0)
      contrastOf(peaks, valleys, null, options.linear === true, out, at)
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
  const { topDb = 80, linear = false } = options
  if (topDb !== null) within('topDb', topDb, 0, Infinity)
  const kernel = extremesKernel(options)
  const width = kernel.width / 2
  const extremes = analyse(signal, spectrumPlan(options), kernel)
  const side = (offset: number) => Float32Array.from({ length: extremes.length / 2 }, (_, i) => extremes[Math.floor(i / width) * 2 * width + (i % width) + offset])
  const out = new Float32Array(extremes.length / 2)
  contrastOf(side(0), side(width), topDb, linear, out, 0)
  return matrix(out.length / width, width, out)
}
