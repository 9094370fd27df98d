import * as tf from '../../tf.ts'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { onCpu, randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'
import { kernelVariants } from './kernelVariants.ts'

const shapes = fc.record({
  batch: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 9 }),
  channels: fc.integer({ min: 1, max: 13 }),
  outputs: fc.integer({ min: 1, max: 19 }),
  filterHeight: fc.integer({ min: 1, max: 4 }),
  filterWidth: fc.integer({ min: 1, max: 4 }),
  strideY: fc.integer({ min: 1, max: 3 }),
  strideX: fc.integer({ min: 1, max: 3 }),
  pad: fc.oneof(
    fc.constantFrom('same' as const, 'valid' as const),
    fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
  ),
})
type Shapes = typeof shapes extends fc.Arbitrary<infer T> ? T : never

function gradients(s: Shapes): () => tf.Tensor[] {
  const pad =
    typeof s.pad === 'string'
      ? s.pad
      : ([
          [0, 0],
          [s.pad[0], s.pad[1]],
          [s.pad[2], s.pad[3]],
          [0, 0],
        ] as const)
  return () => {
    const x = tf.tensor4d(randomValues(s.batch * s.height * s.width * s.channels, 1), [s.batch, s.height, s.width, s.channels])
    const filter = tf.tensor4d(randomValues(s.filterHeight * s.filterWidth * s.channels * s.outputs, 2), [
      s.filterHeight,
      s.filterWidth,
      s.channels,
      s.outputs,
    ])
    const explicit = pad as Parameters<typeof tf.conv2d>[3]
    const y = tf.conv2d(x, filter, [s.strideY, s.strideX], explicit)
    const dy = tf.tensor(randomValues(y.size, 3), y.shape)
    const grads = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, [s.strideY, s.strideX], explicit))
    return grads([x, filter], dy)
  }
}

/** An output must exist: 'valid' needs the filter to fit. */
function fits(s: Shapes): boolean {
  if (s.pad === 'same') return true
  const [top, bottom, left, right] = s.pad === 'valid' ? [0, 0, 0, 0] : s.pad
  return s.height + top + bottom >= s.filterHeight && s.width + left + right >= s.filterWidth
}

describe.each(kernelVariants)('conv2d gradients, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('equal the CPU backend for any shape, stride and padding', async () => {
    await fc.assert(
      fc.asyncProperty(shapes.filter(fits), async (s) => {
        const [dx, dw] = valuesOf(gradients(s))
        const [cpuDx, cpuDw] = await onCpu(gradients(s))
        expect(relativeError(dx, cpuDx)).toBeLessThan(1e-5)
        expect(relativeError(dw, cpuDw)).toBeLessThan(1e-5)
      }),
      { numRuns: 150 },
    )
  })

  it.each([
    { name: 'wide', channels: 64, outputs: 64, size: 12, stride: 1, filter: 3 },
    { name: 'stride 2', channels: 24, outputs: 48, size: 12, stride: 2, filter: 3 },
    { name: '1x1', channels: 40, outputs: 20, size: 7, stride: 1, filter: 1 },
    { name: 'first layer, 2 channels, stride 2', channels: 2, outputs: 10, size: 13, stride: 2, filter: 5 },
    { name: 'first layer', channels: 1, outputs: 24, size: 24, stride: 1, filter: 3 },
    { name: '5x5 of 3 channels', channels: 3, outputs: 32, size: 16, stride: 2, filter: 5 },
  ])('equal the CPU backend: $name', async ({ name, channels, outputs, size, stride, filter }) => {
    const s: Shapes = {
      batch: 4,
      height: size,
      width: size,
      channels,
      outputs,
      filterHeight: filter,
      filterWidth: filter,
      strideY: stride,
      strideX: stride,
      pad: 'same',
    }
    const actual = valuesOf(gradients(s))
    const expected = await onCpu(gradients(s))
    // Tiles of 6x6 round more.
    const bound = name === 'wide' ? 2e-5 : 1e-5
    actual.forEach((values, i) => expect(relativeError(values, expected[i])).toBeLessThan(bound))
  })

  it('agree with finite differences', () => {
    const x = randomValues(2 * 5 * 4 * 3, 4)
    const filter = tf.tensor4d(randomValues(3 * 3 * 3 * 2, 5), [3, 3, 3, 2])
    const loss = (values: Float32Array) =>
      tf.tidy(() => tf.sum(tf.square(tf.conv2d(tf.tensor4d(values, [2, 5, 4, 3]), filter, [2, 1], 'same'))).dataSync()[0])
    const [gradient] = valuesOf(() =>
      tf.grad((a: tf.Tensor) => tf.sum(tf.square(tf.conv2d(a as tf.Tensor4D, filter, [2, 1], 'same'))))(tf.tensor4d(x, [2, 5, 4, 3])),
    )
    const numeric = x.map((_, i) => {
      const step = 0.05
      const shifted = (by: number) => loss(x.map((value, j) => (j === i ? value + by : value)))
      return (shifted(step) - shifted(-step)) / (2 * step)
    })
    expect(relativeError(gradient, numeric)).toBeLessThan(1e-3)
    filter.dispose()
  })

  it('refuse NCHW with a clear error', () => {
    expect(() =>
      tf.tidy(() =>
        tf.engine().runKernel(tf.Conv2DBackpropFilter, { x: tf.zeros([1, 2, 4, 4]), dy: tf.zeros([1, 3, 4, 4]) }, {
          strides: [1, 1],
          pad: 'same',
          dataFormat: 'NCHW',
          dimRoundingMode: null,
          filterShape: [3, 3, 2, 3],
        } as never),
      ),
    ).toThrow(/NHWC/)
  })

  it('leave tensor count and heap where they were', () => {
    const run = () =>
      valuesOf(
        gradients({
          batch: 4,
          height: 12,
          width: 12,
          channels: 24,
          outputs: 20,
          filterHeight: 3,
          filterWidth: 3,
          strideY: 2,
          strideX: 2,
          pad: 'same',
        }),
      )
    for (let i = 0; i < 20; i++) run()
    const { numTensors } = tf.memory()
    const heap = (tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }).wasm
    const bytes = heap.HEAPU8.length
    for (let i = 0; i < 300; i++) run()
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(heap.HEAPU8.length).toBe(bytes)
  })
})
