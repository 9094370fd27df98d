import { argMax, classificationReport, confusionMatrix } from '@emo/runtime'
import { EMOTIONS } from '@emo/datasets'

const classCount = EMOTIONS.length

/** Index of the largest of each row's logits. */
export function argMaxRows(logits: ArrayLike<number>): number[] {
  return Array.from({ length: logits.length / classCount }, (_, i) => argMax(logits, i * classCount, classCount))
}

/** Mean recall over the classes that occur. */
export function unweightedAverageRecall(truth: readonly number[], predicted: readonly number[]): number {
  return classificationReport(confusionMatrix(truth, predicted, classCount), [...EMOTIONS]).unweightedAverageRecall
}

/** Mean and sample standard deviation. */
export function spread(values: readonly number[]): { mean: number; deviation: number; runs: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0, runs: values.length }
}
