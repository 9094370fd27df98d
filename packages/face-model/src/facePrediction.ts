import { softmax } from '@emo/runtime'
import { faceEmotions, ferPlusEmotions, type FaceEmotion } from './faceEmotions.ts'
import type { FaceModelMetadata } from './modelMetadata.ts'
import type { Box } from './resample.ts'

/** The answer for one face. */
export interface FacePrediction {
  /** The most likely emotion. */
  readonly emotion: FaceEmotion
  /** Calibrated probability of {@link FacePrediction.emotion}. */
  readonly confidence: number
  /** Calibrated probability of each emotion, summing to 1. */
  readonly scores: Readonly<Record<FaceEmotion, number>>
  /** Whether the confidence is below the model's threshold, where the answer is more likely wrong than right. */
  readonly uncertain: boolean
}

/** The answer for one face of a picture. */
export interface DetectedEmotion extends FacePrediction {
  /** The face, in pixels of the picture, cut at its edges. */
  readonly box: Box
  /** The detector's confidence that this is a face, 0 to 1. */
  readonly faceScore: number
}

const smallestProbability = 1e-7
/** For each of {@link faceEmotions}, its place in {@link ferPlusEmotions}. */
const ferPlusIndex = faceEmotions.map((emotion) => ferPlusEmotions.indexOf(emotion))

/** Probabilities of {@link faceEmotions} from a network's output, before calibration. */
export function mixHeads(output: ArrayLike<number>, kind: FaceModelMetadata['output'], ferPlusShare: number): Float32Array {
  if (kind === 'probabilities') return Float32Array.from({ length: faceEmotions.length }, (_, k) => output[k])
  const values = Array.from(output)
  const fer = softmax(values.slice(0, faceEmotions.length))
  // Contempt is not among the answers: its probability is shared out in proportion.
  const plus = softmax(ferPlusIndex.map((index) => values[faceEmotions.length + index]))
  return fer.map((probability, k) => (1 - ferPlusShare) * probability + ferPlusShare * plus[k])
}

/** Divides the logarithms of probabilities by a temperature and normalises again. */
export function calibrate(probabilities: ArrayLike<number>, temperature: number): Float32Array {
  return softmax(
    Array.from(probabilities, (value) => Math.log(Math.max(value, smallestProbability))),
    temperature,
  )
}

/** A network's output for one face as an answer. */
export function toPrediction(output: ArrayLike<number>, metadata: FaceModelMetadata): FacePrediction {
  const probabilities = calibrate(mixHeads(output, metadata.output, metadata.ferPlusShare), metadata.temperature)
  let best = 0
  const scores = {} as Record<FaceEmotion, number>
  faceEmotions.forEach((emotion, k) => {
    scores[emotion] = probabilities[k]
    if (probabilities[k] > probabilities[best]) best = k
  })
  const confidence = probabilities[best]
  return { emotion: faceEmotions[best], confidence, scores, uncertain: isUncertain(confidence, metadata) }
}

/** NaN, of weights that are broken, is nothing to rely on. */
export function isUncertain(confidence: number, { uncertainBelow }: Pick<FaceModelMetadata, 'uncertainBelow'>): boolean {
  return !(confidence >= uncertainBelow)
}
