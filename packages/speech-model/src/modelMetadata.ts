import { EMOTIONS } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import type { FeatureStatistics } from './features/speechFeatures.ts'
import { areViews, type SpeechView } from './features/speechViews.ts'
import { featureColumns, type SpeechFeatureParameters } from './features/speechFeatureParameters.ts'
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
export function checkMetadata(value: Readonly<Record<string, unknown>>): SpeechModelMetadata {
  const metadata = value.speech as Partial<SpeechModelMetadata> | undefined
  const invalid = (what: string) => new EmoError('MODEL_INVALID', `these weights are not a speech model of this package: ${what}`)
  if (typeof metadata !== 'object' || metadata === null) throw invalid('its metadata has no `speech` entry')
  if (metadata.emotions?.join() !== EMOTIONS.join()) throw invalid(`its classes are ${String(metadata.emotions)}, not ${EMOTIONS.join()}`)
  const columns = metadata.features ? featureColumns(metadata.features) : -1
  if (metadata.statistics?.mean.length !== columns || metadata.statistics.deviation.length !== columns) {
    throw invalid('the statistics do not fit the features')
  }
  if (metadata.views !== undefined && !areViews(metadata.views)) throw invalid(`its views are ${JSON.stringify(metadata.views)}`)
  if (!(Number(metadata.temperature) > 0) || typeof metadata.uncertainBelow !== 'number' || !metadata.card) {
    throw invalid('temperature, threshold or card is missing')
  }
  return metadata as SpeechModelMetadata
}
