import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { updateAverage, updateWeights, type OptimizerArrays, type OptimizerOptions } from '../optimizer.ts'

/** Runs updates with a given gradient each and answers the weight after each. */
function path(options: OptimizerOptions, weight: number, gradients: readonly number[], decayed = 1): number[] {
  const one = (value: number) => Float32Array.of(value)
  const arrays: OptimizerArrays = {
    weights: one(weight),
    gradients: one(0),
    moment1: one(0),
    moment2: one(0),
    decayed: Uint8Array.of(decayed),
  }
  return gradients.map((gradient, step) => {
    arrays.gradients[0] = gradient
    updateWeights(options, arrays, { start: 0, end: 1, step, learningRate: options.learningRate, gradientScale: 1 })
    return arrays.weights[0]
  })
}

const expectPath = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual.length).toBe(expected.length)
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i], 5))
}

// Expected values: the formulas of the PyTorch documentation, worked out by hand for weight 1, gradients 0.5, -0.2.
describe('SGD', () => {
  test('plain', () => {
    expectPath(path({ type: 'sgd', learningRate: 0.1, momentum: 0, nesterov: false }, 1, [0.5, -0.2]), [0.95, 0.97])
  })
  test('momentum', () => {
    // v1 = 0.5, v2 = 0.9 * 0.5 - 0.2 = 0.25
    expectPath(path({ type: 'sgd', learningRate: 0.1, nesterov: false }, 1, [0.5, -0.2]), [0.95, 0.925])
  })
  test('Nesterov momentum', () => {
    // g + 0.9 v: 0.95, then -0.2 + 0.225 = 0.025
    expectPath(path({ type: 'sgd', learningRate: 0.1 }, 1, [0.5, -0.2]), [0.905, 0.9025])
  })
  test('coupled weight decay joins the gradient, and the momentum', () => {
    // g1 = 0.6, v1 = 0.6, w1 = 1 - 0.1 (0.6 + 0.54) = 0.886; g2 = -0.2 + 0.0886, v2 = 0.54 - 0.1114, w2 = w1 - 0.1 (g2 + 0.9 v2)
    expectPath(path({ type: 'sgd', learningRate: 0.1, weightDecay: 0.1 }, 1, [0.5, -0.2]), [0.886, 0.886 - 0.1 * (-0.1114 + 0.9 * 0.4286)])
  })
  test('decoupled weight decay shrinks the weight by rate times decay', () => {
    expectPath(path({ type: 'sgd', learningRate: 0.1, weightDecay: 0.1, decoupledWeightDecay: true }, 1, [0.5]), [0.905 - 0.01])
  })
})

describe('AdamW', () => {
  const adam = { type: 'adamw', learningRate: 0.1, weightDecay: 0 } as const
  test('the first step is the rate, whatever the gradient', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), fc.boolean(), (size, negative) => {
        expectPath(path(adam, 1, [negative ? -size : size]), [negative ? 1.1 : 0.9])
      }),
    )
  })
  test('two steps', () => {
    // m2 = 0.9 * 0.05 - 0.02 = 0.025, v2 = 0.999 * 0.00025 + 0.00004 = 0.00028975; corrected by 0.19 and 0.001999
    expectPath(path(adam, 1, [0.5, -0.2]), [0.9, 0.9 - (0.1 * (0.025 / 0.19)) / Math.sqrt(0.00028975 / 0.001999)])
  })
  test('decoupled weight decay shrinks the weight by rate times decay; coupled joins the gradient', () => {
    expectPath(path({ ...adam, weightDecay: 0.1 }, 1, [0.5]), [0.9 - 0.01])
    expectPath(path({ ...adam, weightDecay: 0.1, decoupledWeightDecay: false }, 1, [0.5, -0.2]).slice(0, 1), [0.9])
  })
})

test.each<OptimizerOptions>([
  { type: 'sgd', learningRate: 0.1, weightDecay: 0.5 },
  { type: 'adamw', learningRate: 0.1, weightDecay: 0.5 },
])('$type leaves weights without decay to their gradients, and others out of the range alone', (options) => {
  expect(path(options, 1, [0.5], 0)).toEqual(path({ ...options, weightDecay: 0 }, 1, [0.5]))
  const arrays = {
    weights: Float32Array.of(1, 1, 1),
    gradients: Float32Array.of(1, 1, 1),
    moment1: new Float32Array(3),
    moment2: new Float32Array(3),
    decayed: new Uint8Array(3),
  }
  updateWeights(options, arrays, { start: 1, end: 2, step: 0, learningRate: 0.1, gradientScale: 1 })
  expect(arrays.weights[0]).toBe(1)
  expect(arrays.weights[1]).toBeLessThan(1)
  expect(arrays.weights[2]).toBe(1)
})

test.each<OptimizerOptions>([
  { type: 'sgd', learningRate: 0.05 },
  { type: 'adamw', learningRate: 0.05, weightDecay: 0 },
])('$type finds the minimum of a quadratic', (options) => {
  const arrays: OptimizerArrays = {
    weights: Float32Array.of(5, -3),
    gradients: new Float32Array(2),
    moment1: new Float32Array(2),
    moment2: new Float32Array(2),
    decayed: new Uint8Array(2),
  }
  for (let step = 0; step < 600; step++) {
    arrays.gradients.set([2 * (arrays.weights[0] - 1), arrays.weights[1] - 2])
    updateWeights(options, arrays, { start: 0, end: 2, step, learningRate: 0.05, gradientScale: 1 })
  }
  expect(arrays.weights[0]).toBeCloseTo(1, 2)
  expect(arrays.weights[1]).toBeCloseTo(2, 2)
})

test('the average warms up, then follows its decay', () => {
  const average = Float32Array.of(0, 7)
  const weights = Float32Array.of(1, 1)
  updateAverage(average, weights, 0, 1, 0.999, 0)
  expect(average[0]).toBeCloseTo(0.9, 6) // 1 - min(0.999, 1 / 10)
  updateAverage(average, weights, 0, 1, 0.5, 1000)
  expect(average[0]).toBeCloseTo(0.95, 6)
  expect(average[1]).toBe(7)
})
