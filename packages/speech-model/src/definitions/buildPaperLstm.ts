import { EMOTIONS } from '@emo/datasets'
import { checkBackend, checkCount, checkDropout, checkOptions, FusedLSTM, tf } from '@emo/runtime'

/** What {@link buildPaperLstm} needs to know. */
export interface PaperLstmOptions {
  /** Columns of one frame (MFCC, zero-crossing rate and RMS: `nMfcc + 2`). */
  readonly features: number
  /** Frames of a clip; `null` (the default) takes any number. */
  readonly frames?: number | null
  /** Rate of each dropout layer. Default 0.3; the publication gives none. */
  readonly dropout?: number
  /** Classes. Default 8, in the order of `EMOTIONS`. */
  readonly classes?: number
}

/**
 * The published network: one LSTM of 128, dense 64 ReLU, dense 32 ReLU, a dropout after each, dense 8 softmax.
 *
 * Input `[batch, frames, features]`; frames that are all zero are padding and are skipped. Output `[batch, classes]`,
 * probabilities; the layer before the last (`logits`) holds their logarithms up to a constant.
 *
 * @throws EmoRangeError `OPTION_RANGE`; EmoError `OPTIONS_NOT_OBJECT`, `BACKEND_NOT_STARTED` before `startBackend` of `@emo/runtime`
 */
export function buildPaperLstm(options: PaperLstmOptions): tf.LayersModel {
  checkOptions(options, '{ features: 42 }')
  const { features, frames = null, dropout = 0.3, classes = EMOTIONS.length } = options
  checkCount('features', features)
  checkCount('classes', classes)
  if (frames !== null) checkCount('frames', frames)
  checkDropout(dropout)
  checkBackend()
  const input = tf.input({ shape: [frames, features], name: 'features' })
  let x = tf.layers.masking({ maskValue: 0, name: 'padding' }).apply(input) as tf.SymbolicTensor
  x = new FusedLSTM({ units: 128, recurrentActivation: 'sigmoid', name: 'lstm' }).apply(x) as tf.SymbolicTensor
  x = tf.layers.dropout({ rate: dropout, name: 'lstm_dropout' }).apply(x) as tf.SymbolicTensor
  for (const units of [64, 32]) {
    x = tf.layers.dense({ units, activation: 'relu', name: `dense_${units}` }).apply(x) as tf.SymbolicTensor
    x = tf.layers.dropout({ rate: dropout, name: `dense_${units}_dropout` }).apply(x) as tf.SymbolicTensor
  }
  x = tf.layers.dense({ units: classes, name: 'logits' }).apply(x) as tf.SymbolicTensor
  const output = tf.layers.activation({ activation: 'softmax', name: 'scores' }).apply(x) as tf.SymbolicTensor
  return tf.model({ inputs: input, outputs: output, name: 'emo_paper_lstm' })
}
