export { EmoError, EmoRangeError } from '@emo/errors'
export { EMOTIONS, type Emotion } from '@emo/datasets'
export { buildPaperLstm, type PaperLstmOptions } from './definitions/buildPaperLstm.ts'
export { buildSpeechModel, type SpeechModelOptions } from './definitions/buildSpeechModel.ts'
export { type SpeechFeatureParameters, type ExtraFeature, featureColumns } from './features/speechFeatureParameters.ts'
export { padFeatures } from './features/padFeatures.ts'
export { speechFeatures, speechFeatureViews, type FeatureStatistics, type SpeechFeatures } from './features/speechFeatures.ts'
export { type SpeechView } from './features/speechViews.ts'
export { AttentionPooling, type AttentionPoolingArgs } from './layers/attentionPooling.ts'
export { MaskedBatchNormalization, type MaskedBatchNormalizationArgs } from './layers/maskedBatchNormalization.ts'
export { registerSpeechLayers } from './layers/registerSpeechLayers.ts'
export { type FineTuneProgress } from '@emo/runtime'
export { fineTune, type FineTuneOptions, type SpeechExample } from './fineTune.ts'
export { type ClassFigures, type SpeechModelCard, type Spread } from './modelCard.ts'
export { type SpeechModelMetadata } from './modelMetadata.ts'
export { type SpeechInput, type SpeechPrediction } from './prediction.ts'
export { SpeechEmotionModel, type PredictOptions, type SpeechModelLoadOptions } from './speechEmotionModel.ts'
export { SpeechStream, type SpeechStreamOptions, type SpeechStreamPrediction, type WindowPredictor } from './speechStream.ts'
export { voiceActivity, type VoiceActivity, type VoiceActivityOptions } from './voiceActivity.ts'
export { type WeightsName } from './weightFiles.ts'
export {
  connectSpeechWorker,
  type ConnectOptions,
  type RemoteSpeechModel,
  type RemoteSpeechStream,
  type SpeechWorker,
} from './worker/connectSpeechWorker.ts'
