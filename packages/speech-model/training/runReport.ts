import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EMOTIONS } from '@emo/datasets'
import { classificationReport, confusionMatrix, expectedCalibrationError, fitTemperature, softmax } from '@emo/runtime'
import { writeReport } from '@emo/runtime/report'
import { argMaxRows, spread, unweightedAverageRecall } from './evaluation.ts'
import type { EpochRecord } from '@emo/runtime/training'
import type { RunRequest, RunResult } from './trainRun.ts'
import { answersOf, uncertaintyFigures, uncertaintyThreshold, type UncertaintyFigures } from './uncertainty.ts'

const classCount = EMOTIONS.length

/** Figures over all runs of one command. */
export interface RunSummary {
  readonly title: string
  readonly runs: readonly {
    readonly title: string
    readonly seed: number
    readonly uar: number
    readonly accuracy: number
    readonly trainAccuracy: number
    readonly seconds: number
  }[]
  readonly parameters: number
  readonly epochs: number
  /** Mean and deviation over seeds of the mean over folds. */
  readonly uar: ReturnType<typeof spread>
  readonly accuracy: ReturnType<typeof spread>
  /** Which of the five folds were run, from 0; empty for other protocols. */
  readonly foldsRun: readonly number[]
  /** Mean over seeds of each fold. */
  readonly folds: readonly number[]
  readonly classes: ReturnType<typeof classificationReport>['classes']
  readonly bySex: Record<string, number>
  /**
   * What weights ship with: fitted on the validation clips of the runs or, where folds have none, on the answers for all test actors, for
   * a network that is then trained on all of them.
   */
  readonly temperature: number
  /** Answers less confident than this are more likely wrong than right; fitted like the temperature. */
  readonly uncertainBelow: number
  /** Calibrated on validation clips or, in folds, on the other runs of the same seed, whose test actors are others. */
  readonly expectedCalibrationError: number
  /** How the flag does, thresholds fitted in the same way. */
  readonly uncertainty: UncertaintyFigures
}

/** Figures over several runs; `undefined` when nothing was tested. */
function summarise(title: string, requests: readonly RunRequest[], results: readonly RunResult[]): RunSummary | undefined {
  const tested = results.filter((result) => result.test.clips.length > 0)
  if (tested.length === 0) return undefined
  const truth = (result: RunResult) => result.test.clips.map((clip) => clip.label)
  const allTruth = tested.flatMap(truth)
  const allLogits = tested.flatMap((result) => result.test.logits)
  const predicted = argMaxRows(allLogits)
  const seeds = [...new Set(tested.map((result) => result.seed))]
  const perSeed = (figure: (result: RunResult) => number) =>
    spread(seeds.map((seed) => spread(tested.filter((result) => result.seed === seed).map(figure)).mean))
  const foldCount = tested.length / seeds.length
  const titles = tested.map((result) => requests[results.indexOf(result)].title)
  const foldsRun = [...new Set(titles.flatMap((name) => / fold(\d) /.exec(name)?.slice(1).map(Number) ?? []))]
  const sexes = tested.flatMap((result) => result.test.clips.map((clip) => clip.sex))
  const bySex = Object.fromEntries(
    (['female', 'male'] as const)
      .filter((sex) => sexes.includes(sex))
      .map((sex) => {
        const rows = sexes.flatMap((value, i) => (value === sex ? [i] : []))
        return [
          sex,
          unweightedAverageRecall(
            rows.map((i) => allTruth[i]),
            rows.map((i) => predicted[i]),
          ),
        ]
      }),
  )
  return {
    title,
    runs: tested.map((result) => ({
      title: requests[results.indexOf(result)].title,
      seed: result.seed,
      uar: result.test.uar,
      accuracy: result.test.accuracy,
      trainAccuracy: result.trainAccuracy,
      seconds: result.seconds,
    })),
    parameters: tested[0].parameters,
    epochs: requests[results.indexOf(tested[0])].preset.epochs,
    uar: perSeed((result) => result.test.uar),
    accuracy: perSeed((result) => result.test.accuracy),
    foldsRun,
    folds: Array.from({ length: foldCount }, (_, fold) => spread(seeds.map((_seed, i) => tested[i * foldCount + fold].test.uar)).mean),
    classes: classificationReport(confusionMatrix(allTruth, predicted, classCount), [...EMOTIONS]).classes,
    bySex,
    ...fitCalibration(tested.flatMap(calibrationAnswers)),
    ...judgeCalibration(tested),
  }
}

/** Logits of clips that a network was not trained on, and their labels. */
interface HeldOut {
  readonly logits: readonly number[]
  readonly truth: readonly number[]
}

const testAnswers = ({ test }: RunResult): HeldOut => ({ logits: test.logits, truth: test.clips.map((clip) => clip.label) })

/** What a run may calibrate with: its validation clips or, without any, its test clips, as long as it is not judged on them. */
function calibrationAnswers(result: RunResult): HeldOut {
  const { validation } = result
  return validation ? { logits: validation.logits, truth: validation.clips.map((clip) => clip.label) } : testAnswers(result)
}

