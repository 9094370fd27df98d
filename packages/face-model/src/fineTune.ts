import { EmoError, EmoRangeError } from '@emo/errors'
import { argMax, createRandom, tf } from '@emo/runtime'
import { augmentFace, noAugmentation } from './augmentation.ts'
import { faceEmotions, type FaceEmotion } from './faceEmotions.ts'
import type { FaceEmotionModel} from './faceEmotionModel.ts';
import { middleSquare } from './faceEmotionModel.ts'
import { readPixels, type ImageInput } from './pixels.ts'
import { resample } from './resample.ts'

/** A face that fills its picture, and the emotion in it. */
export interface FaceExample {
  readonly image: ImageInput
  readonly emotion: FaceEmotion
}

/** How {@link fineTune} works. */
export interface FineTuneOptions {
  /** Passes over the examples. Default 30. */
  readonly epochs?: number
  /** Step of the Adam optimiser. Default 0.005. */
  readonly learningRate?: number
  /** Examples a step. Default 32. */
  readonly batchSize?: number
  /** Pull back towards the weights before, so that few examples do not undo what many taught. Default 0.02. */
  readonly anchor?: number
  /** Differently augmented copies of each example. Default 8; 1: the example as it is. */
  readonly copies?: number
  /** Seed of augmentation and order. Default 1. */
  readonly seed?: number
  /** Called after every epoch. */
  readonly onProgress?: (progress: FineTuneProgress) => void
  readonly signal?: AbortSignal
}

/** How far {@link fineTune} is. */
export interface FineTuneProgress {
  /** Epochs done. */
  readonly epoch: number
  readonly epochs: number
  /** Mean cross-entropy over the epoch. */
  readonly loss: number
  /** Share of the examples answered right during the epoch. */
  readonly accuracy: number
}

interface Row {
  readonly embedding: Float32Array
  readonly label: number
}

/**
 * Adapts a model to a person or a camera by labelled faces, in Node or in the browser: trains the last layer on what the rest of the network makes of
 * augmented copies of the examples.
 *
 * Emotions without an example are kept as they were learned. The model given is left as it is. The answer rests on the FER2013 head alone.
 *
 * @param model - where to start
 * @param examples - at least one
 * @returns a new model that shares the detector of `model`, to be saved with {@link FaceEmotionModel.save} and disposed of by the caller
 * @throws EmoError `EXAMPLES_EMPTY`, `EMOTION_UNKNOWN`, `FINE_TUNE_ABORTED`, and those of `predict`
 * @throws EmoRangeError `OPTION_RANGE`
 */
export async function fineTune(
  model: FaceEmotionModel,
  examples: readonly FaceExample[],
  options: FineTuneOptions = {},
): Promise<FaceEmotionModel> {
  const { epochs = 30, learningRate = 0.005, batchSize = 32, anchor = 0.02, copies = 8, seed = 1, onProgress, signal } = options
  check('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a whole number above 0')
  check('batchSize', batchSize, Number.isInteger(batchSize) && batchSize > 0, 'a whole number above 0')
  check('copies', copies, Number.isInteger(copies) && copies > 0, 'a whole number above 0')
  check('learningRate', learningRate, learningRate > 0 && learningRate < 1, 'between 0 and 1')
  check('anchor', anchor, anchor >= 0, 'at least 0')
  if (examples.length === 0) throw new EmoError('EXAMPLES_EMPTY', 'There are no examples to learn from; give at least one.')

  const random = createRandom(seed, 'fine-tune')
  const augmentation = random.fork('augment')
  const rows = embed(model, examples, copies, () => augmentation.next())
  const tuned = await model.copy({ ferPlusShare: 0 })
  try {
    const head = tuned.network.layers[tuned.network.layers.length - 1]
    const variables = head.trainableWeights.map((weight) => weight.read() as tf.Variable)
    const before = variables.map((variable) => tf.clone(variable))
    const optimizer = tf.train.adam(learningRate)
    try {
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const order = random.shuffle(rows.map((_, index) => index))
        let loss = 0
        let right = 0
        for (let start = 0; start < order.length; start += batchSize) {
          if (signal?.aborted) throw new EmoError('FINE_TUNE_ABORTED', 'Fine-tuning was aborted.', { cause: signal.reason })
          const chosen = order.slice(start, start + batchSize).map((index) => rows[index])
          const step = trainStep(head, chosen, variables, before, anchor, optimizer)
          loss += step.loss * chosen.length
          right += step.right
        }
        onProgress?.({ epoch, epochs, loss: loss / rows.length, accuracy: right / rows.length })
        // Lets a page draw and other work go on.
        await new Promise((resolve) => setTimeout(resolve, 0))
      }
    } finally {
      tf.dispose(before)
      optimizer.dispose()
    }
    return tuned
  } catch (error) {
    tuned.dispose()
    throw error
  }
}

