import { EMOTION_FACES } from 'virtual:emotion-faces'
import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { EmotionAnswer, EmotionScores } from '../../../src/prediction.ts'

/** Whole percent, as people read it. */
export function percent(value: number): string {
  return `${Math.round(100 * value)} %`
}

/** What {@link AnswerPanel} shows. */
interface AnswerPanelProps {
  readonly answer: EmotionAnswer | undefined
  /** In place of an answer. */
  readonly missing: string
  /** Below it; default: that there is no answer. */
  readonly hint?: string
  /** Emotions that always have a bar, so that nothing moves when answers come and go. */
  readonly expected?: readonly CorpusEmotion[]
}

/** An emotion with its face, and a calibrated bar for every emotion that the model knows. */
export function AnswerPanel({ answer, missing, hint = 'No answer', expected }: AnswerPanelProps) {
  // One bar for each, whether the answer knows that emotion or not.
  const shown = expected ? { ...Object.fromEntries(expected.map((emotion) => [emotion, 0])), ...answer?.scores } : answer?.scores
  return (
    <div class={answer?.uncertain ? 'unsure' : ''}>
      <div class="answer" data-testid="answer" data-emotion={answer?.emotion ?? ''}>
        <img src={EMOTION_FACES[answer?.emotion ?? 'neutral']} alt="" width="76" height="76" style={{ opacity: answer ? 1 : 0.25 }} />
        <div>
          {/* Of another size, another element: not one whose text moves. */}
          <div key={answer ? 'emotion' : 'missing'} class={`label ${answer ? '' : 'missing'}`}>
            {answer ? EMOTION_DISPLAY[answer.emotion].label : missing}
          </div>
          <div class="muted">{answer ? `${percent(answer.confidence)} probability${answer.uncertain ? ', unsure' : ''}` : hint}</div>
        </div>
      </div>
      {shown && <ScoreBars scores={shown} strongest={answer?.emotion} />}
    </div>
  )
}

/** Bars in a fixed order, so that nothing jumps while they move. */
function ScoreBars({ scores, strongest }: { readonly scores: EmotionScores; readonly strongest: CorpusEmotion | undefined }) {
  const known = EMOTION_ORDER.filter((emotion) => scores[emotion] !== undefined)
  return (
    <ul class="scores" aria-label="Probability of each emotion">
      {known.map((emotion) => (
        <li key={emotion} class={`score emotion-${emotion} ${emotion === strongest ? 'top' : ''}`}>
          <img src={EMOTION_FACES[emotion]} alt="" width="20" height="20" />
          <span>{EMOTION_DISPLAY[emotion].label}</span>
          <span class="track" aria-hidden="true">
            <span class="fill" style={{ display: 'block', transform: `scaleX(${scores[emotion]})` }} />
          </span>
          <span class="value">{strongest ? percent(scores[emotion]!) : '–'}</span>
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
