import { tf } from '@emo/runtime'
import { AttentionPooling } from './attentionPooling.ts'
import { MaskedBatchNormalization } from './maskedBatchNormalization.ts'

/** Makes this package's layers known to `tf.loadLayersModel`; called wherever a model is built or loaded, any number of times. */
export function registerSpeechLayers(): void {
  tf.serialization.registerClass(AttentionPooling)
  tf.serialization.registerClass(MaskedBatchNormalization)
}
