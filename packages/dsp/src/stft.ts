import type { Signal } from './internal/check.ts'
import { mapFrames } from './internal/frames.ts'
import { matrix, type Matrix } from './internal/matrix.ts'
import { binsOf, spectrumPlan, type SpectrumOptions } from './internal/spectrum.ts'

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
 * @throws EmoRangeError `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`, `SIGNAL_TOO_SHORT` (not centred, less than a frame),
 * `NOT_INTEGER`, `OUT_OF_RANGE`, `UNKNOWN_OPTION`, `WINDOW_LENGTH`
 */
export function stft(signal: Signal, options: SpectrumOptions = {}): ComplexMatrix {
  const { grid, transform } = spectrumPlan(options)
  const bins = binsOf(options)
  let imag: Float32Array | undefined
  const real = mapFrames(
    signal,
    grid,
    (data, offset, out, at) => {
      imag ??= new Float32Array(out.length)
      const z = transform(data, offset)
      for (let k = 0; k < bins; k++) {
        out[at + k] = z[2 * k]
        imag[at + k] = z[2 * k + 1]
      }
    },
    bins,
  )
  return { real: matrix(real, bins), imag: matrix(imag!, bins) }
}
