import type { Signal } from './internal/check.ts'
import type { FrameKernel } from './internal/frames.ts'
import { mapSamples, type FrameOptions } from './zeroCrossingRate.ts'

/** Root of the mean square of a frame's samples. */
export const rmsKernel =
  (length: number): FrameKernel =>
  (data, offset, out, at) => {
    // Two sums, so that additions need not wait for each other.
    let a = 0
    let b = 0
    let i = offset
    const last = offset + length - 1
    for (; i < last; i += 2) {
      a += data[i] * data[i]
      b += data[i + 1] * data[i + 1]
    }
    if (i === last) a += data[i] * data[i]
    out[at] = Math.sqrt((a + b) / length)
  }

/**
 * Root mean square of every frame, sqrt(mean of x(n)^2); equal to `librosa.feature.rms`. The ends of the signal are padded with zeros.
 *
 * @param signal - samples of one channel
 * @param options - frame sizes in samples
 * @returns one linear amplitude a frame
 * @throws EmoRangeError `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`, `SIGNAL_TOO_SHORT`, `NOT_INTEGER`, `UNKNOWN_OPTION`
 */
export function rms(signal: Signal, options: FrameOptions = {}): Float32Array {
  return mapSamples(signal, options, 'constant', rmsKernel)
}
