import { EMOTIONS } from '@emo/datasets'
import { checkBackend, checkCount, checkDropout, checkOptions, FusedLSTM, tf } from '@emo/runtime'
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
  /** Networks side by side whose logits are averaged; each begins with weights of its own. Default 1. */
  readonly members?: number
  /** Classes. Default 8, in the order of `EMOTIONS`. */
  readonly classes?: number
}

/**
 * The better model: an LSTM as wide as its input with a residual connection and batch normalisation, a bidirectional LSTM,
 * attention over time, and a linear layer (after the residual LSTM of arXiv 2606.03359, enlarged). Several members make an ensemble in one
 * network: the linear layer reads the embeddings of all, so its answer is the mean of the {@link memberLogits}.
 *
 * Input `[batch, frames, features]`; frames that are all zero are padding and are skipped. Output `[batch, classes]`,
 * probabilities; the layer before the last (`logits`) holds their logarithms up to a constant.
 *
 * @throws EmoRangeError `OPTION_RANGE`; EmoError `OPTIONS_NOT_OBJECT`, `BACKEND_NOT_STARTED` before `startBackend` of `@emo/runtime`
 */
export function buildSpeechModel(options: SpeechModelOptions): tf.LayersModel {
  checkOptions(options, '{ features: 46 }')
  const { features, frames = null, units = 64, bidirectional = true, attentionUnits = 0, heads = 1 } = options
  const { dropout = 0.4, members = 1, classes = EMOTIONS.length } = options
  for (const [name, value] of Object.entries({ features, units, heads, members, classes })) checkCount(name, value)
  if (frames !== null) checkCount('frames', frames)
  checkDropout(dropout)
  checkBackend()
  registerSpeechLayers()
  const input = tf.input({ shape: [frames, features], name: 'features' })
  const x = tf.layers.masking({ maskValue: 0, name: 'padding' }).apply(input) as tf.SymbolicTensor

  const embeddings = Array.from({ length: members }, (_, member) => {
    // The first member's layers have the names that a network of one has.
    const named = (name: string): string => (member === 0 ? name : `${name}_${member + 1}`)
    const recurrent = { returnSequences: true, recurrentActivation: 'sigmoid' } as const
    let y = new FusedLSTM({ ...recurrent, units: features, name: named('residual_lstm') }).apply(x) as tf.SymbolicTensor
    y = tf.layers.dropout({ rate: dropout / 2, name: named('residual_dropout') }).apply(y) as tf.SymbolicTensor
    y = tf.layers.add({ name: named('residual_sum') }).apply([x, y]) as tf.SymbolicTensor
    y = new MaskedBatchNormalization({ name: named('residual_normalization') }).apply(y) as tf.SymbolicTensor

    const context = new FusedLSTM({ ...recurrent, units, name: named('context_lstm') })
    y = (bidirectional ? bothDirections(context, named('context_bidirectional')) : context).apply(y) as tf.SymbolicTensor
    y = tf.layers.dropout({ rate: dropout / 2, name: named('context_dropout') }).apply(y) as tf.SymbolicTensor
    y = new AttentionPooling({ units: attentionUnits, heads, name: named('attention') }).apply(y) as tf.SymbolicTensor
    return new MaskedBatchNormalization({ name: named('embedding') }).apply(y) as tf.SymbolicTensor
  })
  let y = members === 1 ? embeddings[0] : (tf.layers.concatenate({ name: 'members' }).apply(embeddings) as tf.SymbolicTensor)
  y = tf.layers.dropout({ rate: dropout, name: 'embedding_dropout' }).apply(y) as tf.SymbolicTensor
  // Glorot's range for one member; the layer averages them.
  const range = Math.sqrt(6 / (embeddings[0].shape[1]! + classes)) / members
  const kernelInitializer = tf.initializers.randomUniform({ minval: -range, maxval: range })
  y = tf.layers.dense({ units: classes, kernelInitializer, name: 'logits' }).apply(y) as tf.SymbolicTensor
  const output = tf.layers.activation({ activation: 'softmax', name: 'scores' }).apply(y) as tf.SymbolicTensor
  return tf.model({ inputs: input, outputs: output, name: 'emo_speech' })
}

function bothDirections(layer: FusedLSTM, name: string): tf.layers.Layer {
  // The wrapper only asks of a layer what a FusedLSTM has, but its type names the stock recurrent layers.
  return tf.layers.bidirectional({ layer: layer as unknown as tf.RNN, mergeMode: 'concat', name })
}
