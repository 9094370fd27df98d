import { EmoError } from '@emo/errors'
import { faceEmotions, type FaceEmotion } from './faceEmotions.ts'
import type { FaceModelCard } from './faceModelCard.ts'

/** What `model.json` carries beside the network: all that turns a picture into its input and its output into an answer. */
export interface FaceModelMetadata {
  /** Side of the square grey input, standardised by its own mean and deviation. */
  readonly inputSize: number
  /** `logits`: {@link faceEmotions}, then the FERPlus classes; `probabilities`: {@link faceEmotions}. */
  readonly output: 'logits' | 'probabilities'
  /** Weight of the FERPlus head in the answer, 0 to 1; 0 for a network without one. */
  readonly ferPlusShare: number
  /** Divides the logarithms of the probabilities; fitted on PublicTest. */
  readonly temperature: number
  /** Answers less confident than this are flagged `uncertain`. */
  readonly uncertainBelow: number
  /** Whether each face is looked at a second time as its mirror image, the mean of both outputs giving the answer. Default false. */
  readonly mirrored?: boolean
  /** Order of the answer's emotions. */
  readonly emotions: readonly FaceEmotion[]
  readonly card: FaceModelCard
}

/**
 * The metadata of a loaded model, checked.
 *
 * @throws EmoError `MODEL_INVALID`
 */
export function checkMetadata(value: Readonly<Record<string, unknown>>): FaceModelMetadata {
  const metadata = value.face as Partial<FaceModelMetadata> | undefined
  const invalid = (what: string): EmoError => new EmoError('MODEL_INVALID', `These weights are not a face model of this package: ${what}.`)
  if (typeof metadata !== 'object' || metadata === null) throw invalid('model.json has no `face` entry in its metadata')
  if (!Number.isInteger(metadata.inputSize) || Number(metadata.inputSize) < 1) throw invalid(`inputSize is ${String(metadata.inputSize)}`)
  if (metadata.emotions?.join() !== faceEmotions.join()) throw invalid(`its emotions are ${String(metadata.emotions)}`)
  if (metadata.output !== 'logits' && metadata.output !== 'probabilities') throw invalid(`output is ${String(metadata.output)}`)
  for (const key of ['temperature', 'uncertainBelow', 'ferPlusShare'] as const) {
    if (!(Number(metadata[key]) >= 0)) throw invalid(`${key} is ${String(metadata[key])}`)
  }
  if (metadata.mirrored !== undefined && typeof metadata.mirrored !== 'boolean') throw invalid(`mirrored is ${String(metadata.mirrored)}`)
  if (metadata.temperature === 0 || metadata.card === undefined) throw invalid('temperature or card is missing')
  return metadata as FaceModelMetadata
}
