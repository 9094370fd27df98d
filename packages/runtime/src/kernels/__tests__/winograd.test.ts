import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { kernelVariants } from './kernelVariants.ts'
import { randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'

interface Shapes {
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  readonly outputs: number
  readonly stride: 1 | 2
  readonly pad: 'same' | 'valid' | [number, number, number, number]
}

/** Channels on both sides of the limits: few, multiples of four and eight, and neither. */
const channels = fc.constantFrom(3, 12, 16, 18, 20, 21, 24, 32, 36)
const shapes: fc.Arbitrary<Shapes> = fc
  .record({
    batch: fc.integer({ min: 1, max: 5 }),
    height: fc.integer({ min: 1, max: 13 }),
    width: fc.integer({ min: 1, max: 13 }),
    channels,
    outputs: channels,
    stride: fc.constantFrom(1, 2),
    pad: fc.oneof(
      fc.constantFrom('same' as const, 'valid' as const),
      fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 3 }))) as unknown as fc.Arbitrary<
        [number, number, number, number]
      >,
    ),
  })
  .filter((s) => {
    const { outHeight, outWidth } = padded(s)
    return outHeight > 0 && outWidth > 0
  })

function padded({ height, width, stride, pad }: Shapes) {
  /** Pixels before and after, as "same" has them: half of what the last window lacks, rounded down, comes before. */
  const same = (size: number): [number, number] => {
    const missing = Math.max((Math.ceil(size / stride) - 1) * stride + 3 - size, 0)
    return [missing >> 1, missing - (missing >> 1)]
  }
  const [top, bottom, left, right] = pad === 'same' ? [...same(height), ...same(width)] : pad === 'valid' ? [0, 0, 0, 0] : pad
  const out = (size: number) => Math.floor((size - 3) / stride) + 1
  return { top, left, outHeight: out(height + top + bottom), outWidth: out(width + left + right) }
}

/** Calls `use` with the indices into x, filter and y of every product that a convolution of 3x3 is a sum of. */
function eachProduct(s: Shapes, use: (x: number, w: number, y: number) => void): void {
  const { top, left, outHeight, outWidth } = padded(s)
  for (let n = 0; n < s.batch; n++)
    for (let r = 0; r < outHeight; r++)
      for (let q = 0; q < outWidth; q++)
        for (let tap = 0; tap < 9; tap++) {
          const y = r * s.stride - top + Math.floor(tap / 3)
          const x = q * s.stride - left + (tap % 3)
          if (y < 0 || y >= s.height || x < 0 || x >= s.width) continue
          const pixel = ((n * s.height + y) * s.width + x) * s.channels
          const out = ((n * outHeight + r) * outWidth + q) * s.outputs
          for (let c = 0; c < s.channels; c++)
            for (let k = 0; k < s.outputs; k++) use(pixel + c, (tap * s.channels + c) * s.outputs + k, out + k)
        }
}

function operands(s: Shapes) {
  const { outHeight, outWidth } = padded(s)
  return {
    x: randomValues(s.batch * s.height * s.width * s.channels, 1),
    w: randomValues(9 * s.channels * s.outputs, 2),
    dy: randomValues(s.batch * outHeight * outWidth * s.outputs, 3),
    bias: randomValues(s.outputs, 4),
  }
}

/** y = x * w + bias, and the gradients, in double precision. */
function naive(s: Shapes) {
  const { x, w, dy, bias } = operands(s)
  const y = Float64Array.from(dy, (_, i) => bias[i % s.outputs])
  const dx = new Float64Array(x.length)
  const dw = new Float64Array(w.length)
  eachProduct(s, (i, j, o) => {
    y[o] += x[i] * w[j]
    dx[i] += dy[o] * w[j]
    dw[j] += dy[o] * x[i]
  })
  return { y, dx, dw }
}

