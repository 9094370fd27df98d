import { argMax, tf, type Random } from '@emo/runtime'
import { mixRows, shardRows, type CreateJob, type TrainingJob } from '@emo/runtime/training'
import { augmentFace, noAugmentation, standardizeImage, type AugmentationOptions } from '../src/augmentation.ts'
import { buildFaceModel, faceLogits, type FaceModelBlock } from '../src/buildFaceModel.ts'
import { buildPaperCnn } from '../src/buildPaperCnn.ts'
import { faceEmotions, ferPlusEmotions } from '../src/faceEmotions.ts'
import { faceSize, loadFaceData, type FaceSet } from './faceSet.ts'
import { readStart } from './startWeights.ts'
import { loadTeachers } from './teachers.ts'

/** What a run of the face recipe is made of; part of its checkpoint's identity. */
export interface FaceRecipe {
  /** `best`: {@link buildFaceModel}; `paper`: {@link buildPaperCnn}. */
  readonly model: 'best' | 'paper'
  /** Written by `prepareFaceData`. */
  readonly dataFile: string
  /** Examples a step, over all workers. */
  readonly batchSize: number
  /** Sides of the training images in turn: from which epoch (from 0) on which side. Small images first cost little and teach most. */
  readonly sizes: readonly { readonly fromEpoch: number; readonly size: number }[]
  /** From which epoch (from 0) on which augmentation; what is left out is {@link augmentFace}'s default. */
  readonly augmentation: readonly { readonly fromEpoch: number; readonly options: AugmentationOptions }[]
  /** Part of a hard label's probability that is spread over all classes. */
  readonly labelSmoothing: number
  /** Shape of the beta distribution of mixup, which {@link mixedBatches} of the batches have. Default: none. */
  readonly mixup?: number
  /** Weight of the FERPlus head's loss beside FER2013's; `paper` has no such head. */
  readonly ferPlusWeight: number
  readonly dropout: number
  readonly stem: readonly [number, number]
  readonly blocks: readonly FaceModelBlock[]
  /** Folders of exported weights whose answers are half of the targets. Default: none. */
  readonly teachers?: readonly string[]
  /** Weights to start from, written by `writeStart`; default: new ones. */
  readonly startFrom?: string
}

/** One replica's share of a batch. */
export interface FaceBatch {
  readonly size: number
  readonly count: number
  /** `[count, size, size, 1]`, augmented and standardised. */
  readonly images: Float32Array
  readonly labels: Uint8Array
  /** `[count, 7]`, each row adding up to 1: the labels, smoothed and mixed. */
  readonly targets: Float32Array
  /** `[count, 8]` */
  readonly votes: Float32Array
  /** 1 where there are votes, else 0; in between where mixup took a part of each. */
  readonly hasVotes: Float32Array
}

const ferClasses = faceEmotions.length
const plusClasses = ferPlusEmotions.length
/** Share of the batches that mixup is for. */
const mixedBatches = 0.5
/** Images a forward pass in evaluation. */
const evaluationBatch = 64

export const createJob: CreateJob<FaceRecipe, FaceBatch> = async ({ rank, size, config }) => {
  const { train, validation } = loadFaceData(config.dataFile)
  const teach = await loadTeachers(config.teachers ?? [])
  const job =
    config.model === 'paper' ? paperJob(config, train, validation, rank, size) : bestJob(config, train, validation, teach, rank, size)
  if (config.startFrom !== undefined) readStart(job.model, config.startFrom)
  return job
}

/** The network that a recipe trains. */
export function trainingNetwork({ model, stem, blocks, dropout }: FaceRecipe): tf.LayersModel {
  return model === 'paper' ? buildPaperCnn({ dropout }) : buildFaceModel({ inputSize: null, stem, blocks, dropout })
}

