import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startBackend } from '../../startBackend.ts'
import * as tf from '../../tf.ts'
import { train, type TrainingResult, type TrainOptions } from '../train.ts'
import { createJob, type ClassifierConfig } from './recipes/classifier.ts'

const recipe = new URL('./recipes/classifier.ts', import.meta.url)
const options = {
  epochs: 4,
  seed: 7,
  optimizer: { type: 'sgd', learningRate: 0.1, weightDecay: 1e-3 },
  schedule: { type: 'cosine', warmupSteps: 3 },
  gradientClipNorm: 1,
  ema: { decay: 0.9 },
  progress: 'silent',
} as const satisfies Omit<TrainOptions, 'directory'>

let directory: string

beforeEach(async () => {
  await startBackend()
  directory = await mkdtemp(join(tmpdir(), 'emo-train-'))
})
afterEach(() => rm(directory, { recursive: true }))

const run = (config: ClassifierConfig, more: Partial<TrainOptions> = {}) =>
  train(recipe, config, { ...options, directory: join(directory, 'run'), ...more })

async function weightsOf(result: TrainingResult, config: ClassifierConfig, which?: 'final' | 'best'): Promise<number[]> {
  const { model } = await createJob({ rank: 0, size: 1, config, seed: 1 })
  result.apply(model, which)
  return model.getWeights().flatMap((weight) => Array.from(weight.dataSync()))
}

function expectClose(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(actual.length).toBe(expected.length)
  const worst = Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))
  expect(worst).toBeLessThan(tolerance)
}

describe('train', () => {
  test('learns, and records every epoch', async () => {
    const { history } = await run({}, { epochs: 12 })
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
    expect(history.at(-1)!.loss).toBeLessThan(history[0].loss * 0.8)
    expect(history.at(-1)!.train.accuracy).toBeGreaterThan(0.75)
    expect(history.at(-1)!.evaluation!.accuracy).toBeGreaterThan(0.75)
    expect(JSON.parse(await readFile(join(directory, 'run/history.json'), 'utf8'))).toMatchObject({ history })
  })

  test('repeats itself bit for bit, dropout included', async () => {
    const config = { dropout: 0.5 }
    const first = await weightsOf(await run(config), config)
    expect(await weightsOf(await run(config, { restart: true }), config)).toEqual(first)
    expect(await weightsOf(await run(config, { restart: true, seed: 8 }), config)).not.toEqual(first)
  })

  test.each([{ type: 'sgd', learningRate: 0.1 } as const, { type: 'adamw', learningRate: 0.01 } as const])(
    'two and three workers give what one gives, up to the order of additions ($type)',
    async (optimizer) => {
      const one = await run({ batchSize: 15 }, { optimizer })
      for (const workers of [2, 3]) {
        const several = await run({ batchSize: 15 }, { optimizer, workers, directory: join(directory, `w${workers}`) })
        expectClose(await weightsOf(several, {}), await weightsOf(one, {}), 1e-5)
        several.history.forEach((record, i) => {
          expect(record.loss).toBeCloseTo(one.history[i].loss, 5)
          expect(record.train.accuracy).toBeCloseTo(one.history[i].train.accuracy, 6)
          expect(record.evaluation).toEqual(one.history[i].evaluation)
        })
      }
    },
  )

  test('averages batch-norm statistics over the replicas', async () => {
    const config = { batchNormalization: true, examples: 512, batchSize: 128 }
    const one = await weightsOf(await run(config), config)
    const two = await weightsOf(await run(config, { workers: 2, directory: join(directory, 'two') }), config)
    // Each replica normalises by the statistics of its own half: near, not equal.
    expectClose(two, one, 0.1)
    expect(two).not.toEqual(one)
  })

  test('leaves no tensors behind in a step', async () => {
    await run({ dropout: 0.3, batchNormalization: true }, { epochs: 1 })
    const counts: number[] = []
    for (const epochs of [1, 3, 6]) {
      const before = tf.memory().numTensors
      await run({ dropout: 0.3, batchNormalization: true }, { epochs, restart: true })
      counts.push(tf.memory().numTensors - before)
    }
    expect(new Set(counts).size).toBe(1)
  })

  test('a loss that is not finite stops the run with the place', async () => {
    await expect(run({ nanFrom: 5 })).rejects.toMatchObject({ code: 'TRAINING_DIVERGED', details: { epoch: 2, step: 2 } })
  })

  test('an error in one worker ends the run with that error', async () => {
    await expect(run({ failAt: { rank: 1, step: 2 } }, { workers: 2 })).rejects.toThrow('this replica fails')
  })

  test('keeps the best epoch and stops when patience ends', async () => {
    const keepBest = { metric: 'accuracy', mode: 'max', patience: 2 } as const
    const result = await run({}, { epochs: 60, keepBest })
    const accuracies = result.history.map(({ evaluation }) => evaluation!.accuracy)
    const best = accuracies.indexOf(Math.max(...accuracies))
    expect(result.best).toEqual({ epoch: best + 1, value: accuracies[best] })
    expect(result.history.length).toBe(best + 1 + 2)
    expect(await weightsOf(result, {}, 'best')).not.toEqual(await weightsOf(result, {}, 'final'))
    // Once more: the checkpoint knows that the run is over.
    expect((await run({}, { epochs: 60, keepBest })).history).toEqual(result.history)
  })

  test.each([
    ['epochs', { epochs: 0 }],
    ['workers', { workers: 1.5 }],
    ['learningRate', { optimizer: { type: 'sgd', learningRate: 0 } }],
    ['ema', { ema: { decay: 1 } }],
  ] as const)('refuses %s out of range', async (_, bad) => {
    await expect(run({}, bad)).rejects.toMatchObject({ code: 'TRAINING_OPTIONS' })
  })

  test('a module without createJob is refused', async () => {
    const other = new URL('../schedule.ts', import.meta.url)
    await expect(train(other, {}, { ...options, directory })).rejects.toMatchObject({ code: 'TRAINING_RECIPE' })
  })
})
