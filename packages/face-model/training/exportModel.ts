import { mkdir, rm } from 'node:fs/promises'
import type { tf } from '@emo/runtime'
import {
  argMax,
  classificationReport,
  confusionMatrix,
  expectedCalibrationError,
  fitTemperature,
  loadModel,
  negativeLogLikelihood,
  startBackend,
} from '@emo/runtime'
import { savedModel, saveModel } from '@emo/runtime/node'
import { writeReport } from '@emo/runtime/report'
import type { TrainingResult } from '@emo/runtime/training'
import { buildFaceModel, faceLogits } from '../src/buildFaceModel.ts'
import { faceEmotions, ferPlusEmotions } from '../src/faceEmotions.ts'
import type { FaceModelCard } from '../src/faceModelCard.ts'
import { calibrate, mixHeads } from '../src/facePrediction.ts'
import { foldBatchNormalization } from '../src/foldBatchNormalization.ts'
import type { FaceModelMetadata } from '../src/modelMetadata.ts'
import { averageWeights } from './averageWeights.ts'
import { describe } from './describe.ts'
import { faceSize, loadFaceData, type FaceData, type FaceSet } from './faceSet.ts'
import { writeCard } from './modelFolder.ts'
import { indices, predictRows, trainingNetwork, type FaceRecipe } from './recipe.ts'

/** What a stage of a run ended with. */
export interface TrainedEnd {
  readonly config: FaceRecipe
  readonly apply: TrainingResult['apply']
}

/** What {@link exportModel} needs to know about a run. */
export interface FinishedRun {
  /** What the stages ended with whose mean is shipped, the last one last. */
  readonly ends: readonly TrainedEnd[]
  /** Folders of shipped weights that belong to that mean, too. */
  readonly averageWith: readonly string[]
  readonly seed: number
  /** The command that ran it. */
  readonly command: string
  /** Of the weights that the run went on from. */
  readonly before?: FaceModelCard['training']
  /** Of all stages. */
  readonly history: TrainingResult['history']
  /** Folder for `model.json`, `weights.bin`, `card.json` and `CARD.md`. */
  readonly out: string
  /** Folder for `report.json` and the pictures. */
  readonly report: string
}

const classes = faceEmotions.length

/**
 * Turns a finished run into what the package ships: folds batch normalisation, averages, stores float16, reads that back, calibrates and measures it on PublicTest,
 * and writes weights, card and report.
 */
