import { EmoError, EmoRangeError } from '@emo/errors'

/** The eight emotions of the published system, in the order of its numeric labels 1 to 8. */
export const EMOTIONS = ['anger', 'sadness', 'fear', 'disgust', 'calm', 'happiness', 'neutral', 'surprise'] as const

/** The emotions that some corpus labels and the published system has no number for. */
export const EXTRA_EMOTIONS = ['contempt', 'boredom'] as const

/** Every emotion of the unified label space: {@link EMOTIONS}, then {@link EXTRA_EMOTIONS}. */
export const CORPUS_EMOTIONS = [...EMOTIONS, ...EXTRA_EMOTIONS] as const

/** One of the eight emotions that have a numeric label. */
export type Emotion = (typeof EMOTIONS)[number]

/** An emotion as some corpus labels it; `contempt` and `boredom` have no numeric label. */
export type CorpusEmotion = Emotion | (typeof EXTRA_EMOTIONS)[number]

/** Numeric label of the published system: 1 anger, 2 sadness, 3 fear, 4 disgust, 5 calm, 6 happiness, 7 neutral, 8 surprise. */
export type PaperLabel = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

const labels = new Map<string, PaperLabel>(EMOTIONS.map((emotion, index) => [emotion, (index + 1) as PaperLabel]))

/**
 * Numeric label of an emotion.
 *
 * @returns 1 to 8; `undefined` for `contempt` and `boredom`, which have no counterpart.
 * @throws EmoError `EMOTION_UNKNOWN` when the value is no emotion of the unified label space.
 */
export function toPaperLabel(emotion: Emotion): PaperLabel
export function toPaperLabel(emotion: CorpusEmotion): PaperLabel | undefined
export function toPaperLabel(emotion: CorpusEmotion): PaperLabel | undefined {
  const label = labels.get(emotion)
  if (label === undefined && !isCorpusEmotion(emotion)) {
    throw new EmoError('EMOTION_UNKNOWN', `"${String(emotion)}" is no emotion; give one of ${CORPUS_EMOTIONS.join(', ')}`, {
      details: { emotion },
    })
  }
  return label
}

/**
 * Emotion of a numeric label.
 *
 * @param label - 1 to 8
 * @throws EmoRangeError `PAPER_LABEL_RANGE` for anything else.
 */
export function fromPaperLabel(label: number): Emotion {
  const emotion = Number.isInteger(label) ? EMOTIONS[label - 1] : undefined
  if (emotion === undefined) {
    throw new EmoRangeError('PAPER_LABEL_RANGE', `numeric label ${label}: give an integer from 1 (anger) to 8 (surprise)`, {
      details: { label },
    })
  }
  return emotion
}

/** Whether a value is one of the eight emotions that have a numeric label. */
export function isEmotion(value: unknown): value is Emotion {
  return typeof value === 'string' && labels.has(value)
}

/** Whether a value is an emotion of the unified label space. */
export function isCorpusEmotion(value: unknown): value is CorpusEmotion {
  return isEmotion(value) || (EXTRA_EMOTIONS as readonly unknown[]).includes(value)
}
