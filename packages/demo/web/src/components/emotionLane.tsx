import { useEffect, useRef } from 'preact/hooks'
import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { TimedAnswer } from '../workers/protocol.ts'
import { theme } from '../theme.ts'
import { drawLane } from './drawLane.ts'
import { followSize } from './followSize.ts'

interface EmotionLaneProps {
  readonly moments: readonly TimedAnswer[]
  /** Range of time shown, seconds. */
  readonly from: number
  readonly to: number
  readonly label: string
}

/** A lane of time: the colour is the emotion, the height its probability, a gap is silence or no face. */
export function EmotionLane({ moments, from, to, label }: EmotionLaneProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const draw = useRef<() => void>(undefined)
  const themed = theme.value
  const colors = useRef<Partial<Record<CorpusEmotion, string>>>({})

  useEffect(() => {
    // Asked once a theme, not for every picture: the answer takes a layout.
    const style = getComputedStyle(document.documentElement)
    colors.current = Object.fromEntries(EMOTION_ORDER.map((emotion) => [emotion, style.getPropertyValue(`--${emotion}`)]))
  }, [themed])

  useEffect(() => {
    draw.current = () => {
      // Gone where the lane was taken away before it was drawn.
      const context = canvas.current?.getContext('2d')
      if (context) drawLane(context, moments, from, to, (emotion) => colors.current[emotion]!)
    }
    draw.current()
  }, [moments, from, to, themed])

  useEffect(() => followSize(canvas.current!, () => draw.current?.()), [])

  return <canvas class="lane" ref={canvas} role="img" aria-label={describeLane(label, moments)} />
}

/** How a lane is read. */
export function LaneNote() {
  return <p class="lane-note">Colour: the strongest emotion. Height: its probability; the line is at 50 %. Gap: no voice, no face.</p>
}

/** The lane in words: emotions by the share of time that they are strongest. */
function describeLane(label: string, moments: readonly TimedAnswer[]): string {
  const counts = new Map<string, number>()
  for (const { answer } of moments) if (answer) counts.set(answer.emotion, (counts.get(answer.emotion) ?? 0) + 1)
  if (counts.size === 0) return `${label}: nothing yet`
  const answered = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([emotion, count]) => `${emotion} ${Math.round((100 * count) / answered)} %`)
  return `${label}: ${parts.join(', ')} of the time with an answer`
}
