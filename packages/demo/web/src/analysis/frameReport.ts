import type { DetectedEmotion } from '@emo/face-model'
import type { FrameReport } from '../workers/protocol.ts'

/**
 * What the page is told of one picture: of each face no more than it shows.
 *
 * @param started - when work on the picture began, by `performance.now()`
 */
export function frameReport(
  faces: readonly DetectedEmotion[],
  { width, height }: { readonly width: number; readonly height: number },
  started: number,
): FrameReport {
  return {
    faces: faces.map(({ box, emotion, confidence, scores }) => ({ box, emotion, confidence, scores })),
    width,
    height,
    milliseconds: performance.now() - started,
  }
}
