import { setImmediate } from 'node:timers/promises'
import { EmoError } from '@emo/errors'
import { createRandom, type Random } from '../random.ts'
import * as tf from '../tf.ts'
import { barrier, control, request } from './barrier.ts'
import type { BatchResult, CreateJob, TrainingJob } from './job.ts'
import { updateAverage, updateWeights } from './optimizer.ts'
import { emptySums, type EpochRecord, type EpochSums, type Position, type RunOptions } from './runOptions.ts'
import { scheduleFactor } from './schedule.ts'
import { maximumMetrics, report, reportLength, type SharedState } from './sharedState.ts'
import { copyFromTensor, readWeights, weightVector, writeWeights, type WeightVector } from './weightVector.ts'

/** What a replica tells the coordinator when its job is made. */
export interface ReplicaDescription {
  readonly trainableCount: number
  readonly count: number
  readonly batchesPerEpoch: number
  readonly names: readonly string[]
  readonly shapes: readonly (readonly number[])[]
  readonly evaluates: boolean
  /** Replica 0's only. */
  readonly initialWeights?: Float32Array
}

/** State and place to start from. */
export interface ReplicaStart {
  readonly state: SharedState
  readonly position: Position
}

/** What replica 0 shows of a step. */
export interface StepReport {
  readonly epoch: number
  readonly step: number
  readonly sums: EpochSums
}

/** The coordinator, as a replica sees it: in the same thread or across one. */
export interface CoordinatorLink {
  describe(description: ReplicaDescription): Promise<ReplicaStart>
  /** From replica 0. */
  step(report: StepReport): void
  /** From replica 0, between steps, while the others wait. */
  save(position: Position): Promise<void>
  /** From replica 0: notes the epoch, keeps the weights if they are the best, saves; answers whether to stop early. */
  finishEpoch(record: EpochRecord): Promise<boolean>
  gather(rank: number, values: Float32Array): Promise<Float32Array[]>
}

/** What one replica is given. */
export interface ReplicaOptions {
  readonly rank: number
  readonly size: number
  readonly config: unknown
  readonly run: RunOptions
}

/** Trains one replica from the description of its job to the end of the run or to a request to stop. */
export async function runReplica(createJob: CreateJob<unknown, unknown>, options: ReplicaOptions, link: CoordinatorLink): Promise<void> {
  const { rank, size, config, run } = options
  const seed = run.seed ?? 1
  const job = await withSeededMath(createRandom(seed, 'model'), () => createJob({ rank, size, config, seed }))
  const vector = weightVector(job.model)
  const start = await link.describe(describe(job, vector, rank))
  await new Replica(job, vector, options, link, start).run()
}

function describe(job: TrainingJob<unknown>, vector: WeightVector, rank: number): ReplicaDescription {
  let initialWeights: Float32Array | undefined
  if (rank === 0) readWeights(vector, (initialWeights = new Float32Array(vector.count)))
  return {
    trainableCount: vector.trainableCount,
    count: vector.count,
    batchesPerEpoch: job.batchesPerEpoch,
    names: vector.entries.map(({ name }) => name),
    shapes: vector.entries.map(({ shape }) => shape),
    evaluates: job.evaluate !== undefined,
    initialWeights,
  }
}

class Replica {
  private readonly seed: number
  private readonly decayed: Uint8Array
  private readonly metricNames: string[] = []
  private readonly totalSteps: number

  constructor(
    private readonly job: TrainingJob<unknown>,
    private readonly vector: WeightVector,
    private readonly options: ReplicaOptions,
    private readonly link: CoordinatorLink,
    private readonly start: ReplicaStart,
  ) {
    this.seed = options.run.seed ?? 1
    this.totalSteps = options.run.epochs * job.batchesPerEpoch
    this.decayed = new Uint8Array(vector.trainableCount)
    for (const { name, shape, offset, size } of vector.entries) {
      if (offset < vector.trainableCount && (job.isDecayed?.(name, shape) ?? shape.length > 1)) this.decayed.fill(1, offset, offset + size)
    }
  }

  async run(): Promise<void> {
    const { state, position } = this.start
    writeWeights(this.vector, state.weights)
    for (let epoch = position.epoch; epoch < this.options.run.epochs; epoch++) {
      const first = epoch === position.epoch ? position : { step: 0, sums: emptySums() }
      const sums = await this.trainEpoch(epoch, first.step, structuredClone(first.sums))
      if (sums === undefined || (await this.finishEpoch(epoch, sums))) return
    }
  }

