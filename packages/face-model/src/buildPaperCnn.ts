import { EmoRangeError } from '@emo/errors'
import { checkBackend, checkCount, checkDropout, checkOptions, tf } from '@emo/runtime'
import { faceEmotions } from './faceEmotions.ts'

/** Options of {@link buildPaperCnn}. */
export interface PaperCnnOptions {
  /** Side of the square grey input in pixels. Default 48, FER2013's. */
  readonly inputSize?: number
  /** Filters of the convolutions, one each; default [16, 32, 64]. The source says "several" and gives no widths. */
  readonly filters?: readonly number[]
  /** Units of the dense layer. Default 128. */
  readonly denseUnits?: number
  /** Dropout rate after the convolutions and after the dense layer. Default 0.3. */
  readonly dropout?: number
  /** Classes. Default 7, {@link faceEmotions}. */
  readonly classes?: number
}

/**
 * The CNN of the published system: convolutions with ReLU, max pooling, dropout, a dense layer and softmax.
 *
 * Input `[batch, inputSize, inputSize, 1]`, standardised image by image; output `[batch, classes]`, probabilities. Train it with categorical cross-entropy.
 *
 * @throws EmoRangeError `OPTION_RANGE`; EmoError `OPTIONS_NOT_OBJECT`, `BACKEND_NOT_STARTED` before `startBackend` of `@emo/runtime`
 */
export function buildPaperCnn(options: PaperCnnOptions = {}): tf.LayersModel {
  checkOptions(options, '{ inputSize: 48 }')
  const { inputSize = 48, filters = [16, 32, 64], denseUnits = 128, dropout = 0.3, classes = faceEmotions.length } = options
  checkCount('inputSize', inputSize)
  checkCount('denseUnits', denseUnits)
  checkCount('classes', classes)
  filters.forEach((count) => {
    checkCount('filters', count)
  })
  checkDropout(dropout)
  if (filters.length === 0) {
    throw new EmoRangeError('OPTION_RANGE', 'filters must be those of one convolution or more, e.g. [16, 32, 64], not an empty list.', {
      details: { filters },
    })
  }
  if (inputSize < 2 ** filters.length) {
    throw new EmoRangeError(
      'OPTION_RANGE',
      `Each of the ${filters.length} convolutions halves the image; inputSize must be at least ${2 ** filters.length}, not ${inputSize}.`,
      { details: { inputSize, filters } },
    )
  }

  checkBackend()
  const input = tf.input({ shape: [inputSize, inputSize, 1], name: 'image' })
  let x: tf.SymbolicTensor = input
  filters.forEach((count, index) => {
    x = tf.layers
      .conv2d({
        name: `conv${index + 1}`,
        filters: count,
        kernelSize: 3,
        padding: 'same',
        activation: 'relu',
        kernelInitializer: 'heNormal',
      })
      .apply(x) as tf.SymbolicTensor
    x = tf.layers.maxPooling2d({ name: `pool${index + 1}`, poolSize: 2, strides: 2 }).apply(x) as tf.SymbolicTensor
  })
  x = tf.layers.dropout({ name: 'dropout1', rate: dropout }).apply(x) as tf.SymbolicTensor
  x = tf.layers.flatten({ name: 'flatten' }).apply(x) as tf.SymbolicTensor
  x = tf.layers
    .dense({ name: 'dense1', units: denseUnits, activation: 'relu', kernelInitializer: 'heNormal' })
    .apply(x) as tf.SymbolicTensor
  x = tf.layers.dropout({ name: 'dropout2', rate: dropout }).apply(x) as tf.SymbolicTensor
  const output = tf.layers
    .dense({ name: 'emotion', units: classes, activation: 'softmax', kernelInitializer: 'glorotUniform' })
    .apply(x) as tf.SymbolicTensor
  return tf.model({ name: 'PaperCnn', inputs: input, outputs: output })
}
