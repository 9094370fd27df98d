import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { TimedAnswer } from '../workers/protocol.ts'

/** The colours of the emotions that occur. */
export function EmotionLegend({ moments }: { readonly moments: readonly TimedAnswer[] }) {
  const seen = new Set(moments.map(({ answer }) => answer?.emotion))
  return (
    <div class="legend">
      {EMOTION_ORDER.filter((emotion) => seen.has(emotion)).map((emotion) => (
        <span key={emotion} class={`emotion-${emotion}`}>
          {EMOTION_DISPLAY[emotion].label}
        </span>
      ))}
    </div>
  )
}
