import { EMOTION_FACES } from 'virtual:emotion-faces'
import { EMOTION_DISPLAY } from '../../../src/emotionDisplay.ts'
import type { FaceBox } from '../../../src/prediction.ts'
import { percent } from '../components/answerPanel.tsx'
import { CROP_MAX_SIDE } from '../../../src/predictor.ts'
import type { ImageAnalysis } from '../workers/protocol.ts'

interface FacePictureProps {
  readonly url: string
  readonly name: string
  readonly result: ImageAnalysis
  readonly selected: number
  readonly onSelect: (index: number) => void
}

/** A picture with a box around every face; each is a button that shows its answer. */
export function FacePicture({ url, name, result, selected, onSelect }: FacePictureProps) {
  const crop = Math.max(result.width, result.height) <= CROP_MAX_SIDE
  return (
    <div class="picture">
      <img
        src={url}
        alt={name}
        width={result.width}
        height={result.height}
        class={crop ? 'crop' : ''}
        // Of a hundred pictures, the browser holds those decoded that are on the screen.
        loading="lazy"
        decoding="async"
      />
      {!crop &&
        result.faces.map(({ box, emotion, confidence, uncertain }, index) => (
          <button
            type="button"
            key={index}
            class={`face-box emotion-${emotion} ${uncertain ? 'unsure' : ''} ${index === selected && result.faces.length > 1 ? 'selected' : ''}`}
            style={boxStyle(box, result.width, result.height)}
            aria-pressed={index === selected}
            aria-label={`Face ${index + 1}: ${EMOTION_DISPLAY[emotion].label}, ${percent(confidence)}${uncertain ? ', unsure' : ''}`}
            onClick={() => onSelect(index)}
          >
            <span class={labelPlace(box, result.width, result.height)}>
              <img src={EMOTION_FACES[emotion]} alt="" width="18" height="18" />
              {EMOTION_DISPLAY[emotion].label} {percent(confidence)}
            </span>
          </button>
        ))}
    </div>
  )
}

/** A label stays inside its picture: it grows to the left on the right side, and stands above a face at the lower edge. */
function labelPlace(box: FaceBox, width: number, height: number): string {
  const right = box.x + box.width / 2 > width / 2
  const low = box.y + box.height > 0.85 * height
  return [right && 'from-right', low && (box.y > 0.15 * height ? 'above' : 'inside')].filter(Boolean).join(' ')
}

/** A box in percent of its picture, so that it follows the picture's size; parts outside are cut off. */
function boxStyle(box: FaceBox, width: number, height: number): Record<string, string> {
  const left = Math.max(0, box.x)
  const top = Math.max(0, box.y)
  return {
    left: `${(100 * left) / width}%`,
    top: `${(100 * top) / height}%`,
    width: `${(100 * (Math.min(width, box.x + box.width) - left)) / width}%`,
    height: `${(100 * (Math.min(height, box.y + box.height) - top)) / height}%`,
  }
}
