import { EmoError } from '@emo/errors'
import { describeValue, type tf } from '@emo/runtime'
import { faceEmotions, ferPlusEmotions, type FaceEmotion } from './faceEmotions.ts'
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

/** Numbers of the metadata, with the largest value of each; none is below 0. */
const numbers = { temperature: Number.MAX_VALUE, uncertainBelow: Number.MAX_VALUE, ferPlusShare: 1 } as const

/**
 * The metadata of a loaded model, checked.
 *
 * @throws EmoError `MODEL_INVALID`
 */
export function checkMetadata(value: Readonly<Record<string, unknown>>): FaceModelMetadata {
  if (typeof value.face !== 'object' || value.face === null) throw invalidModel('model.json has no `face` entry in its metadata')
  const metadata = value.face as Readonly<Partial<Record<keyof FaceModelMetadata, unknown>>>
  const { inputSize, output, emotions, mirrored, temperature, card } = metadata
  if (!(Number.isInteger(inputSize) && Number(inputSize) >= 1)) throw invalidModel(`inputSize is ${describeValue(inputSize)}`)
  if (!Array.isArray(emotions) || emotions.join() !== faceEmotions.join()) throw invalidModel(`its emotions are ${String(emotions)}`)
  if (output !== 'logits' && output !== 'probabilities') throw invalidModel(`output is ${describeValue(output)}`)
  for (const [name, most] of Object.entries(numbers) as [keyof typeof numbers, number][]) {
    const number = metadata[name]
    if (!(typeof number === 'number' && number >= 0 && number <= most)) throw invalidModel(`${name} is ${describeValue(number)}`)
  }
  if (temperature === 0) throw invalidModel('temperature is 0')
  if (mirrored !== undefined && typeof mirrored !== 'boolean') throw invalidModel(`mirrored is ${describeValue(mirrored)}`)
  if (typeof card !== 'object' || card === null) throw invalidModel('its card is missing')
  return value.face as FaceModelMetadata
}

/**
 * Makes sure that a network takes and gives what its metadata say.
 *
 * @throws EmoError `MODEL_INVALID`
 */
export function checkNetwork({ inputs, outputs }: tf.LayersModel, { inputSize, output }: FaceModelMetadata): void {
  // A network for pictures of any size has null there.
  const [, height, width, channels] = inputs[0].shape.map((size) => size ?? inputSize)
  if (inputs.length !== 1 || height !== inputSize || width !== inputSize || channels !== 1) {
    throw invalidModel(`its network takes [${inputs[0].shape.join()}], not [,${inputSize},${inputSize},1] as inputSize says`)
  }
  const values = output === 'logits' ? faceEmotions.length + ferPlusEmotions.length : faceEmotions.length
  const { shape } = outputs[0]
  if (outputs.length !== 1 || shape.length !== 2 || shape[1] !== values) {
    throw invalidModel(`its network gives [${shape.join()}], not [,${values}] for ${output}`)
  }
}

function invalidModel(what: string): EmoError {
  return new EmoError('MODEL_INVALID', `These weights are not a face model of this package: ${what}.`)
}
