export { EMOTION_DISPLAY, EMOTION_ORDER, type EmotionDisplay } from './emotionDisplay.ts'
export { fuse, type FusedAnswer, type FuseOptions } from './fusion.ts'
export type { EmotionAnswer, EmotionScores, FaceAnswer, FaceBox, FilePrediction, Modality, PerModality } from './prediction.ts'
export { DEFAULT_RELIABILITY, reliabilityOf } from './reliability.ts'
