import { EmoError, EmoRangeError } from '@emo/errors'
import { checkOptions, createPauses, createRandom, describeValue, fineTuneLoop, tf, type FineTuneSettings } from '@emo/runtime'
import { augmentFace, noAugmentation } from './augmentation.ts'
import { checkModel } from './checkArguments.ts'
import { faceEmotions, type FaceEmotion } from './faceEmotions.ts'
import { middleSquare, type FaceEmotionModel } from './faceEmotionModel.ts'
import { readPixels, type ImageInput } from './pixels.ts'
import { resample } from './resample.ts'

/** A face that fills its picture, and the emotion in it. */
export interface FaceExample {
  readonly image: ImageInput
  readonly emotion: FaceEmotion
}

/** How {@link fineTune} works. Default `epochs`: 30. Default `learningRate`: 0.005. */
export interface FineTuneOptions extends FineTuneSettings {
  /** Differently augmented copies of each example. Default 8; 1: the example as it is. */
  readonly copies?: number
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
 * @param examples - at least one; their pictures are read one after the other, before the training begins
 * @returns a new model that shares the detector of `model`, to be saved with {@link FaceEmotionModel.save} and disposed of by the caller
 * @throws EmoError `EXAMPLES_EMPTY`, `EMOTION_UNKNOWN`, `FINE_TUNE_ABORTED`, `MODEL_EXPECTED`, `MODEL_DISPOSED`, `OPTIONS_NOT_OBJECT`, and those of `predict`
 * @throws EmoRangeError `OPTION_RANGE`
 */
export async function fineTune(
  model: FaceEmotionModel,
  examples: readonly FaceExample[],
  options: FineTuneOptions = {},
): Promise<FaceEmotionModel> {
  checkOptions(options, '{ epochs: 30 }')
  const { epochs = 30, learningRate = 0.005, batchSize = 32, anchor = 0.02, copies = 8, seed = 1, onProgress, signal } = options
  check('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a whole number above 0')
  check('batchSize', batchSize, Number.isInteger(batchSize) && batchSize > 0, 'a whole number above 0')
  check('copies', copies, Number.isInteger(copies) && copies > 0, 'a whole number above 0')
  check('learningRate', learningRate, learningRate > 0 && learningRate < 1, 'between 0 and 1')
  check('anchor', anchor, Number.isFinite(anchor) && anchor >= 0, 'a finite number of at least 0')
  // The declared type is not what every caller gives.
  const given: unknown = examples
  if (!Array.isArray(given) || given.length === 0)
    throw new EmoError('EXAMPLES_EMPTY', 'There are no examples to learn from; give at least one.')

  checkModel(model, 'copy')

  // First, as it refuses a model that has been disposed of.
  const tuned = await model.copy({ ferPlusShare: 0 })
  try {
    const random = createRandom(seed, 'fine-tune')
    const augmentation = random.fork('augment')
    const rows = await embed(tuned, examples, copies, () => augmentation.next(), signal)
    const head = tuned.network.layers[tuned.network.layers.length - 1]
    const variables = head.trainableWeights.map((weight) => weight.read() as tf.Variable)
    await fineTuneLoop(
      {
        labels: rows.map(({ label }) => label),
        classes: faceEmotions.length,
        variables,
        logProbabilities: (chosen) =>
          logProbabilities(
            head,
            chosen.map((index) => rows[index].embedding),
          ),
        random,
      },
      { epochs, learningRate, batchSize, anchor, onProgress, signal },
    )
    return tuned
  } catch (error) {
    tuned.dispose()
    throw error
  }
}

/** The first head's answers; the paper's CNN ends in a softmax, ours in logits. */
function logProbabilities(head: tf.layers.Layer, embeddings: readonly Float32Array[]): tf.Tensor2D {
  const width = embeddings[0].length
  const values = new Float32Array(embeddings.length * width)
  embeddings.forEach((embedding, index) => values.set(embedding, index * width))
  const output = tf.slice(
    head.apply(tf.tensor2d(values, [embeddings.length, width])) as tf.Tensor2D,
    [0, 0],
    [embeddings.length, faceEmotions.length],
  )
  return isSoftmax(head) ? tf.log(tf.clipByValue(output, 1e-7, 1)) : tf.logSoftmax(output)
}

function isSoftmax(head: tf.layers.Layer): boolean {
  return head.getConfig().activation === 'softmax'
}

/** What the layers before the last make of augmented copies of the examples; the first copy of each is the example itself. */
async function embed(
  model: FaceEmotionModel,
  examples: readonly FaceExample[],
  copies: number,
  random: () => number,
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  const { inputSize } = model.metadata
  const head = model.network.layers[model.network.layers.length - 1]
  const body = tf.model({ inputs: model.network.inputs, outputs: head.input })
  const pause = createPauses(signal)
  const rows: Row[] = []
  for (const [index, example] of examples.entries()) {
    await pause()
    const label = labelOf(example, index)
    const values = augmentedCopies(example.image, inputSize, copies, random)
    const embeddings = tf.tidy(() =>
      (body.apply(tf.tensor4d(values, [copies, inputSize, inputSize, 1])) as tf.Tensor).dataSync<'float32'>(),
    )
    const width = embeddings.length / copies
    for (let copy = 0; copy < copies; copy++) rows.push({ embedding: embeddings.slice(copy * width, (copy + 1) * width), label })
  }
  return rows
}

/** The class of an example, checked. */
function labelOf(example: FaceExample, index: number): number {
  // The declared type is not what every caller gives.
  if (typeof example !== 'object' || (example as unknown) === null)
    throw new EmoError('IMAGE_UNSUPPORTED', `Example ${index} is ${describeValue(example)}; give { image, emotion }.`, {
      details: { index },
    })
  const { emotion } = example
  const label = faceEmotions.indexOf(emotion)
  if (label >= 0) return label
  throw new EmoError('EMOTION_UNKNOWN', `Example ${index}: "${String(emotion)}" is none of ${faceEmotions.join(', ')}.`, {
    details: { index, emotion },
  })
}

/** A face as the network takes it, and variations of it. */
function augmentedCopies(image: ImageInput, inputSize: number, copies: number, random: () => number): Float32Array {
  const pixels = readPixels(image)
  const face = resample(pixels, middleSquare(pixels), inputSize, inputSize, 1)
  const values = new Float32Array(copies * face.length)
  for (let copy = 0; copy < copies; copy++) {
    augmentFace(face, 0, inputSize, values, copy * face.length, inputSize, random, copy === 0 ? noAugmentation : {})
  }
  return values
}

function check(name: string, value: number, good: boolean, wanted: string): void {
  if (!good) throw new EmoRangeError('OPTION_RANGE', `${name} must be ${wanted}, not ${value}.`, { details: { [name]: value } })
}
