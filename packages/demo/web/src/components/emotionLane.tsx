import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { TimedAnswer } from '../workers/protocol.ts'
import { theme } from '../theme.ts'

interface EmotionLaneProps {
  readonly moments: readonly TimedAnswer[]
  /** Range of time shown, seconds. */
  readonly from: number
  readonly to: number
  readonly label: string
}

const HEIGHT = 46

/** A lane of time: the colour is the emotion, the height its probability, a gap is silence or no face. */
export function EmotionLane({ moments, from, to, label }: EmotionLaneProps) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const range = useRef({ from, to })
  range.current = { from, to }
  const colors = theme.value

  useEffect(() => {
    const element = host.current!
    const style = getComputedStyle(document.documentElement)
    const bars = uPlot.paths.bars!({ size: [1.02, Infinity], align: 0 })
    const made = new uPlot(
      {
        width: Math.max(1, element.clientWidth),
        height: HEIGHT,
        padding: [0, 0, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        axes: [{ show: false }, { show: false }],
        scales: { x: { time: false, range: () => [range.current.from, range.current.to] }, y: { range: [0, 1] } },
        series: [
          {},
          ...EMOTION_ORDER.map((emotion) => ({
            label: emotion,
            paths: bars,
            points: { show: false },
            width: 0,
            fill: style.getPropertyValue(`--${emotion}`),
          })),
        ],
      },
      laneData(moments),
      element,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: Math.max(1, element.clientWidth), height: HEIGHT }))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
      plot.current = undefined
    }
  }, [colors])

  useEffect(() => {
    plot.current?.setData(laneData(moments))
  }, [moments, from, to])

  return <div class="lane" ref={host} role="img" aria-label={describeLane(label, moments)} />
}

/** How a lane is read. */
export function LaneNote() {
  return <p class="lane-note">Colour: the strongest emotion. Height: its probability; the line is at 50 %. Gap: no voice, no face.</p>
}

/** One column of times, then one column for each emotion that is empty where another one is stronger. */
function laneData(moments: readonly TimedAnswer[]): uPlot.AlignedData {
  return [
    moments.map((moment) => moment.time),
    ...EMOTION_ORDER.map((emotion) =>
      moments.map(({ answer }) => (answer?.emotion === emotion ? Math.max(0.15, answer.confidence) : null)),
    ),
  ]
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
