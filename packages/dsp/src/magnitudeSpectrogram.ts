import type { Signal } from './internal/check.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { analyse, spectrumPlan, type SpectrumOptions } from './internal/spectrum.ts'

/**
 * Magnitudes of the short-time Fourier transform, |X(t, k)|; equal to `abs(librosa.stft)`.
 *
 * @param signal - samples of one channel
 * @param options - frame sizes in samples, window and padding
 * @returns `[frames, 1 + floor(nFft / 2)]`, linear amplitude; column k is the frequency k * sampleRate / nFft
 * @throws EmoRangeError as {@link stft}
 */
export function magnitudeSpectrogram(signal: Signal, options: SpectrumOptions = {}): Matrix {
  const plan = spectrumPlan(options)
  const { bins } = plan
  const data = analyse(signal, plan, { width: bins, input: 'magnitude', run: (spectrum, out, at) => out.set(spectrum, at) })
  return matrix(data.length / bins, bins, data)
}
