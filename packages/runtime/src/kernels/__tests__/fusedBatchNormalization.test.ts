import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { addRelu } from '../addRelu.ts'
import { channelMoments, fusedBatchNormalization, type FusedBatchNormalizationOptions } from '../fusedBatchNormalization.ts'
import { kernelVariants } from './kernelVariants.ts'
import { onCpu, randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'

const cases = fc.record({
  shape: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
  channels: fc.integer({ min: 1, max: 21 }),
  scale: fc.boolean(),
  center: fc.boolean(),
  relu: fc.boolean(),
  frozen: fc.boolean(),
  offset: fc.integer({ min: -3, max: 3 }),
  seed: fc.integer({ min: 0, max: 1000 }),
})

/** The definition in stock operations. */
function reference(x: tf.Tensor, { gamma, beta, mean, variance, epsilon = 1e-3, activation }: FusedBatchNormalizationOptions): tf.Tensor {
  const axes = x.shape.slice(0, -1).map((_, i) => i)
  const moments = mean && variance ? { mean, variance } : tf.moments(x, axes)
  let y: tf.Tensor = tf.div(tf.sub(x, moments.mean), tf.sqrt(tf.add(moments.variance, epsilon)))
  if (gamma) y = tf.mul(y, gamma)
  if (beta) y = tf.add(y, beta)
  return activation === 'relu' ? tf.relu(y) : y
}

describe.each(kernelVariants)('fused batch normalisation, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('equals the definition on the CPU backend, gradients included', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, channels, scale, center, relu, frozen, offset, seed }) => {
        const rows = shape.reduce((a, b) => a * b, 1)
        const run = (normalize: (x: tf.Tensor, options: FusedBatchNormalizationOptions) => tf.Tensor) => () => {
          const vector = (by: number, add = 0) => tf.tensor1d(randomValues(channels, seed + by).map((v) => v + add))
          const x = tf.tensor(
            randomValues(rows * channels, seed).map((v) => v + offset),
            [...shape, channels],
          )
          const fixed = frozen ? { mean: vector(1, offset), variance: vector(2, 1.5) } : {}
          const parameters = [...(scale ? [vector(3)] : []), ...(center ? [vector(4)] : [])]
          const compute = (input: tf.Tensor, ...rest: tf.Tensor[]) =>
            normalize(input, {
              ...fixed,
              gamma: scale ? (rest.shift() as tf.Tensor1D) : undefined,
              beta: center ? (rest.shift() as tf.Tensor1D) : undefined,
              epsilon: 1e-2,
              activation: relu ? 'relu' : 'linear',
            })
          const dy = tf.tensor(randomValues(x.size, seed + 5), x.shape)
          return [compute(x, ...parameters), ...tf.grads(compute)([x, ...parameters], dy)]
        }
        const expected = await onCpu(run(reference))
        // Gradients are sums over rows, which may cancel: what rounding leaves of them grows with the root of their number.
        const least = 0.05 * Math.sqrt(rows)
        valuesOf(run(fusedBatchNormalization)).forEach((values, i) => expect(relativeError(values, expected[i], least)).toBeLessThan(1e-4))
      }),
      { numRuns: 150 },
    )
  })

  it('keeps the variance of values far from zero', () => {
    const rows = 5000
    const values = randomValues(rows * 6, 3).map((v) => 1000 + v)
    const [mean, variance] = valuesOf(() => {
      const moments = channelMoments(tf.tensor2d(values, [rows, 6]))
      return [moments.mean, moments.variance]
    })
    for (let c = 0; c < 6; c++) {
      let sum = 0
      for (let i = 0; i < rows; i++) sum += values[i * 6 + c]
      let squares = 0
      for (let i = 0; i < rows; i++) squares += (values[i * 6 + c] - sum / rows) ** 2
      expect(Math.abs(mean[c] - sum / rows)).toBeLessThan(1e-3)
      expect(variance[c] / (squares / rows)).toBeCloseTo(1, 3)
    }
  })

  it('names the parameter whose shape is wrong', () => {
    tf.tidy(() => {
      expect(() => fusedBatchNormalization(tf.ones([2, 3]), { gamma: tf.ones([2]) })).toThrow(
        /gamma must be float32 with one value for each of the 3/,
      )
      expect(() => fusedBatchNormalization(tf.ones([2, 3]), { mean: tf.ones([3]) })).toThrow(/both mean and variance/)
    })
  })

  it('leaves tensor count and heap where they were', () => {
    const run = () =>
      valuesOf(() =>
        tf.grads((x: tf.Tensor, gamma: tf.Tensor) => fusedBatchNormalization(x, { gamma: gamma as tf.Tensor1D, activation: 'relu' }))([
          tf.ones([64, 6, 6, 24]),
          tf.ones([24]),
        ]),
      )
    for (let i = 0; i < 20; i++) run()
    const { numTensors } = tf.memory()
    const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }
    const bytes = wasm.HEAPU8.length
    for (let i = 0; i < 300; i++) run()
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(wasm.HEAPU8.length).toBe(bytes)
  })
})

describe.each(kernelVariants)('addRelu, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('equals relu(a + b), gradients included', async () => {
    for (const size of [1, 3, 4, 7, 130]) {
      const run = (combine: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) => () => {
        const [a, b, dy] = [1, 2, 3].map((seed) => tf.tensor1d(randomValues(size, seed)))
        return [combine(a, b), ...tf.grads(combine)([a, b], dy)]
      }
      const expected = await onCpu(run((a, b) => tf.relu(tf.add(a, b))))
      // Not toEqual: -0 is 0 here.
      valuesOf(run(addRelu)).forEach((values, i) => expect(relativeError(values, expected[i])).toBe(0))
    }
  })

  it('refuses shapes that differ', () => {
    expect(() => tf.tidy(() => addRelu(tf.ones([2, 3]), tf.ones([3])))).toThrow(/one shape, got float32 \[2,3\] and float32 \[3\]/)
  })
})
