import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { kernels } from '../kernelModule.ts'
import { addressOf, allocate } from '../tensorMemory.ts'
import { kernelVariants } from './kernelVariants.ts'
import { startTestBackend } from './testBackend.ts'

describe.each(kernelVariants)('activations, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it.each([
    { name: 'tanh', logistic: 0, exact: Math.tanh },
    { name: 'sigmoid', logistic: 1, exact: (x: number) => 1 / (1 + Math.exp(-x)) },
  ])('$name is exact to 1e-6 everywhere', ({ logistic, exact }) => {
    const values = Float32Array.from({ length: 40_001 }, (_, i) => (i - 20_000) / 1000)
    const extremes = Float32Array.of(...values, -1e30, 1e30, -Infinity, Infinity)
    const x = tf.tensor1d(extremes)
    const y = tf.engine().makeTensorFromTensorInfo(allocate(x.shape))
    kernels().run.evaluateActivation(logistic, addressOf(x), x.size, addressOf(y))
    const actual = y.dataSync()
    let largest = 0
    extremes.forEach((value, i) => (largest = Math.max(largest, Math.abs(actual[i] - exact(value)))))
    expect(largest).toBeLessThan(1e-6)
    tf.dispose([x, y])
  })

  it('lets NaN through', () => {
    const x = tf.tensor1d([NaN])
    const y = tf.engine().makeTensorFromTensorInfo(allocate(x.shape))
    kernels().run.evaluateActivation(0, addressOf(x), 1, addressOf(y))
    expect(y.dataSync()[0]).toBeNaN()
    tf.dispose([x, y])
  })
})
