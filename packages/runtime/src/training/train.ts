import { resolve } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { EmoError, EmoRangeError } from '@emo/errors'
import type * as tf from '../tf.ts'
import { Coordinator } from './coordinator.ts'
import { enableRelaxedSimd, loadRecipe } from './loadRecipe.ts'
import type { ProgressStyle } from './progress.ts'
import { runReplica, type CoordinatorLink } from './replica.ts'
import type { EpochRecord, RunOptions } from './runOptions.ts'
import { startWorker } from './startWorker.ts'
import { weightVector, writeWeights } from './weightVector.ts'
import type { Answer, Request, SerializedError, WorkerData, WorkerMessage } from './workerMessages.ts'

/** How {@link train} runs. */
export interface TrainOptions extends RunOptions {
  /** Folder of `checkpoint.safetensors` and `history.json`; the same call resumes from it. */
  readonly directory: string
  /** Replicas; 1 (the default) runs in this thread, more in worker threads of their own. */
  readonly workers?: number
  /** Minutes between checkpoints within an epoch; default 5. */
  readonly checkpointMinutes?: number
  /** Ignore and replace an old checkpoint; default false. */
  readonly restart?: boolean
  /** Default `auto`: a bar on a terminal, else lines. */
  readonly progress?: ProgressStyle
  /** Saves and stops at the next step, like Ctrl-C. */
  readonly signal?: AbortSignal
}

/** A finished run. */
export interface TrainingResult {
  readonly history: readonly EpochRecord[]
  /** The best epoch, if the run kept it. */
  readonly best: { readonly epoch: number; readonly value: number } | undefined
  /**
   * Gives a model of the same architecture the trained weights.
   *
   * @param which - `final`: of the last step, averaged if the run averages; `best`: of the best epoch. Default: `best` if the run kept it
   */
  apply(model: tf.LayersModel, which?: 'final' | 'best'): void
}

/**
 * Trains a model on the WebAssembly backend with data-parallel replicas.
 *
 * Each replica computes the gradient of its share of a batch; the weighted mean is formed in a fixed order in shared memory, so a run
 * is deterministic for its seed and number of workers, and equal between numbers of workers up to the order of float additions and, if
 * the model has batch norm, the batch its statistics are taken from. The run saves a checkpoint after every epoch, every
 * `checkpointMinutes`, and on SIGINT and SIGTERM; the same call goes on from there and gives what an uninterrupted run would have given.
 *
 * @param recipe - module that exports `createJob` ({@link CreateJob})
 * @param config - JSON for the recipe; part of the checkpoint's identity
 * @param options - the run
 * @throws {@link EmoError} `TRAINING_INTERRUPTED` after a signal; `TRAINING_DIVERGED` for a loss that is not finite;
 * `TRAINING_RECIPE` for a recipe that breaks its contract; `TRAINING_WORKER_FAILED` when a worker ends unasked;
 * `CHECKPOINT_MISMATCH` and `CHECKPOINT_DAMAGED` for a checkpoint that cannot be resumed.
 * {@link EmoRangeError} `TRAINING_OPTIONS` for numbers out of range.
 */
