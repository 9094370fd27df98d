import { beforeAll, describe, expect, it } from 'vitest'
import { startBackend, tf } from '@emo/runtime'
import { WeightedPooling } from '../weightedPooling.ts'

beforeAll(startBackend)

describe('WeightedPooling', () => {
  it('answers as a depthwise convolution of the size of its input does, and learns', () => {
    const pooling = new WeightedPooling({ maps: 2 })
    const stock = tf.layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'valid', useBias: false })
    tf.tidy(() => {
      const x = tf.randomNormal([4, 3, 3, 5])
      const actual = pooling.apply(x) as tf.Tensor4D
      stock.apply(x)
      stock.setWeights(pooling.getWeights())
      const expected = stock.apply(x) as tf.Tensor4D
      expect(actual.shape).toEqual(expected.shape)
      expect(pooling.computeOutputShape([4, 3, 3, 5])).toEqual(expected.shape)
      expect(tf.max(tf.abs(tf.sub(actual, expected))).dataSync()[0]).toBeLessThan(1e-6)

      // The gradient of the sum of all answers is the sum of the inputs, the same for both maps.
      const { grads } = tf.variableGrads(() => tf.sum(pooling.apply(x) as tf.Tensor))
      const sums = tf.sum(x, 0)
      const [gradient] = Object.values(grads)
      expect(tf.max(tf.abs(tf.sub(gradient, tf.stack([sums, sums], 3)))).dataSync()[0]).toBeLessThan(1e-5)
    })
    pooling.dispose()
    stock.dispose()
  })

  it('takes pictures of a fixed size', () => {
    const pooling = new WeightedPooling({ maps: 1 })
    expect(() => pooling.apply(tf.input({ shape: [null, null, 3] }))).toThrow(expect.objectContaining({ code: 'LAYER_INPUT' }))
  })
})
