import { control } from './barrier.ts'

/** Numbers that a replica reports about a step, in a row of {@link SharedState.reports}. */
export const report = { count: 0, loss: 1, squaredNorm: 2, metrics: 3 } as const

/** Metrics a job may report besides the loss. */
export const maximumMetrics = 16

/** Everything that the replicas of a run share, in memory that all threads see. */
export interface SharedState {
  readonly size: number
  readonly trainableCount: number
  readonly count: number
  /** Control words; see {@link control}. */
  readonly words: Int32Array
  /** A row of numbers for each replica. */
  readonly reports: Float64Array
  /** For each replica: its gradients, then its batch-norm statistics and the like. */
  readonly contributions: readonly Float32Array[]
  readonly weights: Float32Array
  /** Averaged weights; empty if the run does not average. */
  readonly average: Float32Array
  /** The weights of the best epoch; empty if the run does not keep them. */
  readonly best: Float32Array
  readonly moment1: Float32Array
  /** Empty unless the optimiser needs it. */
  readonly moment2: Float32Array
}

/** Sizes of a {@link SharedState}. */
export interface SharedStateOptions {
  readonly size: number
  readonly trainableCount: number
  readonly count: number
  readonly averages: boolean
  readonly keepsBest: boolean
  readonly twoMoments: boolean
}

/** Allocates the state of a run, all zero. */
export function createSharedState({ size, trainableCount, count, averages, keepsBest, twoMoments }: SharedStateOptions): SharedState {
  const floats = (length: number) => new Float32Array(new SharedArrayBuffer(length * 4))
  return {
    size,
    trainableCount,
    count,
    words: new Int32Array(new SharedArrayBuffer(control.length * 4)),
    reports: new Float64Array(new SharedArrayBuffer(size * reportLength * 8)),
    contributions: Array.from({ length: size }, () => floats(count)),
    weights: floats(count),
    average: floats(averages ? count : 0),
    best: floats(keepsBest ? count : 0),
    moment1: floats(trainableCount),
    moment2: floats(twoMoments ? trainableCount : 0),
  }
}

/** Length of a row of {@link SharedState.reports}. */
export const reportLength = report.metrics + maximumMetrics
