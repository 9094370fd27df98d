import { EMOTIONS, isEmotion, type Emotion } from '@emo/datasets'
import { EmoError, EmoRangeError } from '@emo/errors'
import { createRandom, tf } from '@emo/runtime'
import { checkInput } from './audioInput.ts'
import { logitsModel } from './definitions/logitsModel.ts'
import { cloneNetwork } from './definitions/cloneNetwork.ts'
import type { SpeechInput } from './prediction.ts'
import { SpeechEmotionModel } from './speechEmotionModel.ts'

/** A recording and the emotion in it. */
export interface SpeechExample extends SpeechInput {
  readonly emotion: Emotion
}

/** How {@link fineTune} works. */
export interface FineTuneOptions {
  /** `'head'` (default) trains the last layer on what the rest makes of the examples: seconds. `'all'` trains every layer. */
  readonly layers?: 'head' | 'all'
  /** Passes over the examples. Default 60 for the head, 10 for all. */
  readonly epochs?: number
  /** Step of the Adam optimiser. Default 0.01 for the head, 0.0005 for all. */
  readonly learningRate?: number
  /** Examples a step. Default 32. */
  readonly batchSize?: number
  /** Pull back towards the weights before, so that few examples do not undo what many taught. Default 0.02. */
  readonly anchor?: number
  /** Seed of the order of examples. Default 1. */
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

/**
 * Adapts a model to a speaker, a room or a microphone by labelled recordings, in Node or in the browser.
 *
 * Emotions without an example are kept as they were learned. The model given is left as it is.
 *
 * @param model - where to start
 * @param examples - at least one; recordings without speech are refused
 * @returns a new model, to be saved with {@link SpeechEmotionModel.save} and disposed of by the caller
 * @throws EmoError `EXAMPLES_EMPTY`, `EMOTION_UNKNOWN`, `EXAMPLE_WITHOUT_SPEECH`, `FINE_TUNE_ABORTED`, and those of `predict`; EmoRangeError `OPTION_INVALID`
 */
export async function fineTune(model: SpeechEmotionModel, examples: readonly SpeechExample[], options: FineTuneOptions = {}): Promise<SpeechEmotionModel> {
  const { layers = 'head', batchSize = 32, anchor = 0.02, seed = 1, onProgress, signal } = options
  const head = layers === 'head'
  const epochs = options.epochs ?? (head ? 60 : 10)
  const learningRate = options.learningRate ?? (head ? 0.01 : 0.0005)
  checkOption('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a positive integer')
  checkOption('batchSize', batchSize, Number.isInteger(batchSize) && batchSize > 0, 'a positive integer')
  checkOption('learningRate', learningRate, learningRate > 0 && learningRate < 1, 'a number between 0 and 1')
  checkOption('anchor', anchor, anchor >= 0, 'a number of at least 0')
  if (layers !== 'head' && layers !== 'all') throw new EmoRangeError('OPTION_INVALID', `layers is ${String(layers)}; give 'head' or 'all'`)

  const rows = prepare(model, examples)
  const network = await cloneNetwork(model.network)
  const tuned = new SpeechEmotionModel(network, model.metadata)
  try {
    const inputs = head ? embed(network, rows) : rows.map(({ values, frames }) => ({ values, frames }))
    const logits = head ? network.getLayer('logits') : logitsModel(network)
    const variables = logits.trainableWeights.map((weight) => weight.read() as tf.Variable)
    const before = variables.map((variable) => tf.clone(variable))
    const optimizer = tf.train.adam(learningRate)
    const random = createRandom(seed, 'fine-tune')
    try {
      for (let epoch = 1; epoch <= epochs; epoch++) {
        const order = random.shuffle(rows.map((_, i) => i))
        let loss = 0
        let hits = 0
        for (let start = 0; start < order.length; start += batchSize) {
          if (signal?.aborted) throw new EmoError('FINE_TUNE_ABORTED', 'fine-tuning was aborted', { cause: signal.reason })
          const chosen = order.slice(start, start + batchSize)
          const step = tf.tidy(() => {
            const x = stack(chosen.map((i) => inputs[i]), head)
            const labels = chosen.map((i) => rows[i].label)
            const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), EMOTIONS.length)
            let answers: ArrayLike<number> = []
            const { value, grads } = tf.variableGrads(() => {
              // Inference mode: so few examples make poor batch statistics.
              const output = logits.apply(x) as tf.Tensor2D
              answers = tf.argMax(output, 1).dataSync()
              const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(targets, tf.logSoftmax(output)), 1)))
              const drift = tf.addN(variables.map((variable, i) => tf.sum(tf.squaredDifference(variable, before[i]))))
              return tf.add<tf.Scalar>(crossEntropy, tf.mul(drift, anchor))
            }, variables)
            optimizer.applyGradients(Object.entries(grads).map(([name, tensor]) => ({ name, tensor })))
            return { loss: value.dataSync()[0], hits: labels.filter((label, i) => answers[i] === label).length }
          })
          loss += step.loss * chosen.length
          hits += step.hits
        }
        onProgress?.({ epoch, epochs, loss: loss / rows.length, accuracy: hits / rows.length })
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

/** One stretch of an example: network input or embedding. */
interface Row {
  readonly frames: number
  readonly values: Float32Array
  readonly label: number
}

/** Network input of every stretch of every example. */
function prepare(model: SpeechEmotionModel, examples: readonly SpeechExample[]): Row[] {
  if (examples.length === 0) throw new EmoError('EXAMPLES_EMPTY', 'there are no examples to learn from; give at least one')
  return examples.flatMap((example, index) => {
    if (!isEmotion(example.emotion)) {
      throw new EmoError('EMOTION_UNKNOWN', `example ${index}: "${String(example.emotion)}" is not one of ${EMOTIONS.join(', ')}`, { details: { index, emotion: example.emotion } })
    }
    const label = EMOTIONS.indexOf(example.emotion)
    const stretches = model.extractFeatures(checkInput(example))
    if (stretches.length === 0) {
      throw new EmoError('EXAMPLE_WITHOUT_SPEECH', `example ${index} (${example.emotion}) holds no speech; leave it out`, { details: { index } })
    }
    return stretches.map(({ frames, values }) => ({ frames, values, label }))
  })
}

/** What the layers before the last make of each row. */
function embed(network: tf.LayersModel, rows: readonly Row[]): { frames: number; values: Float32Array }[] {
  const body = tf.model({ inputs: network.inputs, outputs: network.getLayer('logits').input })
  return rows.map((row) => {
    const values = tf.tidy(() => (body.apply(stack([row], false)) as tf.Tensor).dataSync<'float32'>())
    return { frames: 1, values }
  })
}

/** Rows as one tensor: `[rows, size]` of embeddings, `[rows, frames, features]` of clips. */
function stack(rows: readonly { readonly frames: number; readonly values: Float32Array }[], embedded: boolean): tf.Tensor {
  const columns = rows[0].values.length / rows[0].frames
  const frames = Math.max(...rows.map((row) => row.frames))
  const values = new Float32Array(rows.length * frames * columns)
  rows.forEach((row, i) => values.set(row.values, i * frames * columns))
  return embedded ? tf.tensor2d(values, [rows.length, columns]) : tf.tensor3d(values, [rows.length, frames, columns])
}

function checkOption(name: string, value: number, good: boolean, wanted: string): void {
  if (!good) throw new EmoRangeError('OPTION_INVALID', `${name} is ${String(value)}; give ${wanted}`, { details: { [name]: value } })
}
