import { samplesOf, type Signal } from './internal/check.ts'
import { eachFrame, framesOf } from './internal/frames.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { spectrumPlan, type SpectrumOptions } from './internal/spectrum.ts'

/** A complex matrix as two real ones of the same shape. */
export interface ComplexMatrix {
  readonly real: Matrix
  readonly imag: Matrix
}

/**
 * Short-time Fourier transform, X(t, k) = sum over n of w(n) x(t hop + n) exp(-2 pi i k n / nFft); equal to `librosa.stft`.
 *
 * @param signal - samples of one channel
 * @param options - frame sizes in samples, window and padding
 * @returns real and imaginary parts, each `[frames, 1 + floor(nFft / 2)]`; frames = 1 + floor(samples / hopLength) when centred and `nFft` is even
 * @throws EmoRangeError `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `SIGNAL_TOO_SHORT` (not centred, less than a frame),
 * `NOT_INTEGER`, `OUT_OF_RANGE`, `UNKNOWN_OPTION`, `WINDOW_LENGTH`
 */
export function stft(signal: Signal, options: SpectrumOptions = {}): ComplexMatrix {
  const plan = spectrumPlan(options)
  const samples = samplesOf(signal)
  const { bins } = plan
  const frames = framesOf(samples.length, plan.grid)
  const real = new Float32Array(frames * bins)
  const imag = new Float32Array(frames * bins)
  eachFrame(samples, plan.grid, (data, offset, t) => {
    const z = plan.transform(data, offset)
    for (let k = 0, i = t * bins; k < bins; k++, i++) {
      real[i] = z[2 * k]
      imag[i] = z[2 * k + 1]
    }
  })
  return { real: matrix(frames, bins, real), imag: matrix(frames, bins, imag) }
}