const padOf = (pad: Shapes['pad']) =>
  typeof pad === 'string'
    ? pad
    : ([
        [0, 0],
        [pad[0], pad[1]],
        [pad[2], pad[3]],
        [0, 0],
      ] as Parameters<typeof tf.conv2d>[3])

/** The same on TensorFlow.js: y, max(y, 0) in one kernel, gradients. */
function compute(s: Shapes): Float32Array[] {
  const { outHeight, outWidth } = padded(s)
  return valuesOf(() => {
    const values = operands(s)
    const x = tf.tensor4d(values.x, [s.batch, s.height, s.width, s.channels])
    const filter = tf.tensor4d(values.w, [3, 3, s.channels, s.outputs])
    const dy = tf.tensor4d(values.dy, [s.batch, outHeight, outWidth, s.outputs])
    const bias = tf.tensor1d(values.bias)
    const pad = padOf(s.pad) as 'same'
    const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, s.stride, pad))
    return [
      tf.add(tf.conv2d(x, filter, s.stride, pad), bias),
      tf.fused.conv2d({ x, filter, strides: s.stride, pad, bias, activation: 'linear' }),
      tf.fused.conv2d({ x, filter, strides: s.stride, pad, bias, activation: 'relu' }),
      ...gradients([x, filter], dy),
    ]
  })
}

function expectNaive(s: Shapes): void {
  const { y, dx, dw } = naive(s)
  const relu = y.map((value) => Math.max(value, 0))
  const expected = [y, y, relu, dx, dw]
  compute(s).forEach((values, i) => {
    expect(relativeError(values, expected[i])).toBeLessThan(2e-5)
  })
}

