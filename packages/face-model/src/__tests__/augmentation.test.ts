import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '@emo/runtime'
import { augmentFace, noAugmentation, standardizeImage } from '../augmentation.ts'

const size = 48
const area = size * size

function randomImage(seed: number): Uint8Array {
  const random = createRandom(seed)
  return Uint8Array.from({ length: area }, () => random.integer(256))
}

function augment(source: Uint8Array, seed: number, options = {}, targetSize = size): Float32Array {
  const random = createRandom(seed, 'augment')
  const target = new Float32Array(targetSize * targetSize)
  augmentFace(source, 0, size, target, 0, targetSize, () => random.next(), options)
  return target
}

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) }
}

describe('augmentFace', () => {
  it('changes nothing but the standardisation when everything is off', () => {
    const source = randomImage(1)
    const expected = Float32Array.from(source)
    standardizeImage(expected)
    const result = augment(source, 1, noAugmentation)
    result.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index], 4)
    })
  })

  it('mirrors left and right when the coin says so', () => {
    const source = randomImage(2)
    const plain = augment(source, 1, noAugmentation)
    const mirrored = new Float32Array(area)
    augmentFace(source, 0, size, mirrored, 0, size, () => 0.25, { ...noAugmentation, flip: true })
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        expect(mirrored[row * size + column]).toBeCloseTo(plain[row * size + size - 1 - column], 4)
      }
    }
  })

  it('shifts by the drawn number of pixels', () => {
    const source = randomImage(3)
    const draws = [0.9, 0.5, 0.5, 1, 0.5] // no mirror, no rotation, no zoom, full shift in x, none in y
    let next = 0
    const shifted = new Float32Array(area)
    augmentFace(source, 0, size, shifted, 0, size, () => draws[next++] ?? 0.5, { ...noAugmentation, shift: 4 / size })
    const plain = augment(source, 1, noAugmentation)
    // The repeated border changes mean and deviation a little: compare up to an affine map of grey.
    const pairs = Array.from({ length: 40 }, (_, column) => [shifted[10 * size + column], plain[10 * size + column + 4]])
    const slope = (pairs[1][0] - pairs[0][0]) / (pairs[1][1] - pairs[0][1])
    for (const [a, b] of pairs) expect(a - pairs[0][0]).toBeCloseTo(slope * (b - pairs[0][1]), 2)
    expect(slope).toBeCloseTo(1, 1)
  })

  it('gives mean 0 and deviation 1 for any picture and any draw, at any size', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 16, max: 56 }), (seed, targetSize) => {
        const { mean, deviation } = moments(augment(randomImage(seed), seed, { erasing: 0 }, targetSize))
        expect(mean).toBeCloseTo(0, 3)
        expect(deviation).toBeCloseTo(1, 3)
      }),
      { numRuns: 40 },
    )
  })

  it('gives the same picture for the same draws and another for others', () => {
    const source = randomImage(4)
    expect(augment(source, 7)).toEqual(augment(source, 7))
    expect(augment(source, 7)).not.toEqual(augment(source, 8))
  })

  it('erases one rectangle of the size asked for, half of the time', () => {
    const source = randomImage(5)
    let erased = 0
    for (let seed = 0; seed < 200; seed++) {
      const zeros = augment(source, seed, { ...noAugmentation, erasing: 0.5, erasedSide: [0.25, 0.25] }).filter(
        (value) => value === 0,
      ).length
      if (zeros > 0) erased++
      expect([0, 144]).toContain(zeros)
    }
    expect(erased).toBeGreaterThan(70)
    expect(erased).toBeLessThan(130)
  })

  it('keeps a constant picture finite', () => {
    expect(augment(new Uint8Array(area).fill(77), 1).every(Number.isFinite)).toBe(true)
  })

  it('writes only its own part of the target', () => {
    const target = new Float32Array(area * 3).fill(9)
    augmentFace(randomImage(6), 0, size, target, area, size, () => 0.3)
    expect(target.subarray(0, area).every((value) => value === 9)).toBe(true)
    expect(target.subarray(area * 2).every((value) => value === 9)).toBe(true)
  })
})
