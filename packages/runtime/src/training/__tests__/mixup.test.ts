import { describe, expect, it } from 'vitest'
import { createRandom } from '../../random.ts'
import { mixRows } from '../mixup.ts'

/** Row r is [r, 10 r] and its target r alone. */
function batch(rows: number): [Float32Array, Float32Array] {
  const values = Float32Array.from({ length: 2 * rows }, (_, i) => (i % 2 === 0 ? 1 : 10) * (i >> 1))
  return [values, Float32Array.from({ length: rows * rows }, (_, i) => (i % rows === Math.floor(i / rows) ? 1 : 0))]
}

describe('mixRows', () => {
  it('mixes inputs and targets of the same rows in the same ratio, at least half of the row itself', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const rows = 6
      const [values, targets] = batch(rows)
      mixRows([values, targets], rows, 0.3, createRandom(seed))
      for (let i = 0; i < rows; i++) {
        const row = targets.slice(i * rows, (i + 1) * rows)
        expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
        expect(row[i]).toBeGreaterThanOrEqual(0.5)
        const mixed = row.reduce((sum, value, r) => sum + value * r, 0)
        expect(values[2 * i]).toBeCloseTo(mixed, 4)
        expect(values[2 * i + 1]).toBeCloseTo(10 * mixed, 3)
      }
    }
  })

  it('draws the ratio from a beta distribution', () => {
    const shares = Array.from({ length: 4000 }, (_, seed) => {
      const values = new Float32Array([0, 1])
      mixRows([values], 2, 0.2, createRandom('share', seed))
      // Half of the time the rows are mixed with themselves.
      return Math.max(values[1], 1 - values[1])
    }).filter((share) => share < 1)
    // Of beta(0.2, 0.2): E[x^2 + (1 - x)^2] = 2 * 1.2 / (2 * 1.4).
    const squares = shares.reduce((sum, share) => sum + share ** 2 + (1 - share) ** 2, 0) / shares.length
    expect(squares).toBeGreaterThan(0.8)
    expect(squares).toBeLessThan(0.9)
  })

  it('gives the same mix for the same stream', () => {
    const [a, b] = [batch(5)[0], batch(5)[0]]
    mixRows([a], 5, 0.4, createRandom('mix'))
    mixRows([b], 5, 0.4, createRandom('mix'))
    expect(a).toEqual(b)
  })
})
