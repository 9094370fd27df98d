import type { CorpusEmotion } from '@emo/datasets'

/** How an emotion is shown to people. */
export interface EmotionDisplay {
  readonly emoji: string
  readonly label: string
}

/** Emoji and English label of every emotion, in the order of the numeric labels 1 to 8, then the labels of single corpora. */
export const EMOTION_DISPLAY: Readonly<Record<CorpusEmotion, EmotionDisplay>> = {
  anger: { emoji: '😠', label: 'Anger' },
  sadness: { emoji: '😢', label: 'Sadness' },
  fear: { emoji: '😨', label: 'Fear' },
  disgust: { emoji: '🤢', label: 'Disgust' },
  calm: { emoji: '😌', label: 'Calm' },
  happiness: { emoji: '😄', label: 'Happiness' },
  neutral: { emoji: '😐', label: 'Neutral' },
  surprise: { emoji: '😲', label: 'Surprise' },
  contempt: { emoji: '😏', label: 'Contempt' },
  boredom: { emoji: '🥱', label: 'Boredom' },
}

/** Every emotion that a model may answer with, in display order. */
export const EMOTION_ORDER = Object.keys(EMOTION_DISPLAY) as readonly CorpusEmotion[]
