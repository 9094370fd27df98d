import { describe, expect, it } from 'vitest'
import { createRandom } from '@emo/runtime'
import type { FaceSet } from '../faceSet.ts'
import { makeBatch } from '../recipe.ts'

const count = 12
const rows = Array.from({ length: count }, (_, row) => row)
const random = createRandom('pictures')
/** Every third picture has no votes. */
const set: FaceSet = {
  count,
  pixels: Uint8Array.from({ length: count * 48 * 48 }, () => random.integer(256)),
  labels: Uint8Array.from(rows, (row) => row % 7),
  votes: Float32Array.from({ length: count * 8 }, (_, i) => (Math.floor(i / 8) % 3 === 0 ? 0 : i % 8 < 2 ? 0.5 : 0)),
  majority: new Uint8Array(count).fill(255),
  alsoInTrain: new Uint8Array(count),
}

const sums = (values: Float32Array, width: number): number[] =>
  Array.from({ length: values.length / width }, (_, i) =>
    values.subarray(i * width, (i + 1) * width).reduce((sum, value) => sum + value, 0),
  )

describe('makeBatch', () => {
  it('smooths labels', () => {
    const { targets, labels, hasVotes } = makeBatch(set, rows, 32, createRandom(1), { labelSmoothing: 0.07 })
    expect(targets[labels[0]]).toBeCloseTo(0.94, 5)
    expect(targets[labels[0] + 1]).toBeCloseTo(0.01, 5)
    for (const sum of sums(targets, 7)) expect(sum).toBeCloseTo(1, 5)
    expect([...hasVotes]).toEqual(rows.map((row) => (row % 3 === 0 ? 0 : 1)))
  })

  it('mixes half of the batches, labels and votes as the pictures', () => {
    let mixed = 0
    for (let seed = 0; seed < 40; seed++) {
      const plain = makeBatch(set, rows, 24, createRandom(seed))
      const batch = makeBatch(set, rows, 24, createRandom(seed), { mixup: 0.4 })
      if (batch.images.every((value, i) => value === plain.images[i])) continue
      mixed++
      for (const sum of sums(batch.targets, 7)) expect(sum).toBeCloseTo(1, 5)
      sums(batch.votes, 8).forEach((sum, i) => {
        expect(sum).toBeCloseTo(batch.hasVotes[i] > 0 ? 1 : 0, 5)
      })
      // Standardised as served pictures are.
      for (const sum of sums(batch.images, 24 * 24)) expect(sum).toBeCloseTo(0, 1)
      for (const sum of sums(
        batch.images.map((value) => value ** 2),
        24 * 24,
      ))
        expect(sum / 24 ** 2).toBeCloseTo(1, 2)
      batch.labels.forEach((label, i) => {
        expect(batch.targets[i * 7 + label]).toBeGreaterThanOrEqual(0.5)
      })
    }
    expect(mixed).toBeGreaterThan(8)
    expect(mixed).toBeLessThan(32)
  })
})
