import type { CorpusEmotion } from '@emo/datasets'
import type { TimedAnswer } from '../workers/protocol.ts'

/** An answer that is hardly surer than a guess can still be seen. */
const LEAST_HEIGHT = 0.15

/**
 * Draws answers over time as columns over a whole canvas: as high as the answer is sure, as wide as the closest two moments are apart.
 *
 * @param from - time of the left edge; `to`: of the right one
 */
export function drawLane(
  context: Pick<CanvasRenderingContext2D, 'canvas' | 'clearRect' | 'fillRect' | 'fillStyle'>,
  moments: readonly TimedAnswer[],
  from: number,
  to: number,
  colorOf: (emotion: CorpusEmotion) => string,
): void {
  const { width, height } = context.canvas
  context.clearRect(0, 0, width, height)
  const scale = width / (to - from)
  const half = (scale * columnSeconds(moments, to - from)) / 2
  for (const { time, answer } of moments) {
    if (!answer) continue
    const middle = (time - from) * scale
    // Whole pixels: neighbours of one emotion show no seam.
    const left = Math.round(middle - half)
    const top = Math.round(height * (1 - Math.max(LEAST_HEIGHT, answer.confidence)))
    context.fillStyle = colorOf(answer.emotion)
    context.fillRect(left, top, Math.max(1, Math.round(middle + half) - left), height - top)
  }
}

/** Time between the closest two moments; `otherwise` where there are none. */
function columnSeconds(moments: readonly TimedAnswer[], otherwise: number): number {
  let least = otherwise
  for (let i = 1; i < moments.length; i++) {
    const gap = moments[i].time - moments[i - 1].time
    if (gap > 0) least = Math.min(least, gap)
  }
  return least
}
