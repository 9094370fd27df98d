import { percent } from '../components/answerPanel.tsx'
import { live } from './liveSession.ts'

/** How the answer came about. Every figure has its place from the beginning: nothing moves when one comes. */
export function LiveFigures() {
  return (
    <div class="figures">
      {live.mode.value === 'both' && <Shares />}
      <details>
        <summary>Technical figures</summary>
        <Technical />
      </details>
    </div>
  )
}

function Shares() {
  const { weights } = live.figures.value
  return (
    <>
      <Figures
        figures={[
          ['Voice counts', weights ? percent(weights.speech) : '–'],
          ['Face counts', weights ? percent(weights.face) : '–'],
        ]}
      />
      <p class="small muted">
        How much each has to say in the answer: the more reliable model counts more, and so does the fresher answer.
      </p>
    </>
  )
}

function Technical() {
  const mode = live.mode.value
  const { framesPerSecond, face, speech, latency } = live.figures.value
  const figures: Figure[] = []
  if (mode !== 'voice') figures.push(['Pictures a second', framesPerSecond?.toFixed(0) ?? '–'], ['Face model', milliseconds(face)])
  if (mode !== 'face') {
    figures.push(
      ['Voice model', milliseconds(speech)],
      ['Delay of voice', milliseconds(latency), 'From the end of what was heard to its answer'],
      ['Sound', live.microphoneOn.value ? `${live.sampleRate.value / 1000} kHz` : '–'],
    )
  }
  return <Figures figures={figures} />
}

/** Name, value, and what it means where the name does not say it. */
type Figure = readonly [name: string, value: string, title?: string]

function Figures({ figures }: { readonly figures: readonly Figure[] }) {
  return (
    <dl class="stats">
      {figures.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(0)} ms`
}
