import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startBackend } from '../../startBackend.ts'
import { readCheckpoint } from '../checkpoint.ts'
import { train, type TrainingResult, type TrainOptions } from '../train.ts'
import { createJob, type ClassifierConfig } from './recipes/classifier.ts'

const recipe = new URL('./recipes/classifier.ts', import.meta.url)
const command = fileURLToPath(new URL('./recipes/command.ts', import.meta.url))
const config: ClassifierConfig = { dropout: 0.2, batchNormalization: true }
const options = {
  epochs: 4,
  optimizer: { type: 'adamw', learningRate: 0.01 },
  schedule: { type: 'oneCycle' },
  ema: { decay: 0.9 },
  keepBest: { metric: 'accuracy', mode: 'max' },
  progress: 'silent',
} as const satisfies Omit<TrainOptions, 'directory'>

let directory: string
let checkpoint: string

beforeEach(async () => {
  await startBackend()
  directory = await mkdtemp(join(tmpdir(), 'emo-resume-'))
  checkpoint = join(directory, 'run/checkpoint.safetensors')
})
afterEach(() => rm(directory, { recursive: true }))

const run = (more: Partial<TrainOptions> = {}) => train(recipe, config, { ...options, directory: join(directory, 'run'), ...more })

/** Runs the command in a process of its own, which sends itself `signal`. */
function runUntil(signal: string, more: Partial<TrainOptions> = {}): ReturnType<typeof spawnSync> {
  const argument = JSON.stringify({ ...options, config, directory: join(directory, 'run'), ...more })
  return spawnSync(process.execPath, ['--import', 'tsx', '--conditions=@emo/source', command, argument], {
    env: { ...process.env, TEST_SIGNAL: signal },
    encoding: 'utf8',
    timeout: 120_000,
  })
}

async function weightsOf(result: TrainingResult, which: 'final' | 'best'): Promise<number[]> {
  const { model } = await createJob({ rank: 0, size: 1, config, seed: 1 })
  result.apply(model, which)
  return model.getWeights().flatMap((weight) => Array.from(weight.dataSync()))
}

async function expectSameRun(actual: TrainingResult, expected: TrainingResult): Promise<void> {
  const rounded = ({ history }: TrainingResult) =>
    history.map(({ epoch, loss, learningRate, train: metrics, evaluation }) => ({
      epoch,
      loss: loss.toFixed(5),
      learningRate,
      metrics,
      evaluation,
    }))
  expect(rounded(actual)).toEqual(rounded(expected))
  expect(actual.best).toEqual(expected.best)
  for (const which of ['final', 'best'] as const) {
    const [a, b] = [await weightsOf(actual, which), await weightsOf(expected, which)]
    // The child process may run the relaxed SIMD kernels, which round a product and its sum once, not twice.
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i])))).toBeLessThan(1e-5)
  }
}

describe.each([1, 2])('a run of %d worker(s)', (workers) => {
  test('goes on after Ctrl-C in the middle of an epoch as if nothing had happened', async () => {
    const uninterrupted = await run({ workers, directory: join(directory, 'whole') })
    const child = runUntil('5 SIGINT', { workers })
    expect(child.stderr).toContain('TRAINING_INTERRUPTED')
    expect(child.status).toBe(3)
    const { position, history } = (await readCheckpoint(checkpoint))!.state
    expect(position).toMatchObject({ epoch: 1 })
    expect(position.step).toBeGreaterThanOrEqual(3)
    expect(history.length).toBe(1)
    await expectSameRun(await run({ workers }), uninterrupted)
  })

  test('goes on after a kill from its last checkpoint', async () => {
    const uninterrupted = await run({ workers, directory: join(directory, 'whole') })
    const child = runUntil('10 SIGKILL', { workers, checkpointMinutes: 1e-6 })
    expect(child.signal).toBe('SIGKILL')
    expect((await readCheckpoint(checkpoint))!.state.position.epoch).toBeGreaterThanOrEqual(1)
    await expectSameRun(await run({ workers }), uninterrupted)
  })
})

test('an aborted signal stops the run, and the next call finishes it', async () => {
  const controller = new AbortController()
  const interrupted = run({ signal: controller.signal })
  controller.abort()
  await expect(interrupted).rejects.toMatchObject({ code: 'TRAINING_INTERRUPTED' })
  expect((await run()).history.length).toBe(options.epochs)
})

test('a finished run answers from its checkpoint', async () => {
  const first = await run()
  const { mtimeMs } = await stat(checkpoint)
  await expectSameRun(await run(), first)
  expect((await stat(checkpoint)).mtimeMs).toBe(mtimeMs)
})

test('a checkpoint of another run is refused by what differs', async () => {
  await run()
  await expect(run({ optimizer: { type: 'adamw', learningRate: 0.02 }, seed: 5 })).rejects.toMatchObject({
    code: 'CHECKPOINT_MISMATCH',
    details: { differences: ['optimizer.learningRate', 'seed'] },
  })
  await expect(train(recipe, { ...config, dropout: 0.3 }, { ...options, directory: join(directory, 'run') })).rejects.toMatchObject({
    details: { differences: ['config.dropout'] },
  })
  expect((await run({ seed: 5, restart: true })).history.length).toBe(options.epochs)
})

test.each([
  ['cut short', () => truncate(checkpoint, 500)],
  ['empty', () => truncate(checkpoint, 0)],
  ['not a checkpoint', () => writeFile(checkpoint, 'What is this? It is longer than eight bytes.')],
  [
    'changed in one bit',
    async () => {
      const bytes = await readFile(checkpoint)
      bytes[bytes.length - 3] ^= 4
      await writeFile(checkpoint, bytes)
    },
  ],
])('a checkpoint that is %s is refused', async (_, damage) => {
  await run()
  await damage()
  await expect(run()).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED', details: { path: checkpoint } })
})
