import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { theme } from '../theme.ts'
import { laneData, laneOptions, type LaneContent, type TimeAxis } from './laneChart.ts'
import type { TimedAnswer } from '../workers/protocol.ts'

interface EmotionLaneProps {
  readonly moments: readonly TimedAnswer[]
  /** Range of time shown, seconds. */
  readonly from: number
  readonly to: number
  readonly label: string
  /** Default: no names of times. */
  readonly axis?: TimeAxis
  /** The moment that is read, a line on the lane; null: none now. Not given: the lane is as wide as its place, without room for one. */
  readonly cursor?: number | null
}

/** A lane of time: the colour is the emotion, the height its probability, a gap is silence or no face. */
export function EmotionLane({ moments, from, to, label, axis, cursor }: EmotionLaneProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const content = useRef<LaneContent>({ moments, from, to })
  content.current = { moments, from, to }
  const readable = cursor !== undefined
  const colors = theme.value

  useEffect(() => {
    const element = host.current!
    // Asked once a theme, not for every picture: the answer takes a layout.
    const style = getComputedStyle(element)
    const color = (name: string): string => style.getPropertyValue(`--${name}`)
    const look = { emotion: color, line: color('line'), text: color('muted'), fonts: style.fontFamily }
    // Its size is told by the browser after a layout, never asked for in the middle of one.
    const observer = new ResizeObserver(([{ contentRect }]) => {
      const width = Math.max(1, Math.round(contentRect.width))
      if (plot.current) plot.current.setSize({ width, height: plot.current.height })
      else
        plot.current = new uPlot(
          laneOptions(width, look, () => content.current, axis, readable),
          laneData(content.current.moments),
          element,
        )
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.current?.destroy()
      plot.current = undefined
    }
  }, [colors, axis, readable])

  useEffect(() => plot.current?.setData(laneData(moments)), [moments, from, to])

  useEffect(() => {
    const chart = plot.current
    // Left of the lane is nowhere: the line is hidden.
    chart?.setCursor({ left: cursor == null ? -1 : chart.valToPos(cursor, 'x'), top: 0 }, false)
  }, [cursor == null ? null : to - cursor])

  return <div class={`lane ${axis ? 'with-axis' : ''}`} ref={host} role="img" aria-label={describeLane(label, moments)} />
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
