import { EmoRangeError } from '@emo/errors'
import { AddReLU, checkBackend, checkCount, checkDropout, checkOptions, tf } from '@emo/runtime'
import { faceEmotions, ferPlusEmotions } from './faceEmotions.ts'
import { normalization } from './normalization.ts'

/** Options of {@link buildFaceModel}. */
export interface FaceModelOptions {
  /** Side of the square grey input in pixels. Default 48; null: any, as the network ends in a global average. */
  readonly inputSize?: number | null
  /** Filters of the two stem convolutions. Default [16, 32]. */
  readonly stem?: readonly [number, number]
  /** Residual blocks in order. A stride of 2 halves the picture. */
  readonly blocks?: readonly FaceModelBlock[]
  /** Dropout rate before the heads. Default 0.3. */
  readonly dropout?: number
  /**
   * True: with batch normalisation, for training (default). False: convolutions with bias and nothing between, for inference;
   * {@link foldBatchNormalization} fills it from a trained one.
   */
  readonly batchNormalization?: boolean
}

/** One residual block of {@link buildFaceModel}: two 3x3 convolutions beside a shortcut. */
export interface FaceModelBlock {
  readonly filters: number
  readonly stride: 1 | 2
}

/** Number of logits of {@link buildFaceModel}: the FER2013 head's 7, then the FERPlus head's 8. */
export const faceLogits = faceEmotions.length + ferPlusEmotions.length

/** Blocks of the weights in the package. */
export const defaultBlocks: readonly FaceModelBlock[] = [
  { filters: 32, stride: 1 },
  { filters: 64, stride: 2 },
  { filters: 64, stride: 1 },
  { filters: 128, stride: 2 },
  { filters: 128, stride: 1 },
]

/**
 * A small residual network for faces: two 3x3 stem convolutions, each with stride 1 and 2 in turn, residual blocks (He et al. 2016), global average, dropout,
 * and two linear heads side by side on that one trunk.
 *
 * Input `[batch, inputSize, inputSize, 1]`, standardised image by image. Output `[batch, 15]`: logits of {@link faceEmotions} (FER2013's
 * labels), then of {@link ferPlusEmotions} (the FERPlus votes).
 *
 * @throws EmoRangeError `OPTION_RANGE`; EmoError `OPTIONS_NOT_OBJECT`, `BACKEND_NOT_STARTED` before `startBackend` of `@emo/runtime`
 */
export function buildFaceModel(options: FaceModelOptions = {}): tf.LayersModel {
  checkOptions(options, '{ inputSize: 48 }')
  const { inputSize = 48, stem = [16, 32], blocks = defaultBlocks, dropout = 0.3, batchNormalization = true } = options
  if (inputSize !== null) checkCount('inputSize', inputSize)
  checkDropout(dropout)
  checkConvolutions(stem, blocks)
  checkBackend()

  const convolve = (
    x: tf.SymbolicTensor,
    name: string,
    filters: number,
    kernelSize: number,
    strides: number,
    activation: 'relu' | 'linear',
  ): tf.SymbolicTensor => {
    const convolved = tf.layers
      .conv2d({
        name,
        filters,
        kernelSize,
        strides,
        padding: 'same',
        kernelInitializer: 'heNormal',
        useBias: !batchNormalization,
        activation: batchNormalization ? 'linear' : activation,
      })
      .apply(x) as tf.SymbolicTensor
    return batchNormalization ? (normalization(`${name}_normalization`, activation).apply(convolved) as tf.SymbolicTensor) : convolved
  }

  const input = tf.input({ shape: [inputSize, inputSize, 1], name: 'image' })
  let x = convolve(input, 'stem1', stem[0], 3, 1, 'relu')
  x = convolve(x, 'stem2', stem[1], 3, 2, 'relu')
  let channels = stem[1]
  blocks.forEach(({ filters, stride }, index) => {
    const name = `block${index + 1}`
    const shortcut = stride === 1 && channels === filters ? x : convolve(x, `${name}_shortcut`, filters, 1, stride, 'linear')
    x = convolve(x, `${name}_conv1`, filters, 3, stride, 'relu')
    x = convolve(x, `${name}_conv2`, filters, 3, 1, 'linear')
    if (batchNormalization) {
      x = new AddReLU({ name: `${name}_sum` }).apply([x, shortcut]) as tf.SymbolicTensor
    } else {
      // Stock layers only, so that any TensorFlow.js can load the network that is shipped.
      x = tf.layers.add({ name: `${name}_sum` }).apply([x, shortcut]) as tf.SymbolicTensor
      x = tf.layers.activation({ name: `${name}_relu`, activation: 'relu' }).apply(x) as tf.SymbolicTensor
    }
    channels = filters
  })
  x = tf.layers.globalAveragePooling2d({ name: 'average' }).apply(x) as tf.SymbolicTensor
  x = tf.layers.dropout({ name: 'dropout', rate: dropout }).apply(x) as tf.SymbolicTensor
  const logits = tf.layers.dense({ name: 'logits', units: faceLogits, kernelInitializer: 'glorotUniform' }).apply(x) as tf.SymbolicTensor
  return tf.model({ name: 'FaceModel', inputs: input, outputs: logits })
}

/** The declared types are not what every caller gives. */
function checkConvolutions(stem: readonly number[], blocks: readonly FaceModelBlock[]): void {
  if (stem.length !== 2) {
    throw new EmoRangeError('OPTION_RANGE', `stem must hold the filters of two convolutions, e.g. [16, 32], not of ${stem.length}.`, {
      details: { stem },
    })
  }
  for (const filters of [...stem, ...blocks.map((block) => block.filters)]) checkCount('filters', filters)
  for (const { stride } of blocks) {
    if (![1, 2].includes(stride)) {
      throw new EmoRangeError('OPTION_RANGE', `A block's stride must be 1 or 2, not ${String(stride)}.`, { details: { stride } })
    }
  }
}
