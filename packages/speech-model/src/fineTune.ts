import { EMOTIONS, isEmotion, type Emotion } from '@emo/datasets'
import { EmoError, EmoRangeError } from '@emo/errors'
import { checkOptions, createPauses, createRandom, describeValue, fineTuneLoop, tf, type FineTuneSettings } from '@emo/runtime'
import { checkInput } from './audioInput.ts'
import { logitsModel } from './definitions/logitsModel.ts'
import { cloneNetwork } from './definitions/cloneNetwork.ts'
import { padFeatures } from './features/padFeatures.ts'
import type { SpeechFeatures } from './features/speechFeatures.ts'
import type { SpeechInput } from './prediction.ts'
import { SpeechEmotionModel } from './speechEmotionModel.ts'

/** A recording and the emotion in it. */
export interface SpeechExample extends SpeechInput {
  readonly emotion: Emotion
}

/** How {@link fineTune} works. Default `epochs`: 60 for the head, 10 for all. Default `learningRate`: 0.01 for the head, 0.0005 for all. */
export interface FineTuneOptions extends FineTuneSettings {
  /** `'head'` (default) trains the last layer on what the rest makes of the examples: seconds. `'all'` trains every layer. */
  readonly layers?: 'head' | 'all'
}

/**
 * Adapts a model to a speaker, a room or a microphone by labelled recordings, in Node or in the browser.
 *
 * Emotions without an example are kept as they were learned. The model given is left as it is.
 *
 * @param model - where to start
 * @param examples - at least one; recordings without speech are refused. They are read one after the other, before the training begins: leave their samples as they are until then
 * @returns a new model, to be saved with {@link SpeechEmotionModel.save} and disposed of by the caller
 * @throws EmoError `EXAMPLES_EMPTY`, `EMOTION_UNKNOWN`, `EXAMPLE_WITHOUT_SPEECH`, `FINE_TUNE_ABORTED`, `MODEL_EXPECTED`, `OPTIONS_NOT_OBJECT`, and those of
 * `predict`; EmoRangeError `OPTION_INVALID`
 */
export async function fineTune(
  model: SpeechEmotionModel,
  examples: readonly SpeechExample[],
  options: FineTuneOptions = {},
): Promise<SpeechEmotionModel> {
  checkOptions(options, '{ epochs: 60 }')
  const { layers = 'head', batchSize = 32, anchor = 0.02, seed = 1, onProgress, signal } = options
  const head = layers === 'head'
  const epochs = options.epochs ?? (head ? 60 : 10)
  const learningRate = options.learningRate ?? (head ? 0.01 : 0.0005)
  checkOption('epochs', epochs, Number.isInteger(epochs) && epochs > 0, 'a positive integer')
  checkOption('batchSize', batchSize, Number.isInteger(batchSize) && batchSize > 0, 'a positive integer')
  checkOption(
    'learningRate',
    learningRate,
    Number.isFinite(learningRate) && learningRate > 0 && learningRate < 1,
    'a number between 0 and 1',
  )
  checkOption('anchor', anchor, Number.isFinite(anchor) && anchor >= 0, 'a finite number of at least 0')
  if (layers !== 'head' && layers !== 'all') throw new EmoRangeError('OPTION_INVALID', `layers is ${String(layers)}; give 'head' or 'all'`)

  const pause = createPauses(signal)
  const rows = await prepare(model, examples, pause)
  const network = await cloneNetwork(model.network)
  const tuned = new SpeechEmotionModel(network, model.metadata)
  try {
    const inputs = head ? await embed(network, rows, pause) : rows.map(({ values, frames }) => ({ values, frames }))
    const logits = head ? network.getLayer('logits') : logitsModel(network)
    const variables = logits.trainableWeights.map((weight) => weight.read() as tf.Variable)
    await fineTuneLoop(
      {
        labels: rows.map(({ label }) => label),
        classes: EMOTIONS.length,
        variables,
        logProbabilities: (chosen) =>
          tf.logSoftmax(
            logits.apply(
              stack(
                chosen.map((i) => inputs[i]),
                head,
              ),
            ) as tf.Tensor2D,
          ),
        random: createRandom(seed, 'fine-tune'),
      },
      { epochs, learningRate, batchSize, anchor, onProgress, signal },
    )
    return tuned
  } catch (error) {
    tuned.dispose()
    throw error
  }
}

/** One stretch of an example: network input or embedding. */
interface Row extends SpeechFeatures {
  readonly label: number
}

/** Network input of every stretch of every example. */
async function prepare(model: SpeechEmotionModel, examples: readonly SpeechExample[], pause: () => Promise<void>): Promise<Row[]> {
  // The declared types are not what every caller gives. A model of this package's other build, ESM or CommonJS, is of another class.
  const source = model as Partial<SpeechEmotionModel> | null | undefined
  if (typeof source?.extractFeatures !== 'function') {
    throw new EmoError('MODEL_EXPECTED', `model is ${describeValue(model)}; give a SpeechEmotionModel`)
  }
  const given: unknown = examples
  if (!Array.isArray(given) || given.length === 0)
    throw new EmoError('EXAMPLES_EMPTY', 'there are no examples to learn from; give at least one')
  const rows: Row[] = []
  for (const [index, example] of examples.entries()) {
    await pause()
    if (typeof example !== 'object' || (example as unknown) === null) {
      throw new EmoError('AUDIO_INVALID', `example ${index} is ${describeValue(example)}; give { samples, sampleRate, emotion }`, {
        details: { index },
      })
    }
    if (!isEmotion(example.emotion)) {
      throw new EmoError('EMOTION_UNKNOWN', `example ${index}: "${String(example.emotion)}" is not one of ${EMOTIONS.join(', ')}`, {
        details: { index, emotion: example.emotion },
      })
    }
    const label = EMOTIONS.indexOf(example.emotion)
    const stretches = model.extractFeatures(checkInput(example))
    if (stretches.length === 0) {
      throw new EmoError('EXAMPLE_WITHOUT_SPEECH', `example ${index} (${example.emotion}) holds no speech; leave it out`, {
        details: { index },
      })
    }
    rows.push(...stretches.map(({ frames, values }) => ({ frames, values, label })))
  }
  return rows
}

/** What the layers before the last make of each row. */
async function embed(network: tf.LayersModel, rows: readonly Row[], pause: () => Promise<void>): Promise<SpeechFeatures[]> {
  const body = tf.model({ inputs: network.inputs, outputs: network.getLayer('logits').input })
  const embeddings: SpeechFeatures[] = []
  for (const row of rows) {
    await pause()
    const values = tf.tidy(() => (body.apply(stack([row], false)) as tf.Tensor).dataSync<'float32'>())
    embeddings.push({ frames: 1, values })
  }
  return embeddings
}

/** Rows as one tensor: `[rows, size]` of embeddings, `[rows, frames, features]` of clips. */
function stack(rows: readonly SpeechFeatures[], embedded: boolean): tf.Tensor {
  const columns = rows[0].values.length / rows[0].frames
  const { frames, values } = padFeatures(rows, columns)
  return embedded ? tf.tensor2d(values, [rows.length, columns]) : tf.tensor3d(values, [rows.length, frames, columns])
}

function checkOption(name: string, value: number, good: boolean, wanted: string): void {
  if (!good) throw new EmoRangeError('OPTION_INVALID', `${name} is ${String(value)}; give ${wanted}`, { details: { [name]: value } })
}
