import { EMOTION_FACES } from 'virtual:emotion-faces'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { TimedAnswer } from '../workers/protocol.ts'

/** The colours of the emotions that occur, and their faces: nobody has to tell them by colour alone. */
export function EmotionLegend({ moments }: { readonly moments: readonly TimedAnswer[] }) {
  const seen = new Set(moments.map(({ answer }) => answer?.emotion))
  return (
    <div class="legend">
      {EMOTION_ORDER.filter((emotion) => seen.has(emotion)).map((emotion) => (
        <span key={emotion} class={`emotion-${emotion}`}>
          <img src={EMOTION_FACES[emotion]} alt="" width="16" height="16" />
          {EMOTION_DISPLAY[emotion].label}
        </span>
      ))}
    </div>
  )
}
