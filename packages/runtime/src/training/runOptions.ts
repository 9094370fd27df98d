import type { OptimizerOptions } from './optimizer.ts'
import type { Schedule } from './schedule.ts'

/** What decides the numbers of a run; a checkpoint belongs to one such set and the recipe's configuration. */
export interface RunOptions {
  readonly epochs: number
  /** Seed of everything random; default 1. */
  readonly seed?: number
  readonly optimizer: OptimizerOptions
  /** Default: a constant rate. */
  readonly schedule?: Schedule
  /** Gradients are scaled down to this global norm; default: never. */
  readonly gradientClipNorm?: number
  /** Exponential moving average of all weights, used for evaluation and as the result; default: none. */
  readonly ema?: { readonly decay: number }
  /** Evaluate after every this many epochs, and after the last; default 1. */
  readonly evaluateEvery?: number
  /** Keeps the weights of the epoch whose evaluation is best. */
  readonly keepBest?: {
    readonly metric: string
    readonly mode: 'max' | 'min'
    /** Stop when this many evaluations in a row were no better; default: never. */
    readonly patience?: number
  }
}

/** One finished epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number
  /** Mean training loss. */
  readonly loss: number
  /** Of the last step. */
  readonly learningRate: number
  readonly seconds: number
  readonly examplesPerSecond: number
  /** Means of the metrics that `loss` reported. */
  readonly train: Readonly<Record<string, number>>
  /** What `evaluate` answered. */
  readonly evaluation?: Readonly<Record<string, number>>
}

/** Sums over the part of an epoch that is done. */
export interface EpochSums {
  count: number
  loss: number
  seconds: number
  metrics: Record<string, number>
}

/** Where a run is: what, with the weights and moments, a checkpoint has to hold. */
export interface Position {
  /** Epochs finished. */
  readonly epoch: number
  /** Steps of the current epoch that are done. */
  readonly step: number
  readonly sums: EpochSums
}

/** Sums of an epoch that has not begun. */
export function emptySums(): EpochSums {
  return { count: 0, loss: 0, seconds: 0, metrics: {} }
}
