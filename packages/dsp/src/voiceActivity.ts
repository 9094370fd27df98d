import { samplesOf, type Signal } from './internal/check.ts'
import { pairs } from './internal/pairs.ts'
import { VoiceActivityStream, type VoiceActivityOptions } from './voiceActivityStream.ts'

/**
 * Stretches of speech, by level above an adaptive noise floor, spectral flatness and zero-crossing rate; see {@link VoiceActivityStream}, which gives
 * the same for chunks.
 *
 * Unlike {@link split}, which compares with the loudest frame of all, it answers while the signal still comes in, and silence has no stretch.
 *
 * @param signal - samples of one channel
 * @param options - `sampleRate` in Hz is required
 * @returns `[start, end)` in samples, in order
 * @throws EmoRangeError `SAMPLE_RATE`, `OUT_OF_RANGE`, `SIGNAL_EMPTY`, `SIGNAL_NOT_FINITE`, `SIGNAL_NOT_ARRAY`, `OPTIONS_NOT_OBJECT`
 */
export function voiceActivity(signal: Signal, options: VoiceActivityOptions): [start: number, end: number][] {
  const stream = new VoiceActivityStream(options)
  const samples = samplesOf(signal)
  return pairs([...stream.push(samples), ...stream.flush()].map(({ sample }) => sample))
}
