import { positive, type Signal } from './internal/check.ts'
import { analyse, ofMagnitudes, type SpectrumKernel } from './internal/spectrum.ts'
import { binWidth, centroidBin, type SpectralOptions } from './spectralCentroid.ts'

/** Options of {@link spectralBandwidth}. */
export interface SpectralBandwidthOptions extends SpectralOptions {
  /** Order of the deviation (default 2: a standard deviation). */
  p?: number
}

/** Bandwidth of one frame in Hz. */
export function bandwidthKernel(options: SpectralBandwidthOptions): SpectrumKernel {
  const hz = binWidth(options)
  const p = positive(options, 'p', 2)
  return ofMagnitudes(options, (spectrum, out, at) => {
    const centre = centroidBin(spectrum)
    let sum = 0
    let moment = 0
    for (let k = 0; k < spectrum.length; k++) {
      const deviation = Math.abs(k - centre)
      sum += spectrum[k]
      moment += spectrum[k] * (p === 2 ? deviation * deviation : deviation ** p)
    }
    out[at] = sum > 0 ? hz * (moment / sum) ** (1 / p) : 0
  })
}

/**
 * Spectral bandwidth, (sum of S(k) |f(k) - centroid|^p / sum of S(k))^(1/p); equal to `librosa.feature.spectral_bandwidth`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns Hz, one value a frame; 0 where the frame is silent
 * @throws EmoRangeError `SAMPLE_RATE`, `OUT_OF_RANGE` (p), and as {@link stft}
 */
export function spectralBandwidth(signal: Signal, options: SpectralBandwidthOptions): Float32Array {
  return analyse(signal, options, bandwidthKernel(options))
}
