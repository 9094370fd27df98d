import { argMax } from '@emo/runtime'

/** Frames of one expression. */
export interface ExpressionPhases {
  readonly onset: number
  readonly apex: number
  readonly offset: number
}

/** What arithmetic alone makes of pictures that do not move, pixels. */
const rounding = 1e-6

/**
 * Onset, apex and offset in a curve of magnitude. The moving average finds the peak that lasts; the apex is the largest value of the curve itself there, and onset and
 * offset are frames that are themselves above the threshold.
 *
 * @param magnitude - one value a frame; NaN: a lost frame, which is left out. At least one is not.
 * @param smoothing - frames of the moving average; odd
 * @param activeShare - the expression is on above this part of the curve's range
 */
export function expressionPhases(magnitude: Float32Array, smoothing: number, activeShare: number): ExpressionPhases {
  const frames = Array.from(magnitude.keys()).filter((frame) => !Number.isNaN(magnitude[frame]))
  const curve = frames.map((frame) => (magnitude[frame] > rounding ? magnitude[frame] : 0))
  const reach = smoothing >> 1
  const smooth = movingAverage(curve, reach)
  const peak = argMax(smooth)
  const [first, last] = [Math.max(0, peak - reach), Math.min(curve.length - 1, peak + reach)]
  const apex = first + argMax(curve, first, last - first + 1)
  const least = Math.min(...curve)
  const threshold = least + (curve[apex] - least) * activeShare
  let onset = apex
  while (onset > 0 && smooth[onset - 1] > threshold) onset--
  while (onset < apex && curve[onset] <= threshold) onset++
  let offset = apex
  while (offset < curve.length - 1 && smooth[offset + 1] > threshold) offset++
  while (offset > apex && curve[offset] <= threshold) offset--
  return { onset: frames[onset], apex: frames[apex], offset: frames[offset] }
}

/** Beyond the ends the first and the last value go on, so that a peak there counts as much as one in between. */
function movingAverage(values: readonly number[], reach: number): number[] {
  return values.map((_, index) => {
    let sum = 0
    for (let i = index - reach; i <= index + reach; i++) sum += values[Math.min(Math.max(i, 0), values.length - 1)]
    return sum / (2 * reach + 1)
  })
}
