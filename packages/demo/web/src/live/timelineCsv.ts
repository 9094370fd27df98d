import { EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { Timelines } from './liveSession.ts'

/** The last minute as CSV: seconds since its first moment, modality, emotion, confidence, scores. */
export function timelineCsv(timelines: Timelines): string {
  const all = Object.entries(timelines).flatMap(([modality, moments]) =>
    (moments as Timelines['speech']).map((moment) => ({ modality, ...moment })),
  )
  all.sort((a, b) => a.time - b.time)
  const start = all.at(0)?.time ?? 0
  const rows = all.map(({ modality, time, answer }) =>
    [
      (time - start).toFixed(3),
      modality,
      answer?.emotion ?? '',
      answer?.confidence.toFixed(4) ?? '',
      ...EMOTION_ORDER.map((emotion) => answer?.scores[emotion]?.toFixed(4) ?? ''),
    ].join(','),
  )
  return [['seconds', 'modality', 'emotion', 'confidence', ...EMOTION_ORDER].join(','), ...rows, ''].join('\n')
}
