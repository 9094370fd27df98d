import { Worker } from 'node:worker_threads'
import type { PredictorOptions } from '../predictor.ts'
import { createAnswerFile, type FileOutcome } from './answerFile.ts'

/**
 * Answers files in `workers` threads, each with its own models, and yields the outcomes in the order of the files.
 *
 * At most a few outcomes wait for an earlier, slower file, so a million files need no more memory than a hundred.
 */
export async function* answerFiles(
  files: readonly string[],
  workers: number,
  options: PredictorOptions,
  signal: AbortSignal,
): AsyncGenerator<FileOutcome> {
  const pool = Array.from({ length: Math.min(workers, files.length) }, () => startWorker(options, workers > 1))
  const pending: Promise<FileOutcome>[] = []
  // Two files a worker: one in work, one waiting, so that no worker idles while its answer travels.
  const window = pool.length * 2
  let next = 0
  let wake: (() => void) | undefined
  const interrupt = (): void => wake?.()
  signal.addEventListener('abort', interrupt)
  try {
    while (!signal.aborted) {
      while (next < files.length && pending.length < window) pending.push(leastBusy(pool).answer(files[next++]))
      const first = pending.shift()
      if (!first) return
      // Not Promise.race against one long-lived promise: that keeps a reaction for every file.
      const outcome = await new Promise<FileOutcome | undefined>((resolve) => {
        wake = () => resolve(undefined)
        void first.then(resolve)
      })
      if (!outcome) return
      yield outcome
    }
  } finally {
    signal.removeEventListener('abort', interrupt)
    await Promise.all(pool.map((worker) => worker.stop()))
  }
}

interface PoolWorker {
  busy: number
  answer(file: string): Promise<FileOutcome>
  stop(): Promise<unknown>
}

function leastBusy(pool: readonly PoolWorker[]): PoolWorker {
  return pool.reduce((best, worker) => (worker.busy < best.busy ? worker : best))
}

function startWorker(options: PredictorOptions, ownThread: boolean): PoolWorker {
  if (!ownThread) {
    const answer = createAnswerFile(options)
    let last: Promise<unknown> = Promise.resolve()
    return {
      busy: 0,
      answer: (file) => {
        const outcome = last.then(() => answer(file))
        last = outcome
        return outcome
      },
      stop: () => Promise.resolve(),
    }
  }
  const waiting: { file: string; resolve: (outcome: FileOutcome) => void }[] = []
  let dead: string | undefined
  const thread = new Worker(new URL('./predictWorker.js', import.meta.url), { workerData: options })
  const worker: PoolWorker = {
    busy: 0,
    answer: (file) =>
      new Promise((resolve) => {
        if (dead !== undefined) {
          resolve(crashed(file, dead))
          return
        }
        worker.busy++
        waiting.push({ file, resolve })
        thread.postMessage(file)
      }),
    stop: () => thread.terminate(),
  }
  const fail = (reason: string): void => {
    dead = reason
    for (const { file, resolve } of waiting.splice(0)) resolve(crashed(file, reason))
  }
  thread.on('message', (outcome: FileOutcome) => {
    worker.busy--
    waiting.shift()?.resolve(outcome)
  })
  thread.on('error', (error) => fail(error.message))
  thread.on('exit', (code) => fail(`exit code ${code}`))
  return worker
}

function crashed(file: string, reason: string): FileOutcome {
  return { failure: { file, code: 'WORKER_CRASHED', message: `the worker that had this file stopped: ${reason}` } }
}
