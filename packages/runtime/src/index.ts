export { EmoError, EmoRangeError } from '@emo/errors'
export * as tf from './tf.ts'
export { startBackend } from './startBackend.ts'
export { createRandom, type Random, type RandomKey } from './random.ts'
export { loadModel, type LoadedModel, type ModelSource } from './weights/loadModel.ts'
export { type ModelJson, type WeightsFileInfo } from './weights/modelJson.ts'
export { readUrl, type ProgressListener, type ReadOptions } from './weights/readUrl.ts'
export { serializeModel, type SerializedModel, type SerializeModelOptions } from './weights/serializeModel.ts'
export { sha256Hex } from './weights/sha256.ts'
export { compileNetwork, type CompiledNetwork } from './inference/compileNetwork.ts'
export { registerKernels } from './kernels/registerKernels.ts'
export { type KernelVariant } from './kernels/kernelModule.ts'
export { lstm, type LstmOptions, type RecurrentActivation } from './kernels/fusedLstm.ts'
export {
  fusedBatchNormalization,
  type FusedActivation,
  type FusedBatchNormalizationOptions,
} from './kernels/fusedBatchNormalization.ts'
export {
  QuantizedConvolution,
  type QuantizedConvolutionOptions,
  type QuantizedFilter,
} from './kernels/quantizedConvolution.ts'
export { SubsampledConvolution, type SubsampledConvolutionOptions } from './kernels/subsampledConvolution.ts'
export { SubsampledPicture, type ColourValues, type PictureRegion } from './kernels/subsampledPicture.ts'
export { addRelu } from './kernels/addRelu.ts'
export { FusedLSTM, type FusedLSTMArgs } from './layers/fusedLstmLayer.ts'
export { FusedBatchNormalization, type FusedBatchNormalizationArgs } from './layers/fusedBatchNormalizationLayer.ts'
export { AddReLU } from './layers/addReluLayer.ts'
export { type ConstraintArgument, type InitializerArgument, type RegularizerArgument } from './layers/layerConfig.ts'
export { expectedCalibrationError, fitTemperature, negativeLogLikelihood } from './metrics/calibration.ts'
export { classificationReport, type ClassificationReport, type ClassScores } from './metrics/classificationReport.ts'
export { confusionMatrix } from './metrics/confusionMatrix.ts'
export { argMax, softmax } from './metrics/softmax.ts'
export { fineTuneLoop, type FineTuneProgress, type FineTuneSettings, type FineTuneTask } from './fineTuning/fineTuneLoop.ts'
export { connectWorker, type CallWorker, type ConnectWorkerOptions, type WorkerLike } from './worker/connectWorker.ts'
export { type RemoteMethods, type ReportProgress } from './worker/messages.ts'
export { parentPort, serveRequests, type RequestHandlers, type WorkerPort } from './worker/serveRequests.ts'
