import { samplesOf, type Signal } from './internal/check.ts'
import { loudEdges, type SilenceOptions } from './split.ts'

/** What {@link trim} leaves: samples `start` to `end` (not included) of the signal. */
export interface Trimmed {
  /** A copy of the samples kept. */
  readonly signal: Float32Array
  readonly start: number
  readonly end: number
}

/**
 * Leaves out silence at both ends: what lies before the first and after the last frame above -topDb; equal to `librosa.effects.trim`.
 *
 * @param signal - samples of one channel
 * @param options - threshold in dB, frame sizes in samples
 * @returns the samples kept and where they lie; with a numeric `ref` that no frame reaches, none (0 to 0)
 * @throws EmoRangeError `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`, `OUT_OF_RANGE`, `NOT_INTEGER`
 */
export function trim(signal: Signal, options: SilenceOptions = {}): Trimmed {
  const samples = samplesOf(signal)
  const edges = loudEdges(samples, options)
  const start = edges[0] ?? 0
  const end = edges.at(-1) ?? 0
  return { signal: samples.slice(start, end), start, end }
}
