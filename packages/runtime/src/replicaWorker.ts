import { parentPort, workerData } from 'node:worker_threads'
import { EmoError } from '@emo/errors'
import { loadRecipe } from './training/loadRecipe.ts'
import { runReplica, type CoordinatorLink, type ReplicaStart } from './training/replica.ts'
import type { Answer, Request, SerializedError, WorkerData, WorkerMessage } from './training/workerMessages.ts'

// Runs one replica in a worker thread; `train` starts it.
const port = parentPort!
const { recipe, config, run, rank, size } = workerData as WorkerData

const waiting = new Map<number, (value: Answer['value']) => void>()
let lastId = 0

port.on('message', ({ id, value }: Answer) => {
  waiting.get(id)!(value)
  waiting.delete(id)
})

function send(message: WorkerMessage): void {
  port.postMessage(message)
}

function ask<Result extends Answer['value']>(request: Request): Promise<Result> {
  const id = ++lastId
  return new Promise((resolve) => {
    waiting.set(id, (value) => resolve(value as Result))
    send({ type: 'request', id, request })
  })
}

const link: CoordinatorLink = {
  describe: (value) => ask<ReplicaStart>({ type: 'describe', value }),
  step: (report) => send({ type: 'step', report }),
  save: (value) => ask<undefined>({ type: 'save', value }),
  finishEpoch: (value) => ask<boolean>({ type: 'finishEpoch', value }),
  gather: (_, value) => ask<Float32Array[]>({ type: 'gather', value }),
}

function serialize(error: unknown): SerializedError {
  if (!(error instanceof Error)) return { message: String(error) }
  const { message, stack } = error
  return error instanceof EmoError
    ? { message, stack, code: error.code, details: JSON.parse(JSON.stringify(error.details)) as SerializedError['details'] }
    : { message, stack }
}

async function main(): Promise<void> {
  try {
    await runReplica(await loadRecipe(recipe), { rank, size, config, run }, link)
    send({ type: 'done' })
  } catch (error) {
    send({ type: 'failed', error: serialize(error) })
  } finally {
    port.close()
  }
}

void main()
