import * as tf from '../tf.ts'
import { AddReLU } from './addReluLayer.ts'
import { FusedBatchNormalization } from './fusedBatchNormalizationLayer.ts'
import { FusedLSTM } from './fusedLstmLayer.ts'

/** Makes the fused layers known to TensorFlow.js, so that saved models that contain them load. Calling it again costs nothing. */
export function registerLayers(): void {
  for (const layer of [AddReLU, FusedBatchNormalization, FusedLSTM]) {
    tf.serialization.registerClass(layer)
  }
}
