import { EMOTION_FACES } from 'virtual:emotion-faces'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { EmotionAnswer } from '../../../src/prediction.ts'

/** Whole percent, as people read it. */
export function percent(value: number): string {
  return `${Math.round(100 * value)} %`
}

/** An emotion with its face, and a calibrated bar for every emotion that the model knows. */
export function AnswerPanel({ answer, missing }: { readonly answer: EmotionAnswer | undefined; readonly missing: string }) {
  return (
    <div>
      <div class="answer" data-testid="answer" data-emotion={answer?.emotion ?? ''}>
        <img src={EMOTION_FACES[answer?.emotion ?? 'neutral']} alt="" width="76" height="76" style={{ opacity: answer ? 1 : 0.25 }} />
        <div>
          <div class="label">{answer ? EMOTION_DISPLAY[answer.emotion].label : missing}</div>
          <div class="muted">{answer ? `${percent(answer.confidence)} probability` : 'No answer'}</div>
        </div>
      </div>
      {answer && <ScoreBars answer={answer} />}
    </div>
  )
}

/** Bars in a fixed order, so that nothing jumps while they move. */
export function ScoreBars({ answer }: { readonly answer: EmotionAnswer }) {
  const known = EMOTION_ORDER.filter((emotion) => answer.scores[emotion] !== undefined)
  return (
    <ul class="scores" aria-label="Probability of each emotion">
      {known.map((emotion) => (
        <li key={emotion} class={`score emotion-${emotion} ${emotion === answer.emotion ? 'top' : ''}`}>
          <img src={EMOTION_FACES[emotion]} alt="" width="20" height="20" />
          <span>{EMOTION_DISPLAY[emotion].label}</span>
          <span class="track" aria-hidden="true">
            <span class="fill" style={{ display: 'block', transform: `scaleX(${answer.scores[emotion]})` }} />
          </span>
          <span class="value">{percent(answer.scores[emotion]!)}</span>
        </li>
      ))}
    </ul>
  )
}

/** Milliseconds of each stage. */
export function Timings({ timings }: { readonly timings: Readonly<Record<string, number>> }) {
  return (
    <p class="timings">
      {Object.entries(timings)
        .map(([stage, value]) => `${stage} ${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`)
        .join(' · ')}
    </p>
  )
}