function trainStep(
  head: tf.layers.Layer,
  rows: readonly Row[],
  variables: tf.Variable[],
  before: readonly tf.Tensor[],
  anchor: number,
  optimizer: tf.Optimizer,
): { loss: number; right: number } {
  return tf.tidy(() => {
    const width = rows[0].embedding.length
    const values = new Float32Array(rows.length * width)
    rows.forEach(({ embedding }, index) => {
      values.set(embedding, index * width)
    })
    const x = tf.tensor2d(values, [rows.length, width])
    const targets = tf.oneHot(
      tf.tensor1d(
        rows.map(({ label }) => label),
        'int32',
      ),
      faceEmotions.length,
    )
    let scores: Float32Array = new Float32Array()
    const { value, grads } = tf.variableGrads(() => {
      const output = tf.slice(head.apply(x) as tf.Tensor2D, [0, 0], [rows.length, faceEmotions.length])
      scores = output.dataSync<'float32'>()
      // The paper's CNN ends in a softmax, ours in logits.
      const logs = isSoftmax(head) ? tf.log(tf.clipByValue(output, 1e-7, 1)) : tf.logSoftmax(output)
      const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(targets, logs), 1)))
      const drift = tf.addN(variables.map((variable, index) => tf.sum(tf.squaredDifference(variable, before[index]))))
      return tf.add<tf.Scalar>(crossEntropy, tf.mul(drift, anchor))
    }, variables)
    optimizer.applyGradients(grads)
    const right = rows.filter(({ label }, index) => argMax(scores, index * faceEmotions.length, faceEmotions.length) === label).length
    return { loss: value.dataSync()[0], right }
  })
}

function isSoftmax(head: tf.layers.Layer): boolean {
  return head.getConfig().activation === 'softmax'
}

/** What the layers before the last make of augmented copies of the examples; the first copy of each is the example itself. */
function embed(model: FaceEmotionModel, examples: readonly FaceExample[], copies: number, random: () => number): Row[] {
  const { inputSize } = model.metadata
  const head = model.network.layers[model.network.layers.length - 1]
  const body = tf.model({ inputs: model.network.inputs, outputs: head.input })
  return examples.flatMap(({ image, emotion }, index) => {
    const label = faceEmotions.indexOf(emotion)
    if (label < 0) {
      throw new EmoError('EMOTION_UNKNOWN', `Example ${index}: "${String(emotion)}" is none of ${faceEmotions.join(', ')}.`, { details: { index, emotion } })
    }
    const pixels = readPixels(image)
    const face = resample(pixels, middleSquare(pixels), inputSize, inputSize, 1)
    const values = new Float32Array(copies * face.length)
    for (let copy = 0; copy < copies; copy++) {
      augmentFace(face, 0, inputSize, values, copy * face.length, inputSize, random, copy === 0 ? noAugmentation : {})
    }
    const embeddings = tf.tidy(() =>
      (body.apply(tf.tensor4d(values, [copies, inputSize, inputSize, 1])) as tf.Tensor).dataSync<'float32'>(),
    )
    const width = embeddings.length / copies
    return Array.from({ length: copies }, (_, copy) => ({ embedding: embeddings.slice(copy * width, (copy + 1) * width), label }))
  })
}

function check(name: string, value: number, good: boolean, wanted: string): void {
  if (!good) throw new EmoRangeError('OPTION_RANGE', `${name} must be ${wanted}, not ${value}.`, { details: { [name]: value } })
}
