import { EmoRangeError } from '@emo/errors'

/** Throws `METRIC_INPUT` unless `labels` are `count` class indices. */
export function checkLabels(name: string, labels: ArrayLike<number>, classCount: number, count: number): void {
  if (labels.length !== count) {
    throw new EmoRangeError('METRIC_INPUT', `${name} has ${labels.length} labels, ${count} expected`, {
      details: { name, length: labels.length, expected: count },
    })
  }
  for (let i = 0; i < labels.length; i++) {
    if (!Number.isInteger(labels[i]) || labels[i] < 0 || labels[i] >= classCount) {
      throw new EmoRangeError('METRIC_INPUT', `${name}[${i}] is ${labels[i]}; a class index from 0 to ${classCount - 1} was expected`, {
        details: { name, index: i, value: labels[i], classCount },
      })
    }
  }
}

/** Throws `METRIC_INPUT` unless `scores` are finite rows of `classCount` numbers, one for each label. */
export function checkScores(name: string, scores: ArrayLike<number>, truth: ArrayLike<number>, classCount: number): void {
  if (truth.length === 0) throw new EmoRangeError('METRIC_INPUT', 'there are no examples')
  checkLabels('truth', truth, classCount, truth.length)
  if (scores.length !== truth.length * classCount) {
    throw new EmoRangeError(
      'METRIC_INPUT',
      `${name} has ${scores.length} numbers; ${truth.length} examples of ${classCount} classes have ${truth.length * classCount}`,
      {
        details: { length: scores.length, examples: truth.length, classCount },
      },
    )
  }
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i]))
      throw new EmoRangeError('METRIC_INPUT', `${name}[${i}] is ${scores[i]}`, { details: { index: i, value: scores[i] } })
  }
}