function bestJob(
  config: FaceRecipe,
  train: FaceSet,
  validation: FaceSet,
  teach: (batch: FaceBatch) => void,
  rank: number,
  size: number,
): TrainingJob<FaceBatch> {
  return {
    model: trainingNetwork(config),
    ...batches(config, train, rank, size, teach),
    loss(model, batch) {
      const images = tf.tensor4d(batch.images, [batch.count, batch.size, batch.size, 1])
      const logits = model.apply(images, { training: true }) as tf.Tensor2D
      const fer = tf.slice(logits, [0, 0], [batch.count, ferClasses])
      const plus = tf.slice(logits, [0, ferClasses], [batch.count, plusClasses])
      const targets = tf.tensor2d(batch.targets, [batch.count, ferClasses])
      const ferLoss: tf.Scalar = tf.losses.softmaxCrossEntropy(targets, fer, undefined, 0, tf.Reduction.MEAN)
      const plusLoss: tf.Scalar = tf.losses.softmaxCrossEntropy(
        tf.tensor2d(batch.votes, [batch.count, plusClasses]),
        plus,
        tf.tensor1d(batch.hasVotes),
        0,
        tf.Reduction.SUM,
      )
      return {
        loss: tf.add<tf.Scalar>(ferLoss, tf.mul(plusLoss, config.ferPlusWeight / batch.count)),
        count: batch.count,
        metrics: { accuracy: accuracyOf(fer, batch.labels) },
      }
    },
    async evaluate(model, context) {
      const own = shardRows(indices(validation.count), rank, size)
      const sums = new Float32Array(4)
      predictRows(model, validation, own, faceLogits, (row, logits) => {
        sums[0]++
        if (argMax(logits, 0, ferClasses) === validation.labels[row]) sums[1]++
        if (validation.majority[row] === 255) return
        sums[2]++
        if (argMax(logits.subarray(ferClasses), 0, plusClasses) === validation.majority[row]) sums[3]++
      })
      const [count, correct, plusCount, plusCorrect] = addUp(await context.gather(sums))
      return { accuracy: correct / count, ferPlusAccuracy: plusCorrect / plusCount }
    },
  }
}

function paperJob(config: FaceRecipe, train: FaceSet, validation: FaceSet, rank: number, size: number): TrainingJob<FaceBatch> {
  return {
    model: trainingNetwork(config),
    ...batches(config, train, rank, size),
    loss(model, batch) {
      const images = tf.tensor4d(batch.images, [batch.count, batch.size, batch.size, 1])
      const probabilities = model.apply(images, { training: true }) as tf.Tensor2D
      const targets = tf.tensor2d(batch.targets, [batch.count, ferClasses])
      return {
        loss: tf.mean<tf.Scalar>(tf.metrics.categoricalCrossentropy(targets, probabilities)),
        count: batch.count,
        metrics: { accuracy: accuracyOf(probabilities, batch.labels) },
      }
    },
    async evaluate(model, context) {
      const own = shardRows(indices(validation.count), rank, size)
      const sums = new Float32Array(2)
      predictRows(model, validation, own, ferClasses, (row, probabilities) => {
        sums[0]++
        if (argMax(probabilities) === validation.labels[row]) sums[1]++
      })
      const [count, correct] = addUp(await context.gather(sums))
      return { accuracy: correct / count }
    },
  }
}

function batches(
  config: FaceRecipe,
  train: FaceSet,
  rank: number,
  size: number,
  teach: (batch: FaceBatch) => void = () => undefined,
): Pick<TrainingJob<FaceBatch>, 'batchesPerEpoch' | 'trainBatches'> {
  const batchesPerEpoch = Math.floor(train.count / config.batchSize)
  return {
    batchesPerEpoch,
    *trainBatches(epoch, random) {
      const side = config.sizes.filter(({ fromEpoch }) => epoch >= fromEpoch).at(-1)?.size ?? faceSize
      const augmentation = config.augmentation.filter(({ fromEpoch }) => epoch >= fromEpoch).at(-1)?.options
      const order = random.shuffle(Int32Array.from({ length: train.count }, (_, index) => index))
      for (let batch = 0; batch < batchesPerEpoch; batch++) {
        const rows = shardRows(order.subarray(batch * config.batchSize, (batch + 1) * config.batchSize), rank, size)
        const made = makeBatch(train, rows, side, random, { augmentation, labelSmoothing: config.labelSmoothing, mixup: config.mixup })
        teach(made)
        yield made
      }
    },
  }
}