  /** @returns undefined when the run was asked to stop */
  private async trainEpoch(epoch: number, firstStep: number, sums: EpochSums): Promise<EpochSums | undefined> {
    const { job, link, options, start } = this
    const { words } = start.state
    let step = 0
    let time = performance.now()
    for await (const batch of job.trainBatches(epoch, createRandom(this.seed, 'epoch', epoch))) {
      if (step >= job.batchesPerEpoch) break
      // After a resume the batches that were done are made again, which leaves the epoch's random stream where it was.
      if (step++ < firstStep) continue
      if (options.rank === 0) Atomics.store(words, control.decision, Atomics.exchange(words, control.request, 0))
      const decision = this.trainStep(batch, epoch, step - 1, sums)
      const now = performance.now()
      sums.seconds += (now - time) / 1000
      time = now
      if (options.rank === 0) link.step({ epoch, step, sums })
      if (decision !== 0) {
        if (options.rank === 0) await link.save({ epoch, step, sums })
        this.barrier()
        if ((decision & request.stop) !== 0) return undefined
        time = performance.now()
      }
      // In the coordinator's own thread its timers and signals need a turn.
      if (options.size === 1) await setImmediate()
    }
    if (step < job.batchesPerEpoch) {
      throw new EmoError(
        'TRAINING_RECIPE',
        `trainBatches gave ${step} batches in epoch ${epoch + 1}; batchesPerEpoch is ${job.batchesPerEpoch}`,
      )
    }
    return sums
  }

  /** @returns what the replicas were asked to do after this step, the same for all */
  private trainStep(batch: unknown, epoch: number, step: number, sums: EpochSums): number {
    const { rank, run } = this.options
    const { state } = this.start
    withSeededMathSync(createRandom(this.seed, 'step', epoch, step, rank), () => this.contribute(batch))
    this.barrier()
    // Here, between the step's barriers: after the last one replica 0 may already be writing the next step's.
    const decision = Atomics.load(state.words, control.decision)
    const { count, loss } = this.total(sums)
    if (!Number.isFinite(loss)) {
      throw new EmoError(
        'TRAINING_DIVERGED',
        `the loss became ${loss} in epoch ${epoch + 1}, step ${step + 1}: lower the learning rate, clip gradients (gradientClipNorm), or look for bad input`,
        { details: { epoch: epoch + 1, step: step + 1, loss } },
      )
    }
    const [from, to] = sliceOf(state.trainableCount, rank, state.size)
    const gradients = state.contributions[0]
    const squaredNorm = reduce(state, from, to, (replica) => state.reports[replica * reportLength + report.count] / count)
    let gradientScale = 1
    if (run.gradientClipNorm !== undefined) {
      state.reports[rank * reportLength + report.squaredNorm] = squaredNorm
      this.barrier()
      let total = 0
      for (let replica = 0; replica < state.size; replica++) total += state.reports[replica * reportLength + report.squaredNorm]
      gradientScale = Math.min(1, run.gradientClipNorm / Math.max(Math.sqrt(total), Number.MIN_VALUE))
    }
    const globalStep = epoch * this.job.batchesPerEpoch + step
    const { weights, moment1, moment2, average } = state
    updateWeights(
      run.optimizer,
      { weights, gradients, moment1, moment2, decayed: this.decayed },
      { start: from, end: to, step: globalStep, learningRate: this.learningRateAt(globalStep), gradientScale },
    )
    if (run.ema) updateAverage(average, weights, from, to, run.ema.decay, globalStep)
    if (rank === 0) this.reduceStatistics(globalStep)
    this.barrier()
    writeWeights(this.vector, weights)
    return decision
  }

  /** Loss, gradients and statistics of this replica's batch, into the shared memory. */
  private contribute(batch: unknown): void {
    const { job, vector } = this
    const { rank } = this.options
    const { contributions, reports } = this.start.state
    const contribution = contributions[rank]
    const row = reports.subarray(rank * reportLength, (rank + 1) * reportLength)
    tf.tidy(() => {
      let result: BatchResult | undefined
      const { value, grads } = tf.variableGrads(() => {
        const given = job.loss(job.model, batch)
        result = given instanceof tf.Tensor ? { loss: given, count: 1 } : given
        for (const metric of Object.values(result.metrics ?? {})) tf.keep(metric)
        return result.loss
      }, [...vector.trainable])
      const { count, metrics = {} } = result!
      let offset = 0
      for (const { name, size } of vector.trainable) {
        const gradient = grads[name] as tf.Tensor | null | undefined
        if (gradient) copyFromTensor(gradient, contribution, offset)
        else contribution.fill(0, offset, offset + size)
        offset += size
      }
      row[report.count] = count
      row[report.loss] = value.dataSync()[0] * count
      Object.entries(metrics).forEach(([name, metric], i) => {
        this.metricNames[i] = name
        row[report.metrics + i] = metric.dataSync()[0] * count
        metric.dispose()
      })
      if (this.metricNames.length > maximumMetrics)
        throw new EmoError('TRAINING_RECIPE', `loss reports ${this.metricNames.length} metrics; at most ${maximumMetrics} can be`)
    })
    readWeights(vector, contribution.subarray(vector.trainableCount), vector.trainableCount)
  }

