import { checkLabels } from './checkInput.ts'

/**
 * Counts how often each class was taken for each other.
 *
 * @param truth - class indices, 0 to `classCount` - 1
 * @param predicted - class indices, as many
 * @returns `matrix[truth][predicted]`
 * @throws {@link EmoRangeError} `METRIC_INPUT` for labels out of range or lists of different lengths
 */
export function confusionMatrix(truth: ArrayLike<number>, predicted: ArrayLike<number>, classCount: number): number[][] {
  checkLabels('truth', truth, classCount, predicted.length)
  checkLabels('predicted', predicted, classCount, truth.length)
  const matrix = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0))
  for (let i = 0; i < truth.length; i++) matrix[truth[i]][predicted[i]]++
  return matrix
}
