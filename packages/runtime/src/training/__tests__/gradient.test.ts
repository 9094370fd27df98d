import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { createRandom } from '../../random.ts'
import { startBackend } from '../../startBackend.ts'
import * as tf from '../../tf.ts'
import { train } from '../train.ts'
import { createJob } from './recipes/classifier.ts'

test("one step of gradient descent moves every weight by the loss's numerical gradient", async () => {
  await startBackend()
  const directory = await mkdtemp(join(tmpdir(), 'emo-gradient-'))
  const config = { examples: 32, batchSize: 32 }
  const learningRate = 0.5
  const result = await train(new URL('./recipes/classifier.ts', import.meta.url), config, {
    directory,
    epochs: 1,
    seed: 3,
    optimizer: { type: 'sgd', learningRate, momentum: 0, nesterov: false },
    progress: 'silent',
  })
  await rm(directory, { recursive: true })

  // The same job by hand: the weights that `train` began with, its only batch, central differences.
  const seeded = vi.spyOn(Math, 'random').mockImplementation(createRandom(3, 'model').next)
  const job = await createJob({ rank: 0, size: 1, config, seed: 3 })
  seeded.mockRestore()
  const [batch] = job.trainBatches(0, createRandom(3, 'epoch', 0)) as Iterable<{ x: Float32Array; y: Int32Array }>
  const loss = () =>
    tf.tidy(() => {
      const answer = job.loss(job.model, batch)
      return (answer instanceof tf.Tensor ? answer : answer.loss).dataSync()[0]
    })
  const before = job.model.getWeights().map((weight) => ({ shape: weight.shape, values: weight.dataSync().slice() as Float32Array }))
  const set = (all: typeof before) => tf.tidy(() => job.model.setWeights(all.map(({ shape, values }) => tf.tensor(values, shape))))
  const numerical = before.flatMap(({ values }) =>
    Array.from(values, (value, i) => {
      const lossAt = (moved: number) => {
        values[i] = moved
        set(before)
        values[i] = value
        return loss()
      }
      return (lossAt(value + 1e-2) - lossAt(value - 1e-2)) / 2e-2
    }),
  )
  const start = before.flatMap(({ values }) => Array.from(values))
  result.apply(job.model)
  const end = job.model.getWeights().flatMap((weight) => Array.from(weight.dataSync()))
  expect(Math.max(...numerical.map(Math.abs))).toBeGreaterThan(0.05)
  numerical.forEach((gradient, i) => expect((start[i] - end[i]) / learningRate).toBeCloseTo(gradient, 2))
})
