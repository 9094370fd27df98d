import type { CorpusEmotion } from '@emo/datasets'

/** Which of the two models answered. */
export type Modality = 'speech' | 'face'

/** One number for each modality. */
export type PerModality = Readonly<Record<Modality, number>>

/** Probability by emotion, summing to 1 over the emotions that the model knows. */
export type EmotionScores = Readonly<Partial<Record<CorpusEmotion, number>>>

/** An answer of either model. */
export interface EmotionAnswer {
  /** The emotion with the highest score. */
  readonly emotion: CorpusEmotion
  /** Its score, 0 to 1. */
  readonly confidence: number
  readonly scores: EmotionScores
  /** Whether the model says that an answer as weak as this is more often wrong than right. */
  readonly uncertain?: boolean
}

/** A rectangle in pixels of the image, origin at its upper left corner. */
export interface FaceBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** One face of an image. */
export interface FaceAnswer extends EmotionAnswer {
  readonly box: FaceBox
}

/** What `emo predict` says of one file. For an image with several faces, the answer at the top is that of the largest. */
export interface FilePrediction extends EmotionAnswer {
  readonly file: string
  readonly modality: Modality
  /** Images only: every face found, largest first; where the whole image was taken as one face, that one. */
  readonly faces?: readonly FaceAnswer[]
}
