import { Worker } from 'node:worker_threads'
import type { PredictorOptions } from '../predictor.ts'
import type { FileInput, FileOutcome } from './answerFile.ts'

/** Files that each of several workers has at a time: one is judged while the next is read. A single one answers before it begins the next. */
const IN_WORK = 2
/** Files a worker's share of those that are begun and not yet yielded: a long one holds up those after it, not the work on them. */
const PENDING = 64

/**
 * Answers files in `workers` threads, each with its own models, and yields the outcomes in the order of the files. A single one has a thread, too: this
 * one stays free to hear of an interruption.
 *
 * While one worker is busy with a long file the others go on, up to a limit, so a million files need no more memory than a hundred.
 */
export async function* answerFiles(
  files: readonly FileInput[],
  workers: number,
  options: PredictorOptions,
  signal: AbortSignal,
): AsyncGenerator<FileOutcome> {
  const pool = Array.from({ length: Math.min(workers, files.length) }, () => startWorker(options))
  /** A worker that crashed, out of memory for instance, is replaced: only the files that it had are lost. */
  const leastBusy = (): PoolWorker => {
    pool.forEach((worker, i) => {
      if (worker.dead) pool[i] = startWorker(options)
    })
    return pool.reduce((best, worker) => (worker.busy < best.busy ? worker : best))
  }
  /** In the order of the files, from the first whose outcome was not yet yielded. */
  const pending: { outcome?: FileOutcome }[] = []
  const mostInWork = pool.length > 1 ? pool.length * IN_WORK : 1
  let inWork = 0
  let next = 0
  let wake: (() => void) | undefined
  const interrupt = (): void => wake?.()
  signal.addEventListener('abort', interrupt)
  try {
    while (!signal.aborted) {
      while (next < files.length && inWork < mostInWork && pending.length < pool.length * PENDING) {
        const slot: { outcome?: FileOutcome } = {}
        pending.push(slot)
        inWork++
        void leastBusy()
          .answer(files[next++])
          .then((outcome) => {
            slot.outcome = outcome
            inWork--
            wake?.()
          })
      }
      if (pending.length === 0) return
      const { outcome } = pending[0]
      if (outcome) {
        pending.shift()
        yield outcome
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    signal.removeEventListener('abort', interrupt)
    await Promise.all(pool.map((worker) => worker.stop()))
  }
}

interface PoolWorker {
  busy: number
  dead: boolean
  answer(input: FileInput): Promise<FileOutcome>
  stop(): Promise<unknown>
}

function startWorker(options: PredictorOptions): PoolWorker {
  const waiting = new Map<number, { file: string; resolve: (outcome: FileOutcome) => void }>()
  let lastId = 0
  let reason: string | undefined
  const thread = new Worker(new URL(import.meta.url.endsWith('.ts') ? './predictWorker.ts' : './predictWorker.js', import.meta.url), {
    workerData: options,
  })
  const worker: PoolWorker = {
    busy: 0,
    dead: false,
    answer: (input) =>
      new Promise((resolve) => {
        if (reason !== undefined) {
          resolve(crashed(input.file, reason))
          return
        }
        worker.busy++
        const id = ++lastId
        waiting.set(id, { file: input.file, resolve })
        thread.postMessage({ id, input })
      }),
    stop: () => thread.terminate(),
  }
  const fail = (why: string): void => {
    worker.dead = true
    reason ??= why
    for (const { file, resolve } of waiting.values()) resolve(crashed(file, reason))
    waiting.clear()
  }
  thread.on('message', ({ id, outcome }: { id: number; outcome: FileOutcome }) => {
    worker.busy--
    waiting.get(id)?.resolve(outcome)
    waiting.delete(id)
  })
  thread.on('error', (error) => fail(error.message))
  thread.on('exit', (code) => fail(`exit code ${code}`))
  return worker
}

function crashed(file: string, reason: string): FileOutcome {
  return { failure: { file, code: 'WORKER_CRASHED', message: `the worker that had this file stopped: ${reason}` } }
}