export async function exportModel({ ends, averageWith, seed, command, before, history, out, report }: FinishedRun): Promise<FaceModelCard> {
  await startBackend()
  const { config } = ends[ends.length - 1]
  const data = loadFaceData(config.dataFile)
  const earlier = await Promise.all(averageWith.map(async (folder) => (await loadModel(savedModel(folder))).model))
  const networks = [...earlier, ...ends.map(inferenceNetwork)]
  const network = networks.pop()!
  averageWeights(network, networks)
  for (const other of networks) other.dispose()

  // What is measured is what is shipped: the rounded weights, read back from their file.
  const draft = `${out}.draft`
  await saveModel(network, draft)
  const { model: shipped } = await loadModel(savedModel(draft))
  const outputs = config.model === 'paper' ? classes : faceLogits
  const raw = rawOutputs(shipped, data.validation, outputs)
  const output = config.model === 'paper' ? 'probabilities' : 'logits'
  const ferPlusShare = output === 'logits' ? bestShare(raw, data.validation, outputs) : 0
  const mixed = mixAll(raw, outputs, output, ferPlusShare)
  const temperature = fitTemperature(logarithms(mixed), data.validation.labels, classes)
  const probabilities = calibrateAll(mixed, temperature)
  // Below one half an answer of a calibrated model is more likely wrong than right.
  const uncertainBelow = 0.5

  const card: FaceModelCard = {
    ...describe(config.model),
    parameters: shipped.countParams(),
    training: {
      corpus: 'FER2013 (Training), with FERPlus votes',
      images: data.train.count,
      leftOut: data.leftOut,
      epochs: history.length,
      seed,
      command,
      ...(networks.length > 0 && { averaged: networks.length + 1 }),
      ...(config.teachers !== undefined && { teachers: config.teachers.length }),
      ...(before !== undefined && { continuedFrom: before }),
    },
    evaluation: evaluate(data, mixed, probabilities, raw, outputs, uncertainBelow),
  }
  const metadata: FaceModelMetadata = {
    inputSize: faceSize,
    output,
    ferPlusShare,
    temperature,
    uncertainBelow,
    emotions: faceEmotions,
    card,
  }
  await mkdir(out, { recursive: true })
  await saveModel(network, out, { metadata: { face: metadata } })
  await rm(draft, { recursive: true, force: true })
  await writeCard(out, card)
  await writeReport(report, {
    name: card.name,
    history,
    evaluation: { truth: data.validation.labels, probabilities, classNames: faceEmotions },
    // Where files lay on this machine tells nobody anything.
    details: { recipe: { ...config, dataFile: undefined, startFrom: undefined, teachers: config.teachers?.length }, card },
  })
  shipped.dispose()
  network.dispose()
  const { publicTest, ferPlusValid } = card.evaluation
  console.log(
    `PublicTest ${percent(publicTest.accuracy)}, UAR ${percent(publicTest.unweightedAverageRecall)}, calibration error ${publicTest.expectedCalibrationError.toFixed(3)}` +
      (ferPlusValid === undefined ? '' : `; FERPlus Valid majority ${percent(ferPlusValid.accuracy)}`) +
      `\nweights and card: ${out}\nreport: ${report}`,
  )
  return card
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`
}

function inferenceNetwork({ config, apply }: TrainedEnd): tf.LayersModel {
  const trained = trainingNetwork(config)
  apply(trained)
  if (config.model === 'paper') return trained
  const { stem, blocks, dropout } = config
  const network = buildFaceModel({ inputSize: faceSize, stem, blocks, dropout, batchNormalization: false })
  foldBatchNormalization(trained, network)
  trained.dispose()
  return network
}

function rawOutputs(model: tf.LayersModel, set: FaceSet, outputs: number): Float32Array {
  const values = new Float32Array(set.count * outputs)
  predictRows(model, set, indices(set.count), outputs, (row, output) => {
    values.set(output, row * outputs)
  })
  return values
}

/** The weight of the FERPlus head, of a few, with the best likelihood of FER2013's labels after calibration. */
function bestShare(raw: Float32Array, set: FaceSet, outputs: number): number {
  const score = (share: number): number => {
    const logits = logarithms(mixAll(raw, outputs, 'logits', share))
    return negativeLogLikelihood(logits, set.labels, classes, fitTemperature(logits, set.labels, classes))
  }
  return [0, 0.1, 0.2, 0.3, 0.4, 0.5].map((share) => ({ share, loss: score(share) })).reduce((a, b) => (b.loss < a.loss ? b : a)).share
}

function mixAll(raw: Float32Array, outputs: number, kind: FaceModelMetadata['output'], share: number): Float32Array {
  return mapRows(raw, outputs, (row) => mixHeads(row, kind, share))
}

function calibrateAll(mixed: Float32Array, temperature: number): Float32Array {
  return mapRows(mixed, classes, (row) => calibrate(row, temperature))
}

function mapRows(values: Float32Array, columns: number, change: (row: Float32Array) => Float32Array): Float32Array {
  const count = values.length / columns
  const result = new Float32Array(count * classes)
  for (let row = 0; row < count; row++) result.set(change(values.subarray(row * columns, (row + 1) * columns)), row * classes)
  return result
}

function logarithms(probabilities: Float32Array): Float32Array {
  return probabilities.map((value) => Math.log(Math.max(value, 1e-7)))
}

function evaluate(
  { validation }: FaceData,
  mixed: Float32Array,
  probabilities: Float32Array,
  raw: Float32Array,
  outputs: number,
  uncertainBelow: number,
): FaceModelCard['evaluation'] {
  const rows = indices(validation.count)
  const answers = rows.map((row) => argMax(probabilities, row * classes, classes))
  const isRight = (row: number): boolean => answers[row] === validation.labels[row]
  const matrix = confusionMatrix(validation.labels, answers, classes)
  const figures = classificationReport(matrix, faceEmotions)
  const distinct = rows.filter((row) => validation.alsoInTrain[row] === 0)
  const certain = rows.filter((row) => probabilities[row * classes + answers[row]] >= uncertainBelow)
  const agreed = rows.filter((row) => validation.majority[row] !== 255)
  const plusRight = agreed.filter((row) => argMax(raw, row * outputs + classes, ferPlusEmotions.length) === validation.majority[row])
  return {
    publicTest: {
      images: validation.count,
      accuracy: figures.accuracy,
      unweightedAverageRecall: figures.unweightedAverageRecall,
      macroF1: figures.macro.f1,
      classes: figures.classes.map(({ precision, recall, f1, support }, k) => ({
        emotion: faceEmotions[k],
        precision,
        recall,
        f1,
        support,
      })),
      confusion: matrix,
      expectedCalibrationError: crossCalibrationError(mixed, validation.labels),
      withoutDuplicates: { images: distinct.length, accuracy: distinct.filter(isRight).length / distinct.length },
      certain: { share: certain.length / rows.length, accuracy: certain.filter(isRight).length / certain.length },
    },
    ...(outputs === faceLogits && { ferPlusValid: { images: agreed.length, accuracy: plusRight.length / agreed.length } }),
  }
}

/** Calibration error where the temperature of each half (even and odd rows) was fitted on the other one. */
function crossCalibrationError(mixed: Float32Array, labels: Uint8Array): number {
  const rowsOf = (parity: number): number[] => indices(labels.length).filter((row) => row % 2 === parity)
  const take = (rows: readonly number[]): { values: Float32Array; truth: number[] } => {
    const values = new Float32Array(rows.length * classes)
    rows.forEach((row, index) => {
      values.set(mixed.subarray(row * classes, (row + 1) * classes), index * classes)
    })
    return { values, truth: rows.map((row) => labels[row]) }
  }
  const [even, odd] = [take(rowsOf(0)), take(rowsOf(1))]
  const calibrated = (part: typeof even, other: typeof even): Float32Array =>
    calibrateAll(part.values, fitTemperature(logarithms(other.values), other.truth, classes))
  const values = new Float32Array(mixed.length)
  values.set(calibrated(even, odd))
  values.set(calibrated(odd, even), even.values.length)
  return expectedCalibrationError(values, [...even.truth, ...odd.truth], classes)
}
