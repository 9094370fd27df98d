import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { QuantizedConvolution, type QuantizedConvolutionOptions } from '../quantizedConvolution.ts'
import { kernelVariants } from './kernelVariants.ts'
import { onCpu, randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'

const side = fc.integer({ min: 1, max: 60 })
const scale = 0.0078
/** Whole numbers of 9 bits. */
const wholeNumbers = (count: number, seed: number) =>
  Int16Array.from(randomValues(count, seed), (value) => Math.max(-255, Math.min(255, Math.round(value * 128))))

interface Layer {
  readonly inputs: number
  readonly filters: number
  readonly slope: number
}

function optionsOf({ inputs, filters, slope }: Layer): QuantizedConvolutionOptions {
  return {
    filter: { values: wholeNumbers(inputs * filters, 2), shape: [1, 1, inputs, filters], scale },
    depthwise: randomValues(9 * inputs, 3),
    bias: randomValues(filters, 4),
    slope,
  }
}

/** Convolution and bias by the stock kernels, in floats. */
function convolve(x: tf.Tensor4D, { filter, depthwise, bias }: QuantizedConvolutionOptions): tf.Tensor4D {
  const inputs = x.shape[3]
  const spatial = tf.depthwiseConv2d(x, tf.tensor4d(depthwise, [3, 3, inputs, 1]), 1, 'same')
  const values = Float32Array.from(filter.values, (value) => value * filter.scale)
  const filterTensor = tf.tensor4d(values, filter.shape as [number, number, number, number])
  return tf.add<tf.Tensor4D>(tf.conv2d(spatial, filterTensor, 1, 'same'), tf.tensor1d(bias))
}

/** The layer's answer; nothing of it is left. */
function runLayer(options: QuantizedConvolutionOptions, x: tf.Tensor4D, outputSize?: readonly [number, number]): tf.Tensor4D {
  const layer = new QuantizedConvolution(options)
  try {
    return layer.run(x, outputSize)
  } finally {
    layer.dispose()
  }
}

describe.each(kernelVariants)('QuantizedConvolution, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  const layers = fc.record({
    inputs: fc.integer({ min: 1, max: 9 }).map((n) => n * 4),
    filters: fc.integer({ min: 1, max: 3 }).map((n) => n * 8),
    slope: fc.constantFrom(0, 0.1, 1),
  })

  it('equals convolution, bias, pooling and leaky ReLU one by one', async () => {
    const more = fc.record({ height: fc.integer({ min: 0, max: 5 }), width: fc.integer({ min: 0, max: 40 }) })
    await fc.assert(
      fc.asyncProperty(side, side, layers, more, async (height, width, layer, more) => {
        const [rows, columns] = [Math.ceil(height / 2) + more.height, Math.ceil(width / 2) + more.width]
        const options = optionsOf(layer)
        const picture = () => tf.tensor4d(randomValues(height * width * layer.inputs, 1), [1, height, width, layer.inputs])
        const [expected] = await onCpu(() => {
          const continued = tf.pad(picture(), [
            [0, 0],
            [0, 2 * rows - height],
            [0, 2 * columns - width],
            [0, 0],
          ])
          const pooled = tf.maxPool(convolve(continued, options), 2, 2, 'valid')
          return tf.maximum(pooled, tf.mul(pooled, layer.slope))
        })
        const [actual] = valuesOf(() => runLayer(options, picture(), [rows, columns]))
        expect(relativeError(actual, expected)).toBeLessThan(1e-3)
      }),
      { numRuns: 60 },
    )
  })

  it('keeps the size when the windows are one pixel apart', async () => {
    await fc.assert(
      fc.asyncProperty(side, side, layers, async (height, width, layer) => {
        const options = { ...optionsOf(layer), poolStride: 1 as const }
        const picture = () => tf.tensor4d(randomValues(height * width * layer.inputs, 1), [1, height, width, layer.inputs])
        const [expected] = await onCpu(() => {
          const y = convolve(picture(), options)
          return tf.maxPool(tf.maximum<tf.Tensor4D>(y, tf.mul(y, layer.slope)), 2, 1, 'same')
        })
        const [actual] = valuesOf(() => runLayer(options, picture()))
        expect(relativeError(actual, expected)).toBeLessThan(1e-3)
      }),
      { numRuns: 20 },
    )
  })

  it('rounds nothing where the picture is whole numbers whose largest is 32767', () => {
    const given = optionsOf({ inputs: 4, filters: 8, slope: 1 })
    // The depthwise convolution passes its middle pixel on.
    const depthwise = Float32Array.from({ length: 36 }, (_, index) => (index >> 2 === 4 ? 1 : 0))
    const options = { ...given, depthwise, bias: new Float32Array(8), filter: { ...given.filter, scale: 1 } }
    const picture = Float32Array.from(randomValues(6 * 6 * 4, 5), (value) => Math.round(value * 20))
    picture[7] = 32767
    tf.tidy(() => {
      const x = tf.tensor4d(picture, [1, 6, 6, 4])
      const exact = tf.maxPool(convolve(x, options), 2, 2, 'valid').dataSync<'float32'>()
      // The bound is taken a hundred-thousandth too large.
      expect(relativeError(runLayer(options, x).dataSync<'float32'>(), exact)).toBeLessThan(3e-5)
    })
  })

  it('makes of nothing but zeros the bias, in pictures and in rows', () => {
    const options = optionsOf({ inputs: 4, filters: 8, slope: 1 })
    tf.tidy(() => {
      for (const poolStride of [1, 2] as const) {
        const y = runLayer({ ...options, poolStride }, tf.zeros([1, 4, 4, 4])).dataSync()
        y.forEach((value, index) => {
          expect(value).toBeCloseTo(options.bias[index % 8], 6)
        })
      }
    })
  })

  it('halves the picture, odd sides rounded up, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    tf.tidy(() => {
      const y = runLayer(optionsOf({ inputs: 4, filters: 8, slope: 0.1 }), tf.ones([1, 5, 8, 4]))
      expect(y.shape).toEqual([1, 3, 4, 8])
    })
    expect(tf.memory().numTensors).toBe(before)
  })

  const filter = (shape: number[]) => ({ values: new Int16Array(shape.reduce((product, size) => product * size, 1)), shape, scale })

  it.each([
    { filter: filter([1, 1, 4, 12]), bias: 12, depthwise: 36 },
    { filter: filter([1, 1, 4, 8]), bias: 9, depthwise: 36 },
    { filter: filter([3, 3, 4, 8]), bias: 8, depthwise: 36 },
    { filter: filter([1, 1, 6, 8]), bias: 8, depthwise: 54 },
    { filter: filter([1, 1, 4, 8]), bias: 8, depthwise: 35 },
    { filter: { ...filter([1, 1, 4, 8]), values: new Int16Array(7) }, bias: 8, depthwise: 36 },
  ])('refuses filters that do not fit, %#', ({ filter, bias, depthwise }) => {
    const options = { filter, bias: new Float32Array(bias), depthwise: new Float32Array(depthwise), slope: 0 }
    expect(() => new QuantizedConvolution(options)).toThrow(expect.objectContaining({ code: 'CONVOLUTION_SHAPE' }))
  })

  it('refuses filters whose sums might not fit into 32 bits', () => {
    const { values, ...rest } = filter([1, 1, 8, 8])
    const options = { bias: new Float32Array(8), depthwise: new Float32Array(72), slope: 0 }
    expect(() => new QuantizedConvolution({ ...options, filter: { ...rest, values: values.fill(-8192) } })).toThrow(
      expect.objectContaining({ code: 'CONVOLUTION_RANGE' }),
    )
    new QuantizedConvolution({ ...options, filter: { ...rest, values: values.fill(-8191) } }).dispose()
  })

  it.each([
    { x: [2, 4, 4, 4] },
    { x: [1, 4, 4, 3] },
    { x: [1, 4, 4, 4], outputSize: [1, 2] as const },
    { x: [1, 4, 4, 4], outputSize: [5, 4] as const, poolStride: 1 as const },
  ])('refuses pictures that do not fit: %o', ({ x, outputSize, poolStride }) => {
    const layer = new QuantizedConvolution({ ...optionsOf({ inputs: 4, filters: 8, slope: 0 }), poolStride })
    tf.tidy(() => {
      expect(() => layer.run(tf.ones(x as [number, number, number, number]), outputSize)).toThrow(
        expect.objectContaining({ code: 'CONVOLUTION_SHAPE' }),
      )
    })
    layer.dispose()
  })
})