function fitCalibration(answers: readonly HeldOut[]): { temperature: number; uncertainBelow: number } {
  const logits = answers.flatMap((one) => one.logits)
  const truth = answers.flatMap((one) => one.truth)
  const temperature = fitTemperature(logits, truth, classCount)
  return { temperature, uncertainBelow: uncertaintyThreshold(answersOf(logits, truth, temperature)) }
}

/** Calibration error and flag over all answers, each with a temperature and a threshold in which its own test clips had no part. */
function judgeCalibration(results: readonly RunResult[]): Pick<RunSummary, 'expectedCalibrationError' | 'uncertainty'> {
  const truths: number[] = []
  const probabilities: number[] = []
  const flags: Parameters<typeof uncertaintyFigures>[0][number][] = []
  for (const result of results) {
    const others = results.filter((other) => other !== result && other.seed === result.seed)
    const { temperature, uncertainBelow } = fitCalibration(
      result.validation || others.length === 0 ? [calibrationAnswers(result)] : others.map(calibrationAnswers),
    )
    const { logits, truth } = testAnswers(result)
    flags.push({ answers: answersOf(logits, truth, temperature), threshold: uncertainBelow })
    truths.push(...truth)
    for (const row of rowsOf(logits)) probabilities.push(...softmax(row, temperature))
  }
  return { expectedCalibrationError: expectedCalibrationError(probabilities, truths, classCount), uncertainty: uncertaintyFigures(flags) }
}

function rowsOf(logits: readonly number[]): (readonly number[])[] {
  return Array.from({ length: logits.length / classCount }, (_, i) => logits.slice(i * classCount, (i + 1) * classCount))
}

/** Epoch by epoch the mean over runs, so that one pair of curves stands for all folds. */
function meanHistory(results: readonly RunResult[]): EpochRecord[] {
  const epochs = Math.min(...results.map((result) => result.history.length))
  return Array.from({ length: epochs }, (_, e) => {
    const records = results.map((result) => result.history[e])
    const meanOf = (pick: (record: EpochRecord) => number) => spread(records.map(pick)).mean
    const meanRecord = (pick: (record: EpochRecord) => Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.keys(pick(records[0])).map((key) => [key, meanOf((record) => pick(record)[key])]))
    return {
      ...records[0],
      loss: meanOf((record) => record.loss),
      train: meanRecord((record) => record.train),
      ...(records.every((record) => record.evaluation) ? { evaluation: meanRecord((record) => record.evaluation ?? {}) } : {}),
    }
  })
}

/** Writes `summary.json`, `report.json`, curves and confusion matrix, and returns the summary for a terminal. */
export async function writeRunReport(
  directory: string,
  title: string,
  requests: readonly RunRequest[],
  results: readonly RunResult[],
): Promise<string> {
  const summary = summarise(title, requests, results)
  const evaluation = summary && {
    truth: results.flatMap((result) => result.test.clips.map((clip) => clip.label)),
    probabilities: results.flatMap((result) => rowsOf(result.test.logits).flatMap((row) => [...softmax(row, summary.temperature)])),
    classNames: [...EMOTIONS],
  }
  await writeReport(directory, { name: title, history: meanHistory(results), evaluation, details: { summary } })
  if (!summary) return `${title}: trained on everything, nothing to test on. Curves: ${directory}`
  await writeFile(join(directory, 'summary.json'), `${JSON.stringify(summary, null, 2)}\n`)
  const percent = (value: number) => (100 * value).toFixed(1)
  return [
    '',
    ...summary.runs.map(
      (run) =>
        `${run.title}: UAR ${percent(run.uar)} %, accuracy ${percent(run.accuracy)} %, training clips ${percent(run.trainAccuracy)} %, ${run.seconds.toFixed(0)} s`,
    ),
    `${title}, ${summary.parameters} parameters: UAR ${percent(summary.uar.mean)} +- ${percent(summary.uar.deviation)} % (${summary.uar.runs} seeds), accuracy ${percent(summary.accuracy.mean)} %`,
    `by sex: ${Object.entries(summary.bySex)
      .map(([sex, uar]) => `${sex} ${percent(uar)} %`)
      .join(', ')}; calibration error ${summary.expectedCalibrationError.toFixed(3)} (temperature ${summary.temperature.toFixed(2)})`,
    `flagged uncertain (below ${summary.uncertainBelow.toFixed(2)}): ${percent(summary.uncertainty.flagged)} %; right: ${percent(summary.uncertainty.accuracyCertain)} % of the others, ${percent(summary.uncertainty.accuracyFlagged)} % of the flagged`,
    ...summary.classes.map(
      (c) =>
        `  ${c.name.padEnd(10)} precision ${percent(c.precision)}  recall ${percent(c.recall)}  f1 ${percent(c.f1)}  support ${c.support}`,
    ),
    `Report: ${directory}`,
  ].join('\n')
}
