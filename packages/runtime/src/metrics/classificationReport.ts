import { EmoRangeError } from '@emo/errors'

/** Precision, recall and F1; 0 where there is nothing to divide by, as in scikit-learn's default. */
export interface ClassScores {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Examples whose true class this is. */
  readonly support: number
}

/** What `classificationReport` of scikit-learn gives, and the unweighted average recall. */
export interface ClassificationReport {
  readonly classes: readonly (ClassScores & { readonly name: string })[]
  /** Fraction of examples whose class was found. */
  readonly accuracy: number
  /** Mean over classes, each counting the same. */
  readonly macro: ClassScores
  /** Mean over classes, each counting by its support. */
  readonly weighted: ClassScores
  /** Mean recall of the classes that occur (UAR, balanced accuracy): the figure of speech emotion recognition. */
  readonly unweightedAverageRecall: number
  /** Examples in all. */
  readonly support: number
}

/**
 * Per-class and averaged scores of a confusion matrix.
 *
 * @param matrix - `matrix[truth][predicted]` of counts, square
 * @param classNames - one for each row
 * @throws {@link EmoRangeError} `METRIC_INPUT` for a matrix that is not square or has other counts than class names
 */
export function classificationReport(matrix: readonly (readonly number[])[], classNames: readonly string[]): ClassificationReport {
  const size = classNames.length
  if (matrix.length !== size || matrix.some((row) => row.length !== size)) {
    throw new EmoRangeError('METRIC_INPUT', `the matrix is ${matrix.length} x ${matrix[0]?.length ?? 0}, there are ${size} class names`)
  }
  const classes = classNames.map((name, i) => {
    const hits = matrix[i][i]
    const support = matrix[i].reduce((sum, count) => sum + count, 0)
    const predicted = matrix.reduce((sum, row) => sum + row[i], 0)
    const precision = predicted === 0 ? 0 : hits / predicted
    const recall = support === 0 ? 0 : hits / support
    return { name, precision, recall, f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall), support }
  })
  const support = classes.reduce((sum, { support: count }) => sum + count, 0)
  const present = classes.filter(({ support: count }) => count > 0)
  const average = (weightOf: (scores: ClassScores) => number): ClassScores => {
    const mean = (key: 'precision' | 'recall' | 'f1') => classes.reduce((sum, scores) => sum + weightOf(scores) * scores[key], 0)
    return { precision: mean('precision'), recall: mean('recall'), f1: mean('f1'), support }
  }
  return {
    classes,
    accuracy: support === 0 ? 0 : classes.reduce((sum, { recall, support: count }) => sum + recall * count, 0) / support,
    macro: average(() => 1 / size),
    weighted: average(({ support: count }) => (support === 0 ? 0 : count / support)),
    unweightedAverageRecall: present.length === 0 ? 0 : present.reduce((sum, { recall }) => sum + recall, 0) / present.length,
    support,
  }
}
