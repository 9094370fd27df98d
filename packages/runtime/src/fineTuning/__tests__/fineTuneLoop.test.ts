import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom, fineTuneLoop, startBackend, tf, type FineTuneProgress, type FineTuneTask } from '../../index.ts'

beforeAll(() => startBackend())

/** Two groups of points in the plane, and a linear classifier that knows nothing. */
function task(count = 20): FineTuneTask & { dispose(): void } {
  const labels = Array.from({ length: count }, (_, i) => i % 2)
  const points = labels.map((label, i) => [label === 0 ? -1 - i / 20 : 1 + i / 20, 0.1 * i])
  const weights = tf.variable(tf.zeros([2, 2]))
  return {
    labels,
    classes: 2,
    variables: [weights],
    logProbabilities: (chosen) => tf.logSoftmax(tf.matMul<tf.Tensor2D>(tf.tensor2d(chosen.map((i) => points[i])), weights)),
    random: createRandom(1, 'test'),
    dispose: () => weights.dispose(),
  }
}

const settings = { epochs: 30, learningRate: 0.1, batchSize: 8, anchor: 0.001 }

describe('fineTuneLoop', () => {
  it('learns, reports every epoch and leaves no tensor behind', async () => {
    const job = task()
    const tensors = tf.memory().numTensors
    const progress: FineTuneProgress[] = []
    await fineTuneLoop(job, { ...settings, onProgress: (step) => progress.push(step) })
    expect(tf.memory().numTensors).toBe(tensors)
    expect(progress.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
    expect(progress[29].accuracy).toBe(1)
    expect(progress[29].loss).toBeLessThan(progress[0].loss / 2)
    job.dispose()
  })

  it('stays near the weights before when the anchor is heavy', async () => {
    const norms: number[] = []
    for (const anchor of [0, 10]) {
      const job = task()
      await fineTuneLoop(job, { ...settings, anchor })
      norms.push(tf.tidy(() => tf.norm(job.variables[0]).dataSync()[0]))
      job.dispose()
    }
    expect(norms[1]).toBeLessThan(norms[0] / 4)
  })

  it('stops when told to, and cleans up', async () => {
    const job = task()
    const tensors = tf.memory().numTensors
    const abort = new AbortController()
    const running = fineTuneLoop(job, {
      ...settings,
      signal: abort.signal,
      onProgress: ({ epoch }) => epoch === 3 && abort.abort('enough'),
    })
    await expect(running).rejects.toMatchObject({ code: 'FINE_TUNE_ABORTED', cause: 'enough' })
    expect(tf.memory().numTensors).toBe(tensors)
    job.dispose()
  })

  it('lets other work go on within an epoch, and stops there', async () => {
    const job = task(4000)
    const abort = new AbortController()
    setTimeout(() => abort.abort('enough'), 0)
    const epochs: number[] = []
    const running = fineTuneLoop(job, {
      ...settings,
      epochs: 1,
      batchSize: 1,
      signal: abort.signal,
      onProgress: ({ epoch }) => epochs.push(epoch),
    })
    await expect(running).rejects.toMatchObject({ code: 'FINE_TUNE_ABORTED', cause: 'enough' })
    expect(epochs).toEqual([])
    job.dispose()
  })
})