export async function train<Config>(recipe: URL, config: Config, options: TrainOptions): Promise<TrainingResult> {
  const { directory, workers = 1, checkpointMinutes = 5, restart = false, progress = 'auto', signal, ...run } = options
  checkOptions(run, workers)
  enableRelaxedSimd()
  const coordinator = new Coordinator({ directory: resolve(directory), size: workers, config, run, checkpointMinutes, restart, progress })
  const controller = new AbortController()
  const stop = (): void => {
    if (!coordinator.requestStop()) controller.abort()
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  // Once: a second Ctrl-C ends the process the usual way.
  for (const name of signals) process.once(name, stop)
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  try {
    if (workers === 1) await runHere(recipe, config, run, coordinator)
    else await runInWorkers(recipe, { config, run, size: workers }, coordinator, controller.signal)
  } finally {
    for (const name of signals) process.removeListener(name, stop)
    signal?.removeEventListener('abort', stop)
    await coordinator.close()
  }
  if (coordinator.interrupted) throw interrupted(coordinator.checkpointPath)
  return resultOf(coordinator, run)
}

function checkOptions(run: RunOptions, workers: number): void {
  const { epochs, optimizer, evaluateEvery = 1, ema, gradientClipNorm = 1 } = run
  const checks: [string, number, boolean][] = [
    ['epochs', epochs, Number.isInteger(epochs) && epochs > 0],
    ['workers', workers, Number.isInteger(workers) && workers > 0],
    ['evaluateEvery', evaluateEvery, Number.isInteger(evaluateEvery) && evaluateEvery > 0],
    ['optimizer.learningRate', optimizer.learningRate, optimizer.learningRate > 0 && Number.isFinite(optimizer.learningRate)],
    ['ema.decay', ema?.decay ?? 0, ema === undefined || (ema.decay >= 0 && ema.decay < 1)],
    ['gradientClipNorm', gradientClipNorm, gradientClipNorm > 0],
  ]
  for (const [name, value, isValid] of checks) {
    if (!isValid) throw new EmoRangeError('TRAINING_OPTIONS', `${name} is ${value}, out of range`, { details: { name, value } })
  }
}

async function runHere(recipe: URL, config: unknown, run: RunOptions, coordinator: Coordinator): Promise<void> {
  const createJob = await loadRecipe(recipe.href)
  await runReplica(createJob, { rank: 0, size: 1, config, run }, coordinator.link())
}

async function runInWorkers(
  recipe: URL,
  common: Pick<WorkerData, 'config' | 'run' | 'size'>,
  coordinator: Coordinator,
  stopped: AbortSignal,
): Promise<void> {
  const link = coordinator.link()
  const workers = Array.from({ length: common.size }, (_, rank) => {
    const workerData: WorkerData = { ...common, recipe: recipe.href, rank }
    return { rank, worker: startWorker(workerData) }
  })
  try {
    await Promise.race([
      Promise.all(workers.map(({ worker, rank }) => serve(worker, rank, link))),
      new Promise<never>((_, reject) => stopped.addEventListener('abort', () => reject(interrupted(coordinator.checkpointPath)))),
    ])
  } catch (error) {
    coordinator.abort()
    throw error
  } finally {
    await Promise.all(workers.map(({ worker }) => worker.terminate()))
  }
}

function serve(worker: Worker, rank: number, link: CoordinatorLink): Promise<void> {
  return new Promise((resolveDone, reject) => {
    worker.on('message', (message: WorkerMessage) => {
      switch (message.type) {
        case 'step':
          link.step(message.report)
          break
        case 'request':
          answer(message.request, rank, link).then((value) => worker.postMessage({ id: message.id, value } satisfies Answer), reject)
          break
        case 'failed':
          if (message.error.code !== 'TRAINING_ABORTED') reject(deserialize(message.error))
          break
        case 'done':
          resolveDone()
      }
    })
    worker.on('error', reject)
    worker.on('exit', (code) => reject(new EmoError('TRAINING_WORKER_FAILED', `training worker ${rank} ended with exit code ${code}`)))
  })
}

function answer(request: Request, rank: number, link: CoordinatorLink): Promise<Answer['value']> {
  switch (request.type) {
    case 'describe':
      return link.describe(request.value)
    case 'save':
      return link.save(request.value) as Promise<undefined>
    case 'finishEpoch':
      return link.finishEpoch(request.value)
    case 'gather':
      return link.gather(rank, request.value)
  }
}

function deserialize({ message, stack, code, details }: SerializedError): Error {
  const error = code === undefined ? new Error(message) : new EmoError(code, message, { details })
  error.stack = stack
  return error
}

function interrupted(checkpoint: string): EmoError {
  return new EmoError('TRAINING_INTERRUPTED', `training was stopped; the same command goes on from ${checkpoint}`, {
    details: { checkpoint },
  })
}

function resultOf(coordinator: Coordinator, run: RunOptions): TrainingResult {
  const { state, history, best, description } = coordinator.outcome()
  return {
    history,
    best,
    apply(model, which = run.keepBest ? 'best' : 'final') {
      const vector = weightVector(model)
      if (JSON.stringify(vector.entries.map(({ shape }) => shape)) !== JSON.stringify(description.shapes)) {
        throw new EmoError('MODEL_UNSUPPORTED', 'the model has not the shapes of the one that was trained')
      }
      if (which === 'best' && best === undefined)
        throw new EmoError('TRAINING_OPTIONS', 'the run kept no best epoch: pass keepBest to train')
      writeWeights(vector, which === 'best' ? state.best : run.ema ? state.average : state.weights)
    },
  }
}
