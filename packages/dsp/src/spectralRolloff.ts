import { number, type Signal } from './internal/check.ts'
import { analyse, ofMagnitudes, type SpectrumKernel } from './internal/spectrum.ts'
import { binWidth, type SpectralOptions } from './spectralCentroid.ts'

/** Options of {@link spectralRolloff}. */
export interface SpectralRolloffOptions extends SpectralOptions {
  /** Share of the summed magnitudes, between 0 and 1 (default 0.85). */
  rollPercent?: number
}

/** Roll-off of one frame in Hz. */
export function rolloffKernel(options: SpectralRolloffOptions): SpectrumKernel {
  const hz = binWidth(options)
  const share = Math.fround(number(options, 'rollPercent', 0.85, 0, 1, true))
  return ofMagnitudes(options, (spectrum, out, at) => {
    // Sums in float32, as librosa's: a tie broken otherwise would be off by a whole bin.
    let total = 0
    for (let k = 0; k < spectrum.length; k++) total = Math.fround(total + spectrum[k])
    const threshold = Math.fround(share * total)
    let bin = 0
    for (let sum = 0; bin < spectrum.length - 1 && (sum = Math.fround(sum + spectrum[bin])) < threshold;) bin++
    out[at] = hz * bin
  })
}

/**
 * Spectral roll-off: the lowest frequency below which `rollPercent` of the summed magnitudes of a frame lie; equal to `librosa.feature.spectral_rolloff`.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns Hz, one value a frame; 0 where the frame is silent
 * @throws EmoRangeError `SAMPLE_RATE`, `OUT_OF_RANGE` (rollPercent), and as {@link stft}
 */
export function spectralRolloff(signal: Signal, options: SpectralRolloffOptions): Float32Array {
  return analyse(signal, options, rolloffKernel(options))
}
