import { sampleRateOf, type Signal } from './internal/check.ts'
import { analyse, fftSize, ofMagnitudes, type SpectrumKernel, type SpectrumOptions } from './internal/spectrum.ts'

/** Options of the spectral shape features; names and defaults are librosa's. */
export interface SpectralOptions extends SpectrumOptions {
  /** Sample rate of the signal in Hz. */
  sampleRate: number
}

/** Width of a frequency bin in Hz. */
export function binWidth(options: SpectralOptions): number {
  return sampleRateOf(options) / fftSize(options)
}

/** First moment of a magnitude spectrum in bins; 0 for silence. */
export function centroidBin(spectrum: ArrayLike<number>): number {
  let sum = 0
  let moment = 0
  for (let k = 0; k < spectrum.length; k++) {
    sum += spectrum[k]
    moment += k * spectrum[k]
  }
  return sum > 0 ? moment / sum : 0
}

/** Centroid of one frame in Hz. */
export function centroidKernel(options: SpectralOptions): SpectrumKernel {
  const hz = binWidth(options)
  return ofMagnitudes(options, (spectrum, out, at) => {
    out[at] = hz * centroidBin(spectrum)
  })
}

/**
 * Spectral centroid, sum of f(k) S(k) / sum of S(k) over the magnitudes of a frame; equal to `librosa.feature.spectral_centroid`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns Hz, one value a frame; 0 where the frame is silent
 * @throws EmoRangeError `SAMPLE_RATE`, and as {@link stft}
 */
export function spectralCentroid(signal: Signal, options: SpectralOptions): Float32Array {
  return analyse(signal, options, centroidKernel(options))
}
