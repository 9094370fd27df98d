declare module 'virtual:emotion-faces' {
  import type { CorpusEmotion } from '@emo/datasets'
  /** SVG data URL of every emotion's face. */
  export const EMOTION_FACES: Readonly<Record<CorpusEmotion, string>>
}
