/** How the learning rate changes over the steps of a run; factors of the optimiser's `learningRate`. */
export type Schedule =
  | {
      readonly type: 'constant'
      /** Steps of linear warm-up from 0; default 0. */
      readonly warmupSteps?: number
    }
  | {
      /** Half a cosine down to `finalFraction` (Loshchilov & Hutter 2017, without restarts). */
      readonly type: 'cosine'
      /** Steps of linear warm-up from 0; default 0. */
      readonly warmupSteps?: number
      /** Default 0. */
      readonly finalFraction?: number
    }
  | {
      /** Cosine up to the full rate, then cosine down (Smith & Topin 2018; the parameters are PyTorch's `OneCycleLR`). */
      readonly type: 'oneCycle'
      /** Fraction of the steps at which the rate peaks; default 0.3. */
      readonly peakAt?: number
      /** The first rate is the peak divided by this; default 25. */
      readonly initialDivisor?: number
      /** The last rate is the first one divided by this; default 1e4. */
      readonly finalDivisor?: number
    }

/**
 * The learning rate's factor at one step.
 *
 * @param schedule - default constant 1
 * @param step - from 0
 * @param totalSteps - steps of the whole run
 */
export function scheduleFactor(schedule: Schedule | undefined, step: number, totalSteps: number): number {
  if (schedule === undefined) return 1
  if (schedule.type === 'oneCycle') return oneCycle(schedule, step, totalSteps)
  const { warmupSteps = 0 } = schedule
  if (step < warmupSteps) return (step + 1) / warmupSteps
  if (schedule.type === 'constant') return 1
  return cosineBetween(1, schedule.finalFraction ?? 0, (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps))
}

function oneCycle(schedule: Extract<Schedule, { type: 'oneCycle' }>, step: number, totalSteps: number): number {
  const { peakAt = 0.3, initialDivisor = 25, finalDivisor = 1e4 } = schedule
  const peak = peakAt * totalSteps - 1
  const initial = 1 / initialDivisor
  if (step <= peak) return cosineBetween(initial, 1, step / Math.max(1, peak))
  return cosineBetween(1, initial / finalDivisor, Math.min(1, (step - peak) / Math.max(1, totalSteps - 1 - peak)))
}

function cosineBetween(from: number, to: number, fraction: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * fraction))) / 2
}
