import { useSignal } from '@preact/signals'
import { EMOTION_FACES } from 'virtual:emotion-faces'
import { EMOTION_DISPLAY } from '../../../src/emotionDisplay.ts'
import type { EmotionAnswer } from '../../../src/prediction.ts'
import { percent } from '../components/answerPanel.tsx'
import { EmotionLane, LaneNote } from '../components/emotionLane.tsx'
import { EmotionLegend } from '../components/emotionLegend.tsx'
import type { TimeAxis } from '../components/laneChart.ts'
import { download } from '../files/exportFiles.ts'
import { live, TIMELINE_SECONDS } from './liveSession.ts'
import { answerAt, everyQuarterSecond } from './quarterSeconds.ts'
import { timelineCsv } from './timelineCsv.ts'

const SECONDS_AGO: TimeAxis = {
  times: (_, to) => [60, 45, 30, 15, 0].map((ago) => to - ago),
  name: (time, to) => (to - time < 1 ? 'now' : `${Math.round(to - time)} s`),
}

/** The last minute, a lane for each modality, and beside each what it says now, or at the moment that is pointed at. */
export function Timelines() {
  const { speech, face, fused } = live.timelines.value
  const to = live.now.value
  const from = to - TIMELINE_SECONDS
  const mode = live.mode.value
  const ago = useSignal(0)
  const lanes = [
    ...(mode !== 'face' ? [{ label: 'Voice', moments: speech }] : []),
    ...(mode !== 'voice' ? [{ label: 'Face', moments: face }] : []),
    ...(mode === 'both' ? [{ label: 'Both', moments: fused }] : []),
  ].map(({ label, moments }) => {
    const slots = everyQuarterSecond(moments, from, to)
    return { label, slots, read: answerAt(slots, to - ago.value) }
  })
  // Before Start there is no minute to show.
  if (live.status.value === 'idle' && speech.length + face.length === 0) return null
  const words = [secondsAgo(ago.value), ...lanes.map(({ label, read }) => `${label}: ${inWords(read)}`)].join(', ')
  return (
    <section class="card timelines" aria-label="The last minute">
      <div class="toolbar" style={{ margin: 0 }}>
        <h2>The last minute</h2>
        <button
          type="button"
          class="button small"
          disabled={speech.length + face.length === 0}
          onClick={() => download('timeline.csv', 'text/csv', timelineCsv(live.timelines.value))}
        >
          CSV
        </button>
      </div>
      <div class="lanes">
        {lanes.map(({ label, slots, read }, index) => (
          <div class="lane-row" key={label}>
            <span>{label}</span>
            <Reading answer={read} />
            <EmotionLane
              moments={slots}
              from={from}
              to={to}
              label={`${label}, the last minute`}
              axis={index === lanes.length - 1 ? SECONDS_AGO : undefined}
              cursor={ago.value === 0 ? null : to - ago.value}
            />
          </div>
        ))}
        <p class="read-time">{to === 0 ? '' : ago.value === 0 ? clock(0) : `${secondsAgo(ago.value)}, ${clock(ago.value)}`}</p>
        <MomentSlider ago={ago.value} words={words} onChange={(value) => (ago.value = value)} />
      </div>
      <LaneNote />
      <div class="legend-place">
        <EmotionLegend moments={lanes.flatMap((lane) => lane.slots)} />
      </div>
    </section>
  )
}

function Reading({ answer }: { readonly answer: EmotionAnswer | undefined }) {
  return (
    <span class="reading">
      {answer ? <img src={EMOTION_FACES[answer.emotion]} alt="" width="18" height="18" /> : undefined}
      {inWords(answer)}
    </span>
  )
}

interface MomentSliderProps {
  readonly ago: number
  /** What is read now. */
  readonly words: string
  readonly onChange: (ago: number) => void
}

/** Over all lanes: pointing, touching and arrow keys choose the moment that is read. */
function MomentSlider({ ago, words, onChange }: MomentSliderProps) {
  // What a screen reader says is what was read when it was asked: said anew with every answer, it would never end.
  const said = useSignal({ ago, words })
  if (said.peek().ago !== ago) said.value = { ago, words }
  return (
    <input
      class="moment-slider"
      type="range"
      min={-TIMELINE_SECONDS}
      max="0"
      step="1"
      value={-ago}
      aria-label="Moment of the last minute"
      aria-valuetext={said.value.words}
      onFocus={() => (said.value = { ago, words })}
      onInput={(event) => onChange(-Number(event.currentTarget.value))}
      onPointerMove={(event) => {
        const share = event.offsetX / event.currentTarget.clientWidth
        onChange(Math.round(TIMELINE_SECONDS * (1 - Math.max(0, Math.min(1, share)))))
      }}
      onPointerLeave={(event) => {
        // A finger that is lifted leaves what it chose.
        if (event.pointerType === 'mouse') onChange(0)
      }}
    />
  )
}

function inWords(answer: EmotionAnswer | undefined): string {
  return answer ? `${EMOTION_DISPLAY[answer.emotion].label} ${percent(answer.confidence)}` : 'no answer'
}

function secondsAgo(ago: number): string {
  return ago === 0 ? 'now' : `${ago} s ago`
}

function clock(ago: number): string {
  return new Date(Date.now() - 1000 * ago).toLocaleTimeString()
}
