import { EmoRangeError } from '@emo/errors'

/**
 * `exp(x / T) / sum(exp(x / T))`, without overflow.
 *
 * @param logits - one number a class
 * @param temperature - above 1 flattens, below 1 sharpens (Guo et al. 2017, "On Calibration of Modern Neural Networks")
 * @returns probabilities that sum to 1
 * @throws {@link EmoRangeError} `METRIC_INPUT` for a temperature that is not positive
 */
export function softmax(logits: ArrayLike<number>, temperature = 1): Float32Array<ArrayBuffer> {
  if (!(temperature > 0))
    throw new EmoRangeError('METRIC_INPUT', `temperature is ${temperature}; it must be positive`, { details: { temperature } })
  const probabilities = new Float32Array(logits.length)
  const maximum = logits.length === 0 ? 0 : logits[argMax(logits)]
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += probabilities[i] = Math.exp((logits[i] - maximum) / temperature)
  for (let i = 0; i < logits.length; i++) probabilities[i] /= sum
  return probabilities
}

/**
 * Index of the largest of `length` values from `offset` on, counted from `offset`; the first one of equals.
 *
 * @param values - e.g. row-major scores, with `offset` at a row
 */
export function argMax(values: ArrayLike<number>, offset = 0, length = values.length - offset): number {
  let best = 0
  for (let i = 1; i < length; i++) if (values[offset + i] > values[offset + best]) best = i
  return best
}
