import { beforeAll, expect, it } from 'vitest'
import { startBackend, tf } from '@emo/runtime'
import { buildFaceModel } from '../../src/buildFaceModel.ts'
import { averageWeights } from '../averageWeights.ts'

beforeAll(startBackend)

const build = (filters = 4): tf.LayersModel =>
  buildFaceModel({ inputSize: 8, stem: [2, filters], blocks: [{ filters, stride: 1 }], batchNormalization: false })
const numbers = (model: tf.LayersModel): number[] => model.getWeights().flatMap((weight) => Array.from(weight.dataSync()))

it('is the mean of all, and leaves the others and no tensors behind', () => {
  const [a, b, c] = [build(), build(), build()]
  const before = [a, b, c].map(numbers)
  const { numTensors } = tf.memory()
  averageWeights(a, [b, c])
  expect(tf.memory().numTensors).toBe(numTensors)
  numbers(a).forEach((value, i) => {
    expect(value).toBeCloseTo((before[0][i] + before[1][i] + before[2][i]) / 3, 6)
  })
  expect([b, c].map(numbers)).toEqual(before.slice(1))
  averageWeights(b, [])
  expect(numbers(b)).toEqual(before[1])
})

it('refuses another network', () => {
  expect(() => {
    averageWeights(build(), [build(5)])
  }).toThrow(expect.objectContaining({ code: 'MODEL_INVALID' }))
})