/** Augments the rows into one batch. */
export function makeBatch(
  set: FaceSet,
  rows: readonly number[],
  size: number,
  random: Random,
  options: { readonly augmentation?: AugmentationOptions; readonly labelSmoothing?: number; readonly mixup?: number } = {},
): FaceBatch {
  const { augmentation, labelSmoothing = 0, mixup = 0 } = options
  const count = rows.length
  const images = new Float32Array(count * size * size)
  const labels = new Uint8Array(count)
  const targets = new Float32Array(count * ferClasses).fill(labelSmoothing / ferClasses)
  const votes = new Float32Array(count * plusClasses)
  const hasVotes = new Float32Array(count)
  rows.forEach((row, index) => {
    // A stream of its own for each example: the same picture whichever replica makes it.
    const own = random.fork('augment', row)
    augmentFace(set.pixels, row * faceSize * faceSize, faceSize, images, index * size * size, size, () => own.next(), augmentation)
    labels[index] = set.labels[row]
    targets[index * ferClasses + set.labels[row]] += 1 - labelSmoothing
    const distribution = set.votes.subarray(row * plusClasses, (row + 1) * plusClasses)
    votes.set(distribution, index * plusClasses)
    hasVotes[index] = distribution.some((part) => part > 0) ? 1 : 0
  })
  if (mixup > 0) {
    const own = random.fork('mixup', ...rows.slice(0, 1))
    if (own.next() < mixedBatches) mixFaces({ size, count, images, labels, targets, votes, hasVotes }, mixup, own)
  }
  return { size, count, images, labels, targets, votes, hasVotes }
}

/** Mixup; what comes out is standardised as served pictures are, and votes are a distribution again. */
function mixFaces({ size, count, images, targets, votes, hasVotes }: FaceBatch, shape: number, random: Random): void {
  mixRows([images, targets, votes, hasVotes], count, shape, random)
  for (let i = 0; i < count; i++) {
    standardizeImage(images, i * size * size, size * size)
    for (let k = 0; k < plusClasses; k++) if (hasVotes[i] > 0) votes[i * plusClasses + k] /= hasVotes[i]
  }
}

/** Runs a model on the rows, one crop each, as serving does. */
export function predictRows(
  model: tf.LayersModel,
  set: FaceSet,
  rows: readonly number[],
  outputs: number,
  use: (row: number, output: Float32Array) => void,
): void {
  const area = faceSize * faceSize
  for (let start = 0; start < rows.length; start += evaluationBatch) {
    const part = rows.slice(start, start + evaluationBatch)
    const images = new Float32Array(part.length * area)
    part.forEach((row, index) => {
      augmentFace(set.pixels, row * area, faceSize, images, index * area, faceSize, half, noAugmentation)
    })
    const values = tf.tidy(() =>
      (model.apply(tf.tensor4d(images, [part.length, faceSize, faceSize, 1]), { training: false }) as tf.Tensor).dataSync<'float32'>(),
    )
    part.forEach((row, index) => {
      use(row, values.subarray(index * outputs, (index + 1) * outputs))
    })
  }
}

function half(): number {
  return 0.5
}

/** 0 to `count` - 1. */
export function indices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

function addUp(parts: readonly Float32Array[]): number[] {
  return Array.from(parts[0], (_, index) => parts.reduce((sum, part) => sum + part[index], 0))
}

function accuracyOf(scores: tf.Tensor2D, labels: Uint8Array): tf.Scalar {
  const values = scores.dataSync<'float32'>()
  const classes = scores.shape[1]
  let correct = 0
  labels.forEach((label, index) => {
    if (argMax(values, index * classes, classes) === label) correct++
  })
  return tf.scalar(correct / labels.length)
}