describe.each(kernelVariants)('3x3 convolutions of stride 1 and 2, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('equal the sum over taps, forward and backward, for any shape and padding', () => {
    fc.assert(fc.property(shapes, expectNaive), { numRuns: 100 })
  })

  it('equal it where many blocks of tiles are needed', () => {
    for (const stride of [1, 2] as const) {
      expectNaive({ batch: 5, height: 13, width: 11, channels: 32, outputs: 20, stride, pad: 'same' })
      expectNaive({ batch: 2, height: 24, width: 24, channels: 16, outputs: 64, stride, pad: 'valid' })
      expectNaive({ batch: 3, height: 6, width: 6, channels: 128, outputs: 128, stride, pad: 'same' })
      expectNaive({ batch: 7, height: 12, width: 12, channels: 64, outputs: 64, stride, pad: 'same' })
    }
  })

  it('leave dilations and other sizes of filter as they were', () => {
    // Filters that are 0 but for one tap: the result is a shifted picture, whichever path computes it.
    const x = randomValues(7 * 7 * 16, 5)
    const shifted = (size: number, stride: number, dilation: number, ky: number, kx: number) => {
      const identity = new Float32Array(size * size * 256)
      for (let c = 0; c < 16; c++) identity[((ky * size + kx) * 16 + c) * 16 + c] = 1
      return valuesOf(() =>
        tf.conv2d(tf.tensor4d(x, [1, 7, 7, 16]), tf.tensor4d(identity, [size, size, 16, 16]), stride, 'valid', 'NHWC', dilation),
      )[0]
    }
    const pick = (rows: number, stride: number, offsetY: number, offsetX: number) =>
      Array.from({ length: rows * rows * 16 }, (_, i) => {
        const r = Math.floor(i / (rows * 16))
        const q = Math.floor(i / 16) % rows
        return x[((r * stride + offsetY) * 7 + q * stride + offsetX) * 16 + (i % 16)]
      })
    expect(relativeError(shifted(3, 1, 1, 2, 1), pick(5, 1, 2, 1))).toBeLessThan(1e-6)
    expect(relativeError(shifted(3, 2, 1, 2, 1), pick(3, 2, 2, 1))).toBeLessThan(1e-6)
    expect(relativeError(shifted(3, 1, 2, 2, 1), pick(3, 1, 4, 2))).toBeLessThan(1e-6)
    expect(relativeError(shifted(5, 1, 1, 4, 3), pick(3, 1, 4, 3))).toBeLessThan(1e-6)
  })

  it.each([1, 2])('keep NaN where it is, stride %i', (stride) => {
    const x = new Float32Array(16 * 16 * 16)
    x[0] = NaN
    const [y] = valuesOf(() =>
      tf.fused.conv2d({
        x: tf.tensor4d(x, [1, 16, 16, 16]),
        filter: tf.ones([3, 3, 16, 16]),
        strides: stride,
        pad: 'same',
        activation: 'relu',
      }),
    )
    expect(y[0]).toBeNaN()
    expect(y[y.length - 1]).toBe(0)
  })

  it('take one filter for pictures of all sizes', () => {
    // Large and small pictures, and both strides, have tiles of different sizes, each with a transformed filter of its own.
    const filter = tf.ones<tf.Rank.R4>([3, 3, 16, 16])
    for (const size of [24, 2, 12, 24]) {
      const [y] = valuesOf(() => tf.conv2d(tf.ones<tf.Rank.R4>([1, size, size, 16]), filter, 1, 'same'))
      y.forEach((value, index) => {
        const [r, q] = [Math.floor(index / 16 / size), Math.floor(index / 16) % size]
        const taps = [r, q].map((at) => Math.min(at + 1, size - 1) - Math.max(at - 1, 0) + 1)
        expect(Math.abs(value - 16 * taps[0] * taps[1])).toBeLessThan(1e-3)
      })
      // Of an even number of pixels, a stride of 2 starts at the second.
      const [strided] = valuesOf(() => tf.conv2d(tf.ones<tf.Rank.R4>([1, size, size, 16]), filter, 2, 'same'))
      strided.forEach((value, index) => {
        const [r, q] = [Math.floor(index / 16 / (size / 2)), Math.floor(index / 16) % (size / 2)]
        expect(Math.abs(value - y[((2 * r + 1) * size + 2 * q + 1) * 16])).toBeLessThan(1e-3)
      })
    }
    filter.dispose()
  })

  it('forget a transformed filter with its tensor', () => {
    const x = tf.ones<tf.Rank.R4>([1, 6, 6, 16])
    // Disposing and making a filter gives its address again, not its values.
    for (const value of [1, 2, 3]) {
      const filter = tf.fill<tf.Rank.R4>([3, 3, 16, 16], value)
      const copy = tf.clone(filter)
      const centre = () =>
        valuesOf(() => tf.slice(tf.conv2d(x, filter.isDisposed ? copy : filter, 1, 'same'), [0, 2, 2, 0], [1, 1, 1, 1]))[0][0]
      expect(centre()).toBeCloseTo(144 * value, 3)
      filter.dispose()
      expect(centre()).toBeCloseTo(144 * value, 3)
      copy.dispose()
    }
    const variable = tf.variable(tf.ones<tf.Rank.R4>([3, 3, 16, 16]))
    const corner = () => valuesOf(() => tf.conv2d(x, variable, 1, 'valid'))[0][0]
    expect(corner()).toBeCloseTo(144, 3)
    tf.tidy(() => variable.assign(tf.fill([3, 3, 16, 16], 2)))
    expect(corner()).toBeCloseTo(288, 3)
    tf.dispose([x, variable])
  })

  it('leave tensor count and heap where they were', () => {
    const x = randomValues(4 * 4 * 64, 1)
    const w = randomValues(9 * 64 * 64, 2)
    const run = () =>
      valuesOf(() => {
        const gradients = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, 'same'))
        return gradients([tf.tensor4d(x, [1, 4, 4, 64]), tf.tensor4d(w, [3, 3, 64, 64])])
      })
    for (let i = 0; i < 20; i++) run()
    const { numTensors, numDataBuffers } = tf.memory()
    const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }
    const bytes = wasm.HEAPU8.length
    for (let i = 0; i < 300; i++) run()
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers })
    expect(wasm.HEAPU8.length).toBe(bytes)
  })
})
