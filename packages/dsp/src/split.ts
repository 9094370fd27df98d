import { positive, samplesOf, type Signal } from './internal/check.ts'
import { indexOfMax } from './internal/indexOfMax.ts'
import { pairs } from './internal/pairs.ts'
import { toDecibels } from './decibels.ts'
import { rms } from './rms.ts'

/** Options of {@link split} and {@link trim}; names and defaults are librosa's. */
export interface SilenceOptions {
  /** Frames this far below the reference are silent, in dB (default 60). */
  topDb?: number
  /** Samples a frame (default 2048). */
  frameLength?: number
  /** Samples from one frame to the next (default 512). */
  hopLength?: number
  /** Reference amplitude (RMS), or `'max'` (default) for the loudest frame. */
  ref?: number | 'max'
}

/** Where loud stretches start and end, in turns, in samples. */
export function loudEdges(samples: Float32Array, options: SilenceOptions): number[] {
  const topDb = positive(options, 'topDb', 60)
  const { hopLength = 512, ref = 'max' } = options
  const level = rms(samples, { ...options, center: true })
  const reference = ref === 'max' ? level[indexOfMax(level)] : positive({ ref }, 'ref')
  const decibels = toDecibels(
    level.map((value) => value * value),
    Math.fround(reference * reference),
    1e-10,
  )
  const edges: number[] = []
  // Nothing is loud after the last frame.
  for (let t = 0; t <= level.length; t++) {
    if (decibels[t] > -topDb !== edges.length % 2 > 0) edges.push(Math.min(t * hopLength, samples.length))
  }
  return edges
}

/**
 * Intervals that are not silent: runs of frames whose level, 20 log10(RMS / ref), is above -topDb; equal to `librosa.effects.split`.
 *
 * @param signal - samples of one channel
 * @param options - threshold in dB, frame sizes in samples
 * @returns `[start, end)` in samples, in order; a wholly silent signal is one interval, as in librosa, since its loudest frame is the reference
 * @throws EmoRangeError `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`, `OUT_OF_RANGE`, `NOT_INTEGER`
 */
export function split(signal: Signal, options: SilenceOptions = {}): [start: number, end: number][] {
  return pairs(loudEdges(samplesOf(signal), options))
}
