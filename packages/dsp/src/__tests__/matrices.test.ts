import fc from 'fast-check'
import ndarray, { type NdArray } from 'ndarray'
import { describe, expect, test } from 'vitest'
import * as dsp from '../index.ts'

const values = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const matrices = fc
  .tuple(fc.integer({ min: 9, max: 14 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) =>
    fc.tuple(fc.constant<number[]>([rows, columns]), fc.array(values, { minLength: rows * columns, maxLength: rows * columns })),
  )

/** Every function of matrices, and the shape of its result. */
const functions: Record<string, [run: (m: dsp.Matrix) => dsp.Matrix, shape: (shape: number[]) => number[]]> = {
  powerToDb: [(m) => dsp.powerToDb(m), (shape) => shape],
  amplitudeToDb: [(m) => dsp.amplitudeToDb(m, { ref: 'max' }), (shape) => shape],
  dct: [(m) => dsp.dct(m, { dctType: 3 }), (shape) => shape],
  delta: [(m) => dsp.delta(m), (shape) => shape],
  functionals: [(m) => dsp.functionals(m, ['mean', 'std', 'p25', 'range', 'slope']), ([, columns]) => [5, columns]],
}

describe.each(Object.entries(functions))('%s', (_, [run, shapeOf]) => {
  test('gives finite numbers of its shape, the same for any ndarray of these values, which it leaves alone', () => {
    fc.assert(
      fc.property(matrices, ([shape, given]) => {
        const data = Float32Array.from(given)
        const [rows, columns] = shape
        const result = run(ndarray(data.slice(), shape))
        expect(result.shape).toEqual(shapeOf(shape))
        expect(result.data.every(Number.isFinite)).toBe(true)

        const transposed = ndarray(new Float32Array(data.length), [columns, rows]).transpose(1, 0)
        const strided = ndarray(new Float32Array(2 * data.length + 3), shape, [2 * columns, 2], 3)
        const doubles = ndarray(new Float64Array(data.length), shape)
        for (const other of [transposed, strided, doubles]) {
          for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) other.set(i, j, data[i * columns + j])
          const before = other.data.slice()
          expect(run(other as NdArray<Float32Array>).data).toEqual(result.data)
          expect(other.data).toEqual(before)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('refuses what is no matrix', () => {
    expect(() => run(ndarray(new Float32Array(8), [2, 2, 2]))).toThrow(expect.objectContaining({ name: 'RangeError', code: 'NOT_MATRIX' }))
  })
})

test('windows lie between 0 and 1 and are symmetric about their middle', () => {
  fc.assert(
    fc.property(fc.constantFrom(dsp.hann, dsp.hamming, dsp.blackman), fc.integer({ min: 2, max: 300 }), (window, length) => {
      const w = window(length)
      expect(w.length).toBe(length)
      w.forEach((value, i) => {
        expect(value).toBeGreaterThan(-1e-12)
        expect(value).toBeLessThan(1 + 1e-12)
        if (i > 0) expect(value).toBeCloseTo(w[length - i], 9)
      })
    }),
    { numRuns: 40 },
  )
})

test('mel filters are finite, not negative, and of the shape asked for', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 16, max: 700 }),
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 3000, noNaN: true }),
      fc.constantFrom('slaney', 'htk'),
      fc.constantFrom('slaney', null),
      (nFft, nMels, fMin, scale, melNorm) => {
        const bank = dsp.melFilterBank({ sampleRate: 8000, nFft, nMels, fMin, scale, melNorm })
        expect(bank.shape).toEqual([nMels, 1 + Math.floor(nFft / 2)])
        expect(bank.data.every((weight) => weight >= 0 && weight < Infinity)).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})
