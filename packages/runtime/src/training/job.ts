import type * as tf from '../tf.ts'
import type { Random } from '../random.ts'

/** What a recipe's {@link CreateJob} is told. */
export interface JobContext<Config> {
  /** This replica's number, 0 to `size` - 1. */
  readonly rank: number
  /** How many replicas train together. */
  readonly size: number
  /** The configuration given to `train`. */
  readonly config: Config
  /** The run's seed. */
  readonly seed: number
}

/** What one batch gave. */
export interface BatchResult {
  /** Mean loss over the batch. */
  readonly loss: tf.Scalar
  /** Examples in this batch: the weight of its loss and gradient among the replicas. */
  readonly count: number
  /** Means over the batch, for the progress display and the history. */
  readonly metrics?: Readonly<Record<string, tf.Scalar>>
}

/** What {@link TrainingJob.evaluate} is told. */
export interface EvaluationContext {
  /** Epochs finished, from 1. */
  readonly epoch: number
  readonly rank: number
  readonly size: number
  /**
   * Exchanges numbers between the replicas, so that each evaluates a share of the examples.
   *
   * @param values - this replica's numbers; every replica must call it the same number of times
   * @returns every replica's numbers, in the order of ranks
   */
  gather(values: Float32Array): Promise<Float32Array[]>
}

/** What one replica trains. All replicas make equal jobs and each takes its share of every global batch. */
export interface TrainingJob<Batch> {
  /** Replica 0's initial weights are given to all. */
  readonly model: tf.LayersModel
  /** Batches in an epoch; the same on every replica. */
  readonly batchesPerEpoch: number
  /**
   * This replica's share of the epoch's batches.
   *
   * @param epoch - from 0
   * @param random - the same stream on every replica: shuffle with it, then take this replica's rows with {@link shardRows}
   */
  trainBatches(epoch: number, random: Random): Iterable<Batch> | AsyncIterable<Batch>
  /**
   * Mean loss of one batch. Runs inside a tidy and with a seeded `Math.random`, from which dropout draws its seeds; make tensors here.
   *
   * A bare scalar counts as one example a batch.
   */
  loss(model: tf.LayersModel, batch: Batch): tf.Scalar | BatchResult
  /** Metrics of the model, with its averaged weights if the run averages. Every replica is asked; replica 0's answer is recorded. */
  evaluate?(model: tf.LayersModel, context: EvaluationContext): Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>
  /** Whether weight decay applies to a weight; by default to those with two dimensions or more, so not to biases and norms. */
  isDecayed?(name: string, shape: readonly (number | null)[]): boolean
}

/** A recipe module exports one of these as `createJob`. */
export type CreateJob<Config, Batch> = (context: JobContext<Config>) => TrainingJob<Batch> | Promise<TrainingJob<Batch>>

/**
 * The rows of a global batch that one replica takes: every `size`-th, from `rank` on.
 *
 * @param rows - e.g. the shuffled indices of the batch's examples
 */
export function shardRows<Row>(rows: ArrayLike<Row>, rank: number, size: number): Row[] {
  const share: Row[] = []
  for (let i = rank; i < rows.length; i += size) share.push(rows[i])
  return share
}
