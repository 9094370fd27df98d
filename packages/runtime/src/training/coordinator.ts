import { join } from 'node:path'
import { EmoError } from '@emo/errors'
import { control, request } from './barrier.ts'
import {
  assertSameRun,
  checkpointVectors,
  encodeCheckpoint,
  readCheckpoint,
  writeAtomically,
  type BestEpoch,
  type Checkpoint,
  type CheckpointState,
} from './checkpoint.ts'
import { createProgress, type ProgressDisplay, type ProgressStyle } from './progress.ts'
import type { CoordinatorLink, ReplicaDescription, ReplicaStart, StepReport } from './replica.ts'
import { emptySums, type EpochRecord, type Position, type RunOptions } from './runOptions.ts'
import { createSharedState, type SharedState } from './sharedState.ts'

/** What a coordinator is given. */
export interface CoordinatorOptions {
  readonly directory: string
  readonly size: number
  readonly config: unknown
  readonly run: RunOptions
  readonly checkpointMinutes: number
  readonly restart: boolean
  readonly progress: ProgressStyle
}

/** Keeps a run's state: answers the replicas, writes checkpoints, judges epochs. */
export class Coordinator {
  readonly checkpointPath: string
  interrupted = false
  state: SharedState | undefined
  private description: ReplicaDescription | undefined
  private progress: ProgressDisplay | undefined
  private position: Position = { epoch: 0, step: 0, sums: emptySums() }
  private history: EpochRecord[] = []
  private best: BestEpoch | undefined
  private stoppedEarly = false
  private stopRequested = false
  private timer: NodeJS.Timeout | undefined
  private writing: Promise<void> = Promise.resolve()
  private readonly described: {
    description: ReplicaDescription
    resolve: (start: ReplicaStart) => void
    reject: (error: unknown) => void
  }[] = []
  private gathered: { values: Float32Array[]; resolvers: ((all: Float32Array[]) => void)[] } = { values: [], resolvers: [] }

  constructor(private readonly options: CoordinatorOptions) {
    this.checkpointPath = join(options.directory, 'checkpoint.safetensors')
  }

  /** How the replica of one rank reaches this coordinator. */
  link(): CoordinatorLink {
    return {
      describe: (description) =>
        new Promise((resolve, reject) => {
          this.described.push({ description, resolve, reject })
          if (this.described.length === this.options.size) void this.begin()
        }),
      step: (report) => this.onStep(report),
      save: async (position) => {
        this.position = position
        await this.save()
        if (this.stopRequested) this.interrupted = true
      },
      finishEpoch: (record) => this.finishEpoch(record),
      gather: (rank, values) =>
        new Promise((resolve) => {
          this.gathered.values[rank] = values
          this.gathered.resolvers.push(resolve)
          if (this.gathered.resolvers.length < this.options.size) return
          const { values: all, resolvers } = this.gathered
          this.gathered = { values: [], resolvers: [] }
          for (const resolveOne of resolvers) resolveOne(all)
        }),
    }
  }

  /** Asks the replicas to save and stop at the next step. @returns false when there is nothing to save yet */
  requestStop(): boolean {
    this.stopRequested = true
    if (!this.state) return false
    this.ask(request.save | request.stop)
    return true
  }

  /** Lets replicas that wait for a failed one fail too. */
  abort(): void {
    if (!this.state) return
    Atomics.store(this.state.words, control.aborted, 1)
    Atomics.notify(this.state.words, control.generation)
  }

  /** Waits for the last checkpoint and clears the display. */
  async close(): Promise<void> {
    clearInterval(this.timer)
    this.progress?.stop()
    await this.writing
  }

  /** What the run gave so far. */
  outcome(): { state: SharedState; history: readonly EpochRecord[]; best: BestEpoch | undefined; description: ReplicaDescription } {
    return { state: this.state!, history: this.history, best: this.best, description: this.description! }
  }

  private async begin(): Promise<void> {
    try {
      const descriptions = this.described.map(({ description }) => description)
      const state = await this.prepare(descriptions)
      for (const { resolve } of this.described) resolve({ state, position: this.position })
    } catch (error) {
      for (const { reject } of this.described) reject(error)
    }
  }

