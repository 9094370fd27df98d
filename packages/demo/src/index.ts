export { EMOTION_DISPLAY, EMOTION_ORDER, type EmotionDisplay } from './emotionDisplay.ts'
export { DEFAULT_RELIABILITY, fuse, type FusedAnswer, type FuseOptions, type PerModality } from './fusion.ts'
export type { EmotionAnswer, EmotionScores, FaceAnswer, FaceBox, FilePrediction, Modality } from './prediction.ts'
