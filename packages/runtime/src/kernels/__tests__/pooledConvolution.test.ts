import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { pooledConvolution } from '../pooledConvolution.ts'
import { kernelVariants } from './kernelVariants.ts'
import { onCpu, randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'

const side = fc.integer({ min: 1, max: 60 })
const channels = fc.integer({ min: 1, max: 19 })

describe.each(kernelVariants)('pooledConvolution, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('equals convolution, bias, pooling and leaky ReLU one by one, dense and separable', async () => {
    const cases = fc.record({
      height: side,
      width: side,
      inputs: channels,
      filters: channels,
      isSeparable: fc.boolean(),
      slope: fc.constantFrom(0, 0.1, 1),
      more: fc.record({ height: fc.integer({ min: 0, max: 5 }), width: fc.integer({ min: 0, max: 40 }) }),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ height, width, inputs, filters, isSeparable, slope, more }) => {
        const outputSize = [Math.ceil(height / 2) + more.height, Math.ceil(width / 2) + more.width] as const
        const [rows, columns] = outputSize
        const tensors = () => ({
          x: tf.tensor4d(randomValues(height * width * inputs, 1), [1, height, width, inputs]),
          filter: isSeparable
            ? tf.tensor4d(randomValues(inputs * filters, 2), [1, 1, inputs, filters])
            : tf.tensor4d(randomValues(9 * inputs * filters, 2), [3, 3, inputs, filters]),
          depthwise: isSeparable ? tf.tensor4d(randomValues(9 * inputs, 3), [3, 3, inputs, 1]) : undefined,
          bias: tf.tensor1d(randomValues(filters, 4)),
        })
        const [expected] = await onCpu(() => {
          const { x, filter, depthwise, bias } = tensors()
          const continued = tf.pad(x, [[0, 0], [0, 2 * rows - height], [0, 2 * columns - width], [0, 0]])
          const spatial = depthwise === undefined ? continued : tf.depthwiseConv2d(continued, depthwise, 1, 'same')
          const pooled = tf.maxPool(tf.add<tf.Tensor4D>(tf.conv2d(spatial, filter, 1, 'same'), bias), 2, 2, 'valid')
          return tf.maximum(pooled, tf.mul(pooled, slope))
        })
        const [actual] = valuesOf(() => {
          const { x, ...rest } = tensors()
          return pooledConvolution(x, { ...rest, slope, outputSize })
        })
        expect(relativeError(actual, expected)).toBeLessThan(1e-5)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps the size when the windows are one pixel apart', async () => {
    const cases = fc.record({ height: side, width: side, inputs: channels, filters: channels, slope: fc.constantFrom(0, 0.1, 1) })
    await fc.assert(
      fc.asyncProperty(cases, async ({ height, width, inputs, filters, slope }) => {
        const tensors = () => ({
          x: tf.tensor4d(randomValues(height * width * inputs, 1), [1, height, width, inputs]),
          filter: tf.tensor4d(randomValues(inputs * filters, 2), [1, 1, inputs, filters]),
          depthwise: tf.tensor4d(randomValues(9 * inputs, 3), [3, 3, inputs, 1]),
          bias: tf.tensor1d(randomValues(filters, 4)),
        })
        const [expected] = await onCpu(() => {
          const { x, filter, depthwise, bias } = tensors()
          const y = tf.add<tf.Tensor4D>(tf.conv2d(tf.depthwiseConv2d(x, depthwise, 1, 'same'), filter, 1, 'same'), bias)
          return tf.maxPool(tf.maximum<tf.Tensor4D>(y, tf.mul(y, slope)), 2, 1, 'same')
        })
        const [actual] = valuesOf(() => {
          const { x, ...rest } = tensors()
          return pooledConvolution(x, { ...rest, slope, poolStride: 1 })
        })
        expect(relativeError(actual, expected)).toBeLessThan(1e-5)
      }),
      { numRuns: 20 },
    )
  })

  it('halves the picture, odd sides rounded up, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const y = pooledConvolution(tf.ones([1, 5, 8, 3]), { filter: tf.ones([3, 3, 3, 4]), bias: tf.zeros([4]), slope: 0.1 })
      expect(y.shape).toEqual([1, 3, 4, 4])
    })
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each([
    { x: [2, 4, 4, 3], filter: [3, 3, 3, 4] },
    { x: [1, 4, 4, 3], filter: [3, 3, 2, 4] },
    { x: [1, 4, 4, 3], filter: [1, 1, 3, 4] },
    { x: [1, 4, 4, 3], filter: [3, 3, 3, 4], outputSize: [1, 2] },
    { x: [1, 4, 4, 3], filter: [1, 1, 3, 4], depthwise: [3, 3, 3, 2] },
    { x: [1, 4, 4, 3], filter: [3, 3, 3, 4], poolStride: 1 as const },
    { x: [1, 4, 4, 3], filter: [1, 1, 3, 4], depthwise: [3, 3, 3, 1], poolStride: 1 as const, outputSize: [5, 4] },
  ])('refuses shapes that do not fit: %o', ({ x, filter, depthwise, outputSize, poolStride }) => {
    tf.tidy(() => {
      const options = {
        filter: tf.ones<tf.Rank.R4>(filter as [number, number, number, number]),
        depthwise: depthwise && tf.ones<tf.Rank.R4>(depthwise as [number, number, number, number]),
        bias: tf.zeros<tf.Rank.R1>([4]),
        slope: 0,
        outputSize: outputSize as [number, number] | undefined,
        poolStride,
      }
      expect(() => pooledConvolution(tf.ones(x as [number, number, number, number]), options)).toThrow(expect.objectContaining({ code: 'CONVOLUTION_SHAPE' }))
    })
  })
})
