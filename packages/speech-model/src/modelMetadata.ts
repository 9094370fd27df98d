import { EMOTIONS } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import type { tf } from '@emo/runtime'
import type { FeatureStatistics } from './features/speechFeatures.ts'
import { areViews, type SpeechView } from './features/speechViews.ts'
import { areFeatureParameters, featureColumns, type SpeechFeatureParameters } from './features/speechFeatureParameters.ts'
import type { SpeechModelCard } from './modelCard.ts'

/** What `model.json` carries beside the network: all that turns samples into its input and its output into an answer. */
export interface SpeechModelMetadata {
  readonly features: SpeechFeatureParameters
  readonly statistics: FeatureStatistics
  /** What the network's logits are averaged over; the recording as it is where there are none. */
  readonly views?: readonly SpeechView[]
  /** Divides the logits; fitted on held-out actors. */
  readonly temperature: number
  /** Answers less confident than this are flagged as uncertain: on held-out speakers they were wrong more often than right. */
  readonly uncertainBelow: number
  /** Order of the network's outputs. */
  readonly emotions: readonly string[]
  readonly card: SpeechModelCard
}

/** The metadata of a loaded model, checked. Throws `MODEL_INVALID`. */
export function checkMetadata(value: unknown): SpeechModelMetadata {
  if (typeof value !== 'object' || value === null) throw invalidModel('its metadata has no `speech` entry')
  const { emotions, features, statistics, views, temperature, uncertainBelow, card } = value as Partial<SpeechModelMetadata>
  if (!Array.isArray(emotions) || emotions.join() !== EMOTIONS.join()) {
    throw invalidModel(`its classes are ${String(emotions)}, not ${EMOTIONS.join()}`)
  }
  if (!areFeatureParameters(features)) throw invalidModel(`its features are ${JSON.stringify(features)}`)
  const columns = featureColumns(features)
  const areNumbers = (numbers: unknown, lowest: number) =>
    Array.isArray(numbers) && numbers.length === columns && numbers.every((number) => Number.isFinite(number) && number > lowest)
  if (!areNumbers(statistics?.mean, -Infinity) || !areNumbers(statistics?.deviation, 0)) {
    throw invalidModel(`its statistics are not a mean and a deviation above 0 for each of the ${columns} columns of its features`)
  }
  if (views !== undefined && !areViews(views)) throw invalidModel(`its views are ${JSON.stringify(views)}`)
  if (!(Number.isFinite(temperature) && temperature! > 0)) throw invalidModel(`its temperature is ${String(temperature)}, not above 0`)
  if (!Number.isFinite(uncertainBelow)) throw invalidModel(`its threshold uncertainBelow is ${String(uncertainBelow)}`)
  if (typeof card !== 'object' || card === null) throw invalidModel('its card is missing')
  return value as SpeechModelMetadata
}

/** A network that takes the features and answers the emotions that its metadata tell of. Throws `MODEL_INVALID`. */
export function checkNetwork({ inputs, layers }: tf.LayersModel, { features }: SpeechModelMetadata): void {
  const columns = featureColumns(features)
  const shape = inputs.map((input) => JSON.stringify(input.shape)).join()
  if (inputs.length !== 1 || inputs[0].shape.length !== 3 || inputs[0].shape[2] !== columns) {
    throw invalidModel(`its network takes ${shape}, not [batch,frames,${columns}] as its features are`)
  }
  const logits = layers.find(({ name }) => name === 'logits')?.outputShape
  if (logits?.length !== 2 || logits[1] !== EMOTIONS.length) {
    throw invalidModel(`its network has no layer \`logits\` of ${EMOTIONS.length} values, one for each emotion`)
  }
}

function invalidModel(what: string): EmoError {
  return new EmoError('MODEL_INVALID', `these weights are not a speech model of this package: ${what}`)
}
