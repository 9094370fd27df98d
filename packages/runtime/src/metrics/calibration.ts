import { EmoRangeError } from '@emo/errors'
import { checkScores } from './checkInput.ts'
import { argMax } from './softmax.ts'

/**
 * Expected calibration error: examples are put in bins of equal width by the probability of the predicted class; the error is the mean
 * of |accuracy - mean probability| over bins, weighted by their examples (Naeini et al. 2015; Guo et al. 2017, equation 3).
 *
 * @param probabilities - row-major, `classCount` for each example
 * @param truth - class indices
 * @param classCount - columns
 * @param bins - default 15
 * @returns 0 (perfect) to 1
 * @throws {@link EmoRangeError} `METRIC_INPUT` for numbers that do not fit together or are not finite
 */
export function expectedCalibrationError(
  probabilities: ArrayLike<number>,
  truth: ArrayLike<number>,
  classCount: number,
  bins = 15,
): number {
  checkScores('probabilities', probabilities, truth, classCount)
  if (!Number.isInteger(bins) || bins < 1) throw new EmoRangeError('METRIC_INPUT', `bins is ${bins}; a positive integer was expected`)
  const hits = new Float64Array(bins)
  const confidence = new Float64Array(bins)
  for (let i = 0; i < truth.length; i++) {
    const predicted = argMax(probabilities, i * classCount, classCount)
    const probability = probabilities[i * classCount + predicted]
    // Bins are open below and closed above, as in the paper.
    const bin = Math.min(bins - 1, Math.max(0, Math.ceil(probability * bins) - 1))
    hits[bin] += Number(predicted === truth[i])
    confidence[bin] += probability
  }
  let error = 0
  for (let bin = 0; bin < bins; bin++) error += Math.abs(hits[bin] - confidence[bin])
  return error / truth.length
}

/**
 * Mean negative log-likelihood, in nats, of the true classes under `softmax(logits / temperature)`.
 *
 * @param logits - row-major, `classCount` for each example
 * @param truth - class indices
 * @param classCount - columns
 * @throws {@link EmoRangeError} `METRIC_INPUT`
 */
export function negativeLogLikelihood(logits: ArrayLike<number>, truth: ArrayLike<number>, classCount: number, temperature = 1): number {
  checkScores('logits', logits, truth, classCount)
  if (!(temperature > 0)) throw new EmoRangeError('METRIC_INPUT', `temperature is ${temperature}; it must be positive`)
  return meanLoss(logits, truth, classCount, 1 / temperature).loss
}

/** Range of the temperatures that {@link fitTemperature} looks for. */
const range = { low: 0.01, high: 100 }

/**
 * The temperature that makes `softmax(logits / T)` most likely on held-out examples (temperature scaling, Guo et al. 2017).
 *
 * The loss is convex in 1 / T: bisection on its derivative finds the minimum, to 1e-9.
 *
 * @param logits - row-major, `classCount` for each example
 * @param truth - class indices
 * @param classCount - columns
 * @returns 0.01 to 100; an end when all or none of the examples are predicted right, where there is no minimum
 * @throws {@link EmoRangeError} `METRIC_INPUT`
 */
export function fitTemperature(logits: ArrayLike<number>, truth: ArrayLike<number>, classCount: number): number {
  checkScores('logits', logits, truth, classCount)
  const slopeAt = (inverse: number) => meanLoss(logits, truth, classCount, inverse).slope
  let low = 1 / range.high
  let high = 1 / range.low
  if (slopeAt(low) >= 0) return range.high
  if (slopeAt(high) <= 0) return range.low
  while (high - low > 1e-9 * high) {
    const middle = Math.sqrt(low * high)
    if (slopeAt(middle) < 0) low = middle
    else high = middle
  }
  return 1 / Math.sqrt(low * high)
}

/** Mean loss of `softmax(logits * inverse)` and its derivative by `inverse`: the mean of E[logit] - logit of the true class. */
function meanLoss(
  logits: ArrayLike<number>,
  truth: ArrayLike<number>,
  classCount: number,
  inverse: number,
): { loss: number; slope: number } {
  let loss = 0
  let slope = 0
  for (let i = 0; i < truth.length; i++) {
    const row = i * classCount
    const maximum = logits[row + argMax(logits, row, classCount)]
    let sum = 0
    let weighted = 0
    for (let k = 0; k < classCount; k++) {
      const weight = Math.exp((logits[row + k] - maximum) * inverse)
      sum += weight
      weighted += weight * logits[row + k]
    }
    const own = logits[row + truth[i]]
    loss += Math.log(sum) - (own - maximum) * inverse
    slope += weighted / sum - own
  }
  return { loss: loss / truth.length, slope: slope / truth.length }
}
