import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { kernelVariants } from './kernelVariants.ts'
import { onCpu, randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'

const size = fc.integer({ min: 1, max: 20 })

/** The same computation on WASM and on the CPU backend. */
async function expectEqual(compute: () => tf.Tensor | tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const expected = await onCpu(compute)
  const actual = valuesOf(compute)
  expect(actual).toHaveLength(expected.length)
  actual.forEach((values, i) => expect(relativeError(values, expected[i])).toBeLessThan(tolerance))
}

describe.each(kernelVariants)('kernels in place of the stock ones, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('matMul, any transposition and broadcast batch', async () => {
    const cases = fc.record({
      m: size,
      k: size,
      n: size,
      batchA: fc.constantFrom([], [1], [3], [2, 3]),
      batchB: fc.constantFrom([], [1], [3]),
      ta: fc.boolean(),
      tb: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ m, k, n, batchA, batchB, ta, tb }) => {
        const shapeA = [...batchA, ...(ta ? [k, m] : [m, k])]
        const shapeB = [...batchB, ...(tb ? [n, k] : [k, n])]
        await expectEqual(() =>
          tf.matMul(
            tf.tensor(randomValues(tf.util.sizeFromShape(shapeA), 1), shapeA),
            tf.tensor(randomValues(tf.util.sizeFromShape(shapeB), 2), shapeB),
            ta,
            tb,
          ),
        )
      }),
      { numRuns: 100 },
    )
  })

  it('matMul of empty matrices', () => {
    const [empty, zeros] = valuesOf(() => [tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])), tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2]))])
    expect(Array.from(empty)).toEqual([])
    expect(Array.from(zeros)).toEqual([0, 0, 0, 0])
  })

  it('sum and mean over any axes', async () => {
    const cases = fc.record({
      shape: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }),
      mask: fc.integer({ min: 1, max: 15 }),
      keepDims: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, mask, keepDims }) => {
        const axes = shape.map((_, i) => i).filter((i) => mask & (1 << i))
        fc.pre(axes.length > 0)
        await expectEqual(() => {
          const x = tf.tensor(randomValues(tf.util.sizeFromShape(shape), 1), shape)
          return [tf.sum(x, axes, keepDims), tf.mean(x, axes, keepDims), tf.sum(x, axes[0] - shape.length, keepDims)]
        })
      }),
      { numRuns: 100 },
    )
  })

  it('sum of whole numbers', () => {
    expect(valuesOf(() => tf.sum(tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32'), 0))[0]).toEqual(Float32Array.of(4, 6))
  })

  it('gradient of max pooling', async () => {
    const cases = fc.record({
      batch: fc.integer({ min: 1, max: 2 }),
      height: fc.integer({ min: 3, max: 8 }),
      width: fc.integer({ min: 3, max: 8 }),
      channels: fc.integer({ min: 1, max: 9 }),
      filter: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      pad: fc.constantFrom('same' as const, 'valid' as const),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ batch, height, width, channels, filter, stride, pad }) => {
        await expectEqual(() => {
          const x = tf.tensor4d(randomValues(batch * height * width * channels, 1), [batch, height, width, channels])
          const pool = (input: tf.Tensor) => tf.maxPool(input as tf.Tensor4D, filter, stride, pad)
          const y = pool(x)
          return tf.grad(pool)(x, tf.tensor(randomValues(y.size, 2), y.shape))
        })
      }),
      { numRuns: 60 },
    )
  })

  it('reversal along any axes', async () => {
    const cases = fc.record({
      shape: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 4 }),
      mask: fc.integer({ min: 1, max: 15 }),
      dtype: fc.constantFrom('float32' as const, 'int32' as const),
    })
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, mask, dtype }) => {
        const axes = shape.map((_, i) => i).filter((i) => mask & (1 << i))
        fc.pre(axes.length > 0)
        await expectEqual(() => {
          const x = tf.tensor(
            Array.from(randomValues(tf.util.sizeFromShape(shape), 1), (value) => Math.round(99 * value)),
            shape,
            dtype,
          )
          return [tf.reverse(x, axes), tf.reverse(x, axes[0] - shape.length)]
        }, 1e-9)
      }),
      { numRuns: 200 },
    )
  })

  it('clone shares memory, and each copy outlives the other', () => {
    const original = tf.tensor1d([1, 2, 3])
    const copy = tf.clone(original)
    const before = tf.memory().numDataBuffers
    original.dispose()
    expect(Array.from(copy.dataSync())).toEqual([1, 2, 3])
    const again = tf.clone(copy)
    copy.dispose()
    expect(Array.from(again.dataSync())).toEqual([1, 2, 3])
    again.dispose()
    expect(tf.memory().numDataBuffers).toBe(before - 1)
  })

  it('variables keep their own values', () => {
    const start = tf.tensor1d([1, 2])
    const variable = tf.variable(start)
    variable.assign(tf.tidy(() => tf.add(variable, 1)))
    expect(Array.from(start.dataSync())).toEqual([1, 2])
    expect(Array.from(variable.dataSync())).toEqual([2, 3])
    tf.dispose([start, variable])
  })
})
