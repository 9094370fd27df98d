import type { ComponentChildren } from 'preact'
import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_DISPLAY } from '../../../src/emotionDisplay.ts'
import type { EmotionAnswer } from '../../../src/prediction.ts'
import { AnswerPanel, Timings } from '../components/answerPanel.tsx'
import { UNSURE } from './unsure.ts'

interface FileAnswerProps {
  readonly answer: EmotionAnswer | undefined
  /** In place of an answer. */
  readonly missing: string
  readonly timings: Readonly<Record<string, number>>
  /** Of an example: what its actor meant. */
  readonly acted?: CorpusEmotion
  readonly children?: ComponentChildren
}

/** The answer for a file, how far it can be trusted, and how long it took for whoever wants to know. */
export function FileAnswer({ answer, missing, timings, acted, children }: FileAnswerProps) {
  return (
    <div>
      {(answer?.uncertain === true || acted !== undefined) && (
        <p class="answer-note">
          {answer?.uncertain && (
            <>
              <strong>Unsure:</strong> {UNSURE}{' '}
            </>
          )}
          {acted && `The actor meant ${EMOTION_DISPLAY[acted].label.toLowerCase()}.`}
        </p>
      )}
      <AnswerPanel answer={answer} missing={missing} />
      {children}
      <details class="timings-fold">
        <summary>How long it took</summary>
        <Timings timings={timings} />
      </details>
    </div>
  )
}