  /** Adds the replicas' reports of this step to the epoch's sums. */
  private total(sums: EpochSums): { count: number; loss: number } {
    const { reports, size } = this.start.state
    let count = 0
    let loss = 0
    for (let replica = 0; replica < size; replica++) {
      const row = replica * reportLength
      count += reports[row + report.count]
      loss += reports[row + report.loss]
      this.metricNames.forEach((name, i) => {
        sums.metrics[name] = (sums.metrics[name] ?? 0) + reports[row + report.metrics + i]
      })
    }
    sums.count += count
    sums.loss += loss
    return { count, loss: loss / count }
  }

  /** Batch-norm statistics and the like: the mean over replicas. */
  private reduceStatistics(globalStep: number): void {
    const { state } = this.start
    const { trainableCount, count, weights, average, contributions } = state
    reduce(state, trainableCount, count, () => 1 / state.size)
    weights.set(contributions[0].subarray(trainableCount), trainableCount)
    const { ema } = this.options.run
    if (ema) updateAverage(average, weights, trainableCount, count, ema.decay, globalStep)
  }

  /** @returns whether to stop early */
  private async finishEpoch(epoch: number, sums: EpochSums): Promise<boolean> {
    const { rank, size, run } = this.options
    const { words } = this.start.state
    const due = (epoch + 1) % (run.evaluateEvery ?? 1) === 0 || epoch + 1 === run.epochs
    const evaluation = due && this.job.evaluate ? await this.evaluate(epoch) : undefined
    if (rank === 0) {
      const means = Object.entries(sums.metrics).map(([name, sum]) => [name, sum / sums.count])
      const stop = await this.link.finishEpoch({
        epoch: epoch + 1,
        loss: sums.loss / sums.count,
        learningRate: this.learningRateAt((epoch + 1) * this.job.batchesPerEpoch - 1),
        seconds: sums.seconds,
        examplesPerSecond: sums.count / sums.seconds,
        train: Object.fromEntries(means) as Record<string, number>,
        evaluation,
      })
      Atomics.store(words, control.ended, Number(stop))
    }
    barrier(words, size)
    return Atomics.load(words, control.ended) !== 0
  }

  private async evaluate(epoch: number): Promise<Readonly<Record<string, number>>> {
    const { job, vector } = this
    const { rank, size, run } = this.options
    const { average, weights } = this.start.state
    if (run.ema) writeWeights(vector, average)
    try {
      return await job.evaluate!(job.model, { epoch: epoch + 1, rank, size, gather: (values) => this.link.gather(rank, values) })
    } finally {
      if (run.ema) writeWeights(vector, weights)
    }
  }

  private learningRateAt(globalStep: number): number {
    const { optimizer, schedule } = this.options.run
    return optimizer.learningRate * scheduleFactor(schedule, globalStep, this.totalSteps)
  }

  private barrier(): void {
    barrier(this.start.state.words, this.options.size)
  }
}

/** The range of parameters that one replica updates. */
function sliceOf(count: number, rank: number, size: number): [start: number, end: number] {
  return [Math.floor((count * rank) / size), Math.floor((count * (rank + 1)) / size)]
}

/** Weighted sum over the replicas, in the order of ranks, into the first one's contribution. @returns the sum of squares */
function reduce({ contributions, size }: SharedState, start: number, end: number, weightOf: (replica: number) => number): number {
  const [target] = contributions
  const first = weightOf(0)
  if (first !== 1) for (let i = start; i < end; i++) target[i] *= first
  for (let replica = 1; replica < size; replica++) {
    const contribution = contributions[replica]
    const weight = weightOf(replica)
    for (let i = start; i < end; i++) target[i] += weight * contribution[i]
  }
  let sum = 0
  for (let i = start; i < end; i++) sum += target[i] * target[i]
  return sum
}

/** TensorFlow.js draws the seeds of dropout and of initialisers from `Math.random`: while it runs, that is a seeded stream. */
async function withSeededMath<Result>(random: Random, run: () => Result | Promise<Result>): Promise<Result> {
  const { random: original } = Math
  Math.random = random.next
  try {
    return await run()
  } finally {
    Math.random = original
  }
}

function withSeededMathSync(random: Random, run: () => void): void {
  const { random: original } = Math
  Math.random = random.next
  try {
    run()
  } finally {
    Math.random = original
  }
}
