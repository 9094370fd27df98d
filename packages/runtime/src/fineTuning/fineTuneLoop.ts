import { argMax } from '../metrics/softmax.ts'
import type { Random } from '../random.ts'
import * as tf from '../tf.ts'
import { createPauses } from './pauses.ts'

/** How a model is adapted to a few examples. */
export interface FineTuneSettings {
  /** Passes over the examples. */
  readonly epochs?: number
  /** Step of the Adam optimiser. */
  readonly learningRate?: number
  /** Examples a step. Default 32. */
  readonly batchSize?: number
  /** Pull back towards the weights before, so that few examples do not undo what many taught. Default 0.02. */
  readonly anchor?: number
  /** Seed of everything that is drawn by lot. Default 1. */
  readonly seed?: number
  /** Called after every epoch. */
  readonly onProgress?: (progress: FineTuneProgress) => void
  readonly signal?: AbortSignal
}

/** How far fine-tuning is. */
export interface FineTuneProgress {
  /** Epochs done. */
  readonly epoch: number
  readonly epochs: number
  /** Mean cross-entropy over the epoch. */
  readonly loss: number
  /** Share of the examples answered right during the epoch. */
  readonly accuracy: number
}

/** What {@link fineTuneLoop} trains. */
export interface FineTuneTask {
  /** Class of each example. */
  readonly labels: readonly number[]
  readonly classes: number
  /** Trained in place. */
  readonly variables: readonly tf.Variable[]
  /** Logarithms of the probabilities of the chosen examples, `[chosen, classes]`, in inference mode: so few examples make poor batch statistics. */
  readonly logProbabilities: (chosen: readonly number[]) => tf.Tensor2D
  /** Order of the examples. */
  readonly random: Random
}

/**
 * Minimises the cross-entropy plus `anchor` times the squared distance from the weights before, by Adam.
 *
 * @throws EmoError `FINE_TUNE_ABORTED`; the variables are then wherever they were
 */
export async function fineTuneLoop(
  task: FineTuneTask,
  settings: FineTuneSettings & Required<Pick<FineTuneSettings, 'epochs' | 'learningRate' | 'batchSize' | 'anchor'>>,
): Promise<void> {
  const { labels, variables, random } = task
  const { epochs, learningRate, batchSize, anchor, onProgress, signal } = settings
  const before = variables.map((variable) => tf.clone(variable))
  const optimizer = tf.train.adam(learningRate)
  const pause = createPauses(signal)
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const order = random.shuffle(labels.map((_, i) => i))
      let loss = 0
      let hits = 0
      for (let start = 0; start < order.length; start += batchSize) {
        await pause()
        const chosen = order.slice(start, start + batchSize)
        const step = trainStep(task, chosen, before, anchor, optimizer)
        loss += step.loss * chosen.length
        hits += step.hits
      }
      onProgress?.({ epoch, epochs, loss: loss / labels.length, accuracy: hits / labels.length })
    }
  } finally {
    tf.dispose(before)
    optimizer.dispose()
  }
}

function trainStep(
  { labels, classes, variables, logProbabilities }: FineTuneTask,
  chosen: readonly number[],
  before: readonly tf.Tensor[],
  anchor: number,
  optimizer: tf.Optimizer,
): { loss: number; hits: number } {
  return tf.tidy(() => {
    const truths = chosen.map((i) => labels[i])
    const targets = tf.oneHot(tf.tensor1d(truths, 'int32'), classes)
    let answers: Float32Array = new Float32Array()
    const { value, grads } = tf.variableGrads(() => {
      const logs = logProbabilities(chosen)
      answers = logs.dataSync<'float32'>()
      const crossEntropy = tf.neg(tf.mean(tf.sum(tf.mul(targets, logs), 1)))
      const drift = tf.addN(variables.map((variable, i) => tf.sum(tf.squaredDifference(variable, before[i]))))
      return tf.add<tf.Scalar>(crossEntropy, tf.mul(drift, anchor))
    }, [...variables])
    optimizer.applyGradients(grads)
    const hits = truths.filter((truth, row) => argMax(answers, row * classes, classes) === truth).length
    return { loss: value.dataSync()[0], hits }
  })
}
