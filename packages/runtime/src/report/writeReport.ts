import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expectedCalibrationError } from '../metrics/calibration.ts'
import { classificationReport, type ClassificationReport } from '../metrics/classificationReport.ts'
import { confusionMatrix } from '../metrics/confusionMatrix.ts'
import { argMax } from '../metrics/softmax.ts'
import type { EpochRecord } from '../training/runOptions.ts'
import { renderConfusionMatrix } from './confusionMatrixPicture.ts'
import { renderTrainingCurve } from './trainingCurves.ts'

/** Predictions and truth of a test set. */
export interface EvaluationData {
  readonly classNames: readonly string[]
  /** Class indices. */
  readonly truth: ArrayLike<number>
  /** Row-major, one number a class for each example. */
  readonly probabilities: ArrayLike<number>
}

/** What a report is about; everything but the name may be left out. */
export interface ReportContent {
  readonly name: string
  /** Epochs as `train` records them. */
  readonly history?: readonly EpochRecord[]
  readonly evaluation?: EvaluationData
  /** JSON to store as it is: data, splits, seeds, the command. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** The content of `report.json`. */
export interface Report {
  readonly name: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly evaluation?: ClassificationReport & {
    readonly confusionMatrix: readonly (readonly number[])[]
    /** 15 bins. */
    readonly expectedCalibrationError: number
  }
  readonly history?: readonly EpochRecord[]
}

/** Scores, confusion matrix and calibration error of a test set. */
export function evaluatePredictions({ classNames, truth, probabilities }: EvaluationData): NonNullable<Report['evaluation']> {
  const classCount = classNames.length
  const predicted = Array.from({ length: truth.length }, (_, i) => argMax(probabilities, i * classCount, classCount))
  const matrix = confusionMatrix(truth, predicted, classCount)
  return {
    ...classificationReport(matrix, classNames),
    confusionMatrix: matrix,
    expectedCalibrationError: expectedCalibrationError(probabilities, truth, classCount),
  }
}

/**
 * Writes `report.json`, a curve for the loss and each metric (`loss.svg`, `accuracy.svg`, ...) and `confusionMatrix.svg`.
 *
 * @param directory - made if missing
 * @param content - what there is to report
 * @returns the names of the files written
 * @throws {@link EmoError} `REPORT_DEPENDENCY_MISSING` without echarts, before anything is written;
 * {@link EmoRangeError} `METRIC_INPUT` for numbers that do not fit together
 */
export async function writeReport(directory: string, { name, history, evaluation, details }: ReportContent): Promise<string[]> {
  const report: Report = { name, details, evaluation: evaluation && evaluatePredictions(evaluation), history }
  const files = new Map([['report.json', `${JSON.stringify(report, undefined, 2)}\n`]])
  if (history) {
    const metrics = history.flatMap(({ train, evaluation: evaluated = {} }) => [...Object.keys(train), ...Object.keys(evaluated)])
    for (const metric of new Set(['loss', ...metrics])) {
      const picture = await renderTrainingCurve(history, metric)
      if (picture !== undefined) files.set(`${metric.replace(/[^\w-]/g, '-')}.svg`, picture)
    }
  }
  if (report.evaluation && evaluation) {
    files.set('confusionMatrix.svg', await renderConfusionMatrix(report.evaluation.confusionMatrix, evaluation.classNames, { title: name }))
  }
  await mkdir(directory, { recursive: true })
  await Promise.all(Array.from(files, ([file, text]) => writeFile(join(directory, file), text)))
  return [...files.keys()]
}