  private async prepare(descriptions: readonly ReplicaDescription[]): Promise<SharedState> {
    const { size, run, directory, restart, progress, checkpointMinutes } = this.options
    const first = descriptions.find(({ initialWeights }) => initialWeights !== undefined)!
    this.description = first
    for (const other of descriptions) {
      if (other.count !== first.count || other.trainableCount !== first.trainableCount || other.batchesPerEpoch !== first.batchesPerEpoch) {
        throw new EmoError(
          'TRAINING_RECIPE',
          'the replicas made different models or a different number of batches; createJob must not depend on the rank in these',
        )
      }
    }
    if (run.keepBest && !first.evaluates) throw new EmoError('TRAINING_RECIPE', 'keepBest needs a recipe with evaluate')
    const state = createSharedState({
      size,
      trainableCount: first.trainableCount,
      count: first.count,
      averages: run.ema !== undefined,
      keepsBest: run.keepBest !== undefined,
      twoMoments: run.optimizer.type === 'adamw',
    })
    this.progress = createProgress(progress, run.epochs, first.batchesPerEpoch)
    const checkpoint = restart ? undefined : await readCheckpoint(this.checkpointPath)
    if (checkpoint) {
      this.resume(checkpoint, state, first)
    } else {
      state.weights.set(first.initialWeights!)
      if (run.ema) state.average.set(first.initialWeights!)
      this.progress.note(`${directory}: ${first.trainableCount} parameters, ${size} ${size === 1 ? 'replica' : 'replicas'}`)
    }
    this.state = state
    if (this.stopRequested) this.requestStop()
    this.timer = setInterval(() => this.ask(request.save), checkpointMinutes * 60_000)
    this.timer.unref()
    return state
  }

  private resume({ state: saved, vectors }: Checkpoint, state: SharedState, description: ReplicaDescription): void {
    assertSameRun(this.checkpointPath, saved.run, this.runKey())
    assertSameRun(this.checkpointPath, { model: saved.shapes }, { model: description.shapes })
    for (const name of checkpointVectors) state[name].set(vectors[name])
    this.position = saved.stoppedEarly ? { ...saved.position, epoch: this.options.run.epochs, step: 0 } : saved.position
    this.history = [...saved.history]
    this.best = saved.best
    this.stoppedEarly = saved.stoppedEarly
    this.progress!.note(`${this.checkpointPath}: resumed in epoch ${saved.position.epoch + 1}, after ${saved.position.step} steps`)
  }

  private runKey(): unknown {
    return { config: this.options.config, ...this.options.run }
  }

  private onStep(report: StepReport): void {
    this.progress!.step(report)
  }

  private async finishEpoch(record: EpochRecord): Promise<boolean> {
    this.history.push(record)
    const isBest = this.judge(record)
    this.progress!.epoch(record, isBest)
    this.position = { epoch: record.epoch, step: 0, sums: emptySums() }
    this.stoppedEarly = this.isPatienceOver()
    await this.save()
    await writeAtomically(
      join(this.options.directory, 'history.json'),
      `${JSON.stringify({ history: this.history, best: this.best }, undefined, 2)}\n`,
    )
    return this.stoppedEarly
  }

  /** Keeps the epoch's weights if its evaluation is the best so far. */
  private judge({ epoch, evaluation }: EpochRecord): boolean {
    const { keepBest, ema } = this.options.run
    if (!keepBest || !evaluation) return false
    const value = evaluation[keepBest.metric] as number | undefined
    if (value === undefined) {
      throw new EmoError(
        'TRAINING_RECIPE',
        `keepBest looks for '${keepBest.metric}', evaluate gave ${Object.keys(evaluation).join(', ') || 'nothing'}`,
      )
    }
    const isBest = this.best === undefined || (keepBest.mode === 'max' ? value > this.best.value : value < this.best.value)
    if (isBest) {
      this.best = { epoch, value }
      const { best, average, weights } = this.state!
      best.set(ema ? average : weights)
    }
    return isBest
  }

  private isPatienceOver(): boolean {
    const { keepBest } = this.options.run
    if (keepBest?.patience === undefined || this.best === undefined) return false
    return this.history.filter(({ epoch, evaluation }) => evaluation !== undefined && epoch > this.best!.epoch).length >= keepBest.patience
  }

  /** Copies the state at once; the replicas may go on while it is written. */
  private async save(): Promise<void> {
    const { names, shapes } = this.description!
    const state: CheckpointState = {
      run: this.runKey(),
      position: this.position,
      history: this.history,
      best: this.best,
      stoppedEarly: this.stoppedEarly,
      names,
      shapes,
    }
    const bytes = await encodeCheckpoint(state, this.state!)
    this.writing = this.writing.then(() => writeAtomically(this.checkpointPath, bytes))
    // A failure is reported by close(); until then it must not count as unhandled.
    this.writing.catch(() => undefined)
  }

  private ask(bits: number): void {
    Atomics.or(this.state!.words, control.request, bits)
  }
}
