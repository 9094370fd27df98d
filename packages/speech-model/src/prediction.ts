import { EMOTIONS, type Emotion } from '@emo/datasets'

/** A mono recording. */
export interface SpeechInput {
  /** Samples of one channel, full scale = 1. */
  readonly samples: Float32Array
  /** In Hz. */
  readonly sampleRate: number
}

/** The answer for a recording or a window. */
export interface SpeechPrediction {
  /** The most likely emotion; `null` when there is no speech to judge. */
  readonly emotion: Emotion | null
  /** Calibrated probability of {@link SpeechPrediction.emotion}; 0 without speech. */
  readonly confidence: number
  /** Calibrated probability of each emotion, summing to 1; all equal without speech. */
  readonly scores: Readonly<Record<Emotion, number>>
  /** Whether the answer is more likely wrong than right: no speech, or a confidence below the model's threshold. */
  readonly uncertain: boolean
  /** Whether speech was found. */
  readonly speech: boolean
  /** Seconds of voiced sound that the answer rests on. */
  readonly voicedSeconds: number
}

/** Probabilities in the order of `EMOTIONS` as an answer. */
export function toPrediction(probabilities: ArrayLike<number>, voicedSeconds: number, uncertainBelow: number): SpeechPrediction {
  let best = 0
  const scores = {} as Record<Emotion, number>
  EMOTIONS.forEach((emotion, i) => {
    scores[emotion] = probabilities[i]
    if (probabilities[i] > probabilities[best]) best = i
  })
  const confidence = probabilities[best]
  return { emotion: EMOTIONS[best], confidence, scores, uncertain: confidence < uncertainBelow, speech: true, voicedSeconds }
}

/** The answer where nobody speaks: every emotion equally likely, none named. */
export function noSpeech(voicedSeconds: number): SpeechPrediction {
  const scores = Object.fromEntries(EMOTIONS.map((emotion) => [emotion, 1 / EMOTIONS.length])) as Record<Emotion, number>
  return { emotion: null, confidence: 0, scores, uncertain: true, speech: false, voicedSeconds }
}
