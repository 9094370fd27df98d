import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { SubsampledConvolution, type SubsampledConvolutionOptions } from '../subsampledConvolution.ts'
import { SubsampledPicture } from '../subsampledPicture.ts'
import { kernelVariants } from './kernelVariants.ts'
import { planesOf } from './subsampledPlanes.ts'
import { onCpu, randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'

const side = fc.integer({ min: 1, max: 45 })

function optionsOf(filters: number, slope: number): SubsampledConvolutionOptions {
  const values = Int16Array.from(randomValues(27 * filters, 2), (value) => Math.max(-255, Math.min(255, Math.round(value * 128))))
  return { filter: { values, shape: [3, 3, 3, filters], scale: 0.0078 }, bias: randomValues(filters, 4), slope }
}

function pictureOf(width: number, height: number): SubsampledPicture {
  const values = Uint8Array.from(randomValues(width * height * 3, 1), (value) => Math.max(0, Math.min(255, 128 + 90 * value)))
  return SubsampledPicture.from({ values, channels: 3, width, height }, [117, 114, 97])
}

/** Red, green and blue less their means: `[height, width, 3]`, continued with 0. */
function colours(picture: SubsampledPicture, height: number, width: number): Float32Array {
  const { luma, red, green } = planesOf(picture)
  const rgb = new Float32Array(height * width * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = y < luma.height && x < luma.width ? luma.values[y * luma.width + x] : 0
      const [cellY, cellX] = [y >> 1, x >> 1]
      const isThere = cellY < red.height && cellX < red.width
      const [more, greener] = isThere ? [red.values[cellY * red.width + cellX], green.values[cellY * red.width + cellX]] : [0, 0]
      rgb.set(
        [light + more, light + greener, light - more - greener].map((value) => value * SubsampledPicture.step),
        (y * width + x) * 3,
      )
    }
  }
  return rgb
}

describe.each(kernelVariants)('SubsampledConvolution, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('equals convolution, bias, pooling and leaky ReLU one by one, on red, green and blue', async () => {
    const more = fc.record({ height: fc.integer({ min: 0, max: 4 }), width: fc.integer({ min: 0, max: 20 }) })
    const filters = fc.integer({ min: 1, max: 3 }).map((n) => n * 8)
    await fc.assert(
      fc.asyncProperty(side, side, filters, fc.constantFrom(0, 0.1, 1), more, async (height, width, filters, slope, more) => {
        const [rows, columns] = [Math.ceil(height / 2) + more.height, Math.ceil(width / 2) + more.width]
        const options = optionsOf(filters, slope)
        const picture = pictureOf(width, height)
        const continued = colours(picture, 2 * rows, 2 * columns)
        const [expected] = await onCpu(() => {
          const filter = tf.tensor4d(
            Float32Array.from(options.filter.values, (value) => value * options.filter.scale),
            [3, 3, 3, filters],
          )
          const y = tf.add<tf.Tensor4D>(
            tf.conv2d(tf.tensor4d(continued, [1, 2 * rows, 2 * columns, 3]), filter, 1, 'same'),
            tf.tensor1d(options.bias),
          )
          const pooled = tf.maxPool(y, 2, 2, 'valid')
          return tf.maximum(pooled, tf.mul(pooled, slope))
        })
        const layer = new SubsampledConvolution(options)
        const [actual] = valuesOf(() => layer.run(picture, [rows, columns]))
        layer.dispose()
        picture.dispose()
        expect(relativeError(actual, expected)).toBeLessThan(1e-5)
      }),
      { numRuns: 60 },
    )
  })

  it('halves the picture, odd sides rounded up, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    const layer = new SubsampledConvolution(optionsOf(8, 0.1))
    tf.tidy(() => {
      expect(layer.run(pictureOf(7, 4)).shape).toEqual([1, 2, 4, 8])
      expect(() => layer.run(pictureOf(7, 4), [1, 4])).toThrow(expect.objectContaining({ code: 'CONVOLUTION_SHAPE' }))
    })
    layer.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each([
    { shape: [3, 3, 3, 12], values: 27 * 12, bias: 12 },
    { shape: [3, 3, 4, 8], values: 36 * 8, bias: 8 },
    { shape: [3, 3, 3, 8], values: 7, bias: 8 },
    { shape: [3, 3, 3, 8], values: 27 * 8, bias: 9 },
  ])('refuses filters that do not fit: %o', ({ shape, values, bias }) => {
    const options = { filter: { values: new Int16Array(values), shape, scale: 1 }, bias: new Float32Array(bias), slope: 0 }
    expect(() => new SubsampledConvolution(options)).toThrow(expect.objectContaining({ code: 'CONVOLUTION_SHAPE' }))
  })

  it('refuses filters whose sums might not fit into 32 bits', () => {
    const options = {
      filter: { values: new Int16Array(27 * 8).fill(1000), shape: [3, 3, 3, 8], scale: 1 },
      bias: new Float32Array(8),
      slope: 0,
    }
    expect(() => new SubsampledConvolution(options)).toThrow(expect.objectContaining({ code: 'CONVOLUTION_RANGE' }))
  })
})
