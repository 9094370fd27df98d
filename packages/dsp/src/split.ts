import { positive, samplesOf, type Signal } from './internal/check.ts'
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

/** Frames that are not silent, as [first, last + 1) in samples. */
export function loudRuns(samples: Float32Array, options: SilenceOptions): [start: number, end: number][] {
  const topDb = positive(options, 'topDb', 60)
  const { hopLength = 512, ref = 'max' } = options
  const level = rms(samples, { ...options, center: true })
  let loudest = 0
  for (let t = 0; t < level.length; t++) {
    loudest = Math.max(loudest, level[t])
    level[t] *= level[t]
  }
  const reference = ref === 'max' ? loudest : positive({ ref }, 'ref')
  toDecibels(level, Math.fround(reference * reference), 1e-10)
  const runs: [number, number][] = []
  let open = false
  for (let t = 0; t <= level.length; t++) {
    // Nothing is loud after the last frame.
    const loud = level[t] > -topDb
    const at = Math.min(t * hopLength, samples.length)
    if (loud === open) continue
    if (loud) runs.push([at, at])
    else runs.at(-1)![1] = at
    open = loud
  }
  return runs
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
  return loudRuns(samplesOf(signal), options)
}
