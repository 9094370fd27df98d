import { integer, type Signal } from './internal/check.ts'
import { frameGrid, mapFrames, type FrameKernel, type PadMode } from './internal/frames.ts'

/** Options of features taken from the samples of a frame; names and defaults are librosa's. */
export interface FrameOptions {
  /** Samples a frame (default 2048). */
  frameLength?: number
  /** Samples from one frame to the next (default 512). */
  hopLength?: number
  /** Frame t is centred on sample t * hopLength (default true) instead of starting there. */
  center?: boolean
}

/** One value of the samples of every frame; `kernelOf` takes the frame's length. */
export function mapSamples(
  signal: Signal,
  options: FrameOptions,
  padMode: PadMode,
  kernelOf: (length: number) => FrameKernel,
): Float32Array {
  const length = integer(options, 'frameLength', 2048)
  return mapFrames(signal, frameGrid({ ...options, padMode }, length), kernelOf(length))
}

/** Fraction of a frame's samples whose sign differs from the sample before. */
export const crossingKernel =
  (length: number): FrameKernel =>
  (data, offset, out, at) => {
    // Samples this close to 0 count as 0, which is positive; librosa's threshold.
    const threshold = 1e-10
    let crossings = 0
    let before = data[offset] < -threshold ? 1 : 0
    for (let i = offset + 1; i < offset + length; i++) {
      const negative = data[i] < -threshold ? 1 : 0
      crossings += negative ^ before
      before = negative
    }
    out[at] = crossings / length
  }

/**
 * Zero-crossing rate: sign changes within a frame, divided by the frame's length; equal to `librosa.feature.zero_crossing_rate`.
 *
 * The ends of the signal are padded by repeating the end sample, which adds no crossing.
 *
 * @param signal - samples of one channel
 * @param options - frame sizes in samples
 * @returns one value a frame, from 0 to 1
 * @throws EmoRangeError `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`, `SIGNAL_TOO_SHORT`, `NOT_INTEGER`, `UNKNOWN_OPTION`
 */
export function zeroCrossingRate(signal: Signal, options: FrameOptions = {}): Float32Array {
  return mapSamples(signal, options, 'edge', crossingKernel)
}
