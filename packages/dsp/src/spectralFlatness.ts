import { positive, type Signal } from './internal/check.ts'
import { analyse, type SpectrumKernel, type SpectrumOptions } from './internal/spectrum.ts'

/** Options of {@link spectralFlatness}. */
export interface SpectralFlatnessOptions extends SpectrumOptions {
  /** Values below this count as this (default 1e-10). */
  amin?: number
  /** Exponent of the magnitudes (default 2). */
  power?: number
}

/** Flatness of one frame. */
export function flatnessKernel(options: SpectralFlatnessOptions): SpectrumKernel {
  const amin = positive(options, 'amin', 1e-10)
  const power = positive(options, 'power', 2)
  return {
    width: 1,
    run(spectrum, out, at) {
      let sum = 0
      let logarithms = 0
      for (let k = 0; k < spectrum.length; k++) {
        const value = Math.max(amin, power === 2 ? spectrum[k] : spectrum[k] ** (power / 2))
        sum += value
        logarithms += Math.log(value)
      }
      out[at] = Math.exp(logarithms / spectrum.length) / (sum / spectrum.length)
    },
  }
}

/**
 * Spectral flatness: geometric over arithmetic mean of a frame's power spectrum; equal to `librosa.feature.spectral_flatness`.
 *
 * @param signal - samples of one channel
 * @param options - frame sizes in samples
 * @returns from 0 (a tone) to 1 (white noise, and silence), one value a frame
 * @throws EmoRangeError `OUT_OF_RANGE`, and as {@link stft}
 */
export function spectralFlatness(signal: Signal, options: SpectralFlatnessOptions = {}): Float32Array {
  return analyse(signal, options, flatnessKernel(options))
}
