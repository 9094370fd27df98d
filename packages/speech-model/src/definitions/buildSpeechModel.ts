import { EMOTIONS } from '@emo/datasets'
import { FusedLSTM, tf } from '@emo/runtime'
import { AttentionPooling } from '../layers/attentionPooling.ts'
import { registerSpeechLayers } from '../layers/registerSpeechLayers.ts'
import { MaskedBatchNormalization } from '../layers/maskedBatchNormalization.ts'

/** What {@link buildSpeechModel} needs to know; the defaults are the shipped model's. */
export interface SpeechModelOptions {
  /** Columns of one frame. */
  readonly features: number
  /** Frames of a clip; `null` (the default) takes any number. */
  readonly frames?: number | null
  /** Units of the second LSTM, each direction. Default 64. */
  readonly units?: number
  /** Whether the second LSTM reads in both directions. Default true. */
  readonly bidirectional?: boolean
  /** Width of the attention's hidden layer; 0 (the default) for none. */
  readonly attentionUnits?: number
  /** Attention heads. Default 1. */
  readonly heads?: number
  /** Rate of the dropout before the last layer; half of it acts after each LSTM. Default 0.4. */
  readonly dropout?: number
  /** Classes. Default 8, in the order of `EMOTIONS`. */
  readonly classes?: number
}

/**
 * The better model: an LSTM as wide as its input with a residual connection and batch normalisation, a bidirectional LSTM,
 * attention over time, and a linear layer (after the residual LSTM of arXiv 2606.03359, enlarged).
 *
 * Input `[batch, frames, features]`; frames that are all zero are padding and are skipped. Output `[batch, classes]`,
 * probabilities; the layer before the last (`logits`) holds their logarithms up to a constant.
 */
export function buildSpeechModel(options: SpeechModelOptions): tf.LayersModel {
  const { features, frames = null, units = 64, bidirectional = true, attentionUnits = 0, heads = 1 } = options
  const { dropout = 0.4, classes = EMOTIONS.length } = options
  registerSpeechLayers()
  const input = tf.input({ shape: [frames, features], name: 'features' })
  const x = tf.layers.masking({ maskValue: 0, name: 'padding' }).apply(input) as tf.SymbolicTensor

  const recurrent = { returnSequences: true, recurrentActivation: 'sigmoid' } as const
  let y = new FusedLSTM({ ...recurrent, units: features, name: 'residual_lstm' }).apply(x) as tf.SymbolicTensor
  y = tf.layers.dropout({ rate: dropout / 2, name: 'residual_dropout' }).apply(y) as tf.SymbolicTensor
  y = tf.layers.add({ name: 'residual_sum' }).apply([x, y]) as tf.SymbolicTensor
  y = new MaskedBatchNormalization({ name: 'residual_normalization' }).apply(y) as tf.SymbolicTensor

  const context = new FusedLSTM({ ...recurrent, units, name: 'context_lstm' })
  y = (bidirectional ? bothDirections(context) : context).apply(y) as tf.SymbolicTensor
  y = tf.layers.dropout({ rate: dropout / 2, name: 'context_dropout' }).apply(y) as tf.SymbolicTensor
  y = new AttentionPooling({ units: attentionUnits, heads, name: 'attention' }).apply(y) as tf.SymbolicTensor
  y = new MaskedBatchNormalization({ name: 'embedding' }).apply(y) as tf.SymbolicTensor
  y = tf.layers.dropout({ rate: dropout, name: 'embedding_dropout' }).apply(y) as tf.SymbolicTensor
  y = tf.layers.dense({ units: classes, name: 'logits' }).apply(y) as tf.SymbolicTensor
  const output = tf.layers.activation({ activation: 'softmax', name: 'scores' }).apply(y) as tf.SymbolicTensor
  return tf.model({ inputs: input, outputs: output, name: 'emo_speech' })
}

function bothDirections(layer: FusedLSTM): tf.layers.Layer {
  // The wrapper only asks of a layer what a FusedLSTM has, but its type names the stock recurrent layers.
  return tf.layers.bidirectional({ layer: layer as unknown as tf.RNN, mergeMode: 'concat', name: 'context_bidirectional' })
}
