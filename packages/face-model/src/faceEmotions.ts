import type { Emotion } from '@emo/datasets'

/** The emotions that a face model answers, in the order of FER2013's labels 0 to 6. All of them are among the paper's eight; `calm` has no face corpus. */
export const faceEmotions = [
  'anger',
  'disgust',
  'fear',
  'happiness',
  'sadness',
  'surprise',
  'neutral',
] as const satisfies readonly Emotion[]

/** One of {@link faceEmotions}. */
export type FaceEmotion = (typeof faceEmotions)[number]

/** The classes of the FERPlus head, in the order of FERPlus' vote columns (Barsoum et al. 2016). */
export const ferPlusEmotions = ['neutral', 'happiness', 'surprise', 'sadness', 'anger', 'disgust', 'fear', 'contempt'] as const
