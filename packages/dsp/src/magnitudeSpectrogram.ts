import type { Signal } from './internal/check.ts'
import type { Matrix } from './internal/matrix.ts'
import { analyseRows, binsOf, ofMagnitudes, type SpectrumOptions } from './internal/spectrum.ts'

/** Magnitudes of one frame. */
export const magnitudeKernel = (options: SpectrumOptions) =>
  ofMagnitudes(options, (magnitudes, out, at) => out.set(magnitudes, at), binsOf(options))

/**
 * Magnitudes of the short-time Fourier transform, |X(t, k)|; equal to `abs(librosa.stft)`.
 *
 * @param signal - samples of one channel
 * @param options - frame sizes in samples, window and padding
 * @returns `[frames, 1 + floor(nFft / 2)]`, linear amplitude; column k is the frequency k * sampleRate / nFft
 * @throws EmoRangeError as {@link stft}
 */
export function magnitudeSpectrogram(signal: Signal, options: SpectrumOptions = {}): Matrix {
  return analyseRows(signal, options, magnitudeKernel(options))
}
