import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRandom } from '../index.ts'

test('the same keys give the same stream, other keys another', () => {
  const draw = (...keys: (number | string)[]) => Array.from({ length: 8 }, createRandom(...keys).next)
  expect(draw(1, 'a')).toEqual(draw(1, 'a'))
  for (const other of [[1, 'b'], [2, 'a'], ['1', 'a'], [1], ['a', 1]]) expect(draw(...other)).not.toEqual(draw(1, 'a'))
})

test('the stream stays what it is: checkpoints depend on it', () => {
  const random = createRandom(1, 'stream')
  expect([random.next(), random.integer(1000), random.normal()]).toMatchInlineSnapshot(`
    [
      0.09609499987750114,
      195,
      1.3402614624845843,
    ]
  `)
})

test('fork depends on its keys, not on what was drawn before', () => {
  const random = createRandom(5)
  const before = random.fork('x', 3).next()
  random.next()
  expect(random.fork('x', 3).next()).toBe(before)
  expect(random.fork('x', 4).next()).not.toBe(before)
})

test('uniform and normal numbers have their moments', () => {
  const random = createRandom(11)
  const moments = (draw: () => number) => {
    const values = Array.from({ length: 50_000 }, draw)
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length
    return [mean, values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length]
  }
  const [uniformMean, uniformVariance] = moments(() => random.uniform(2, 4))
  expect(uniformMean).toBeCloseTo(3, 1)
  expect(uniformVariance).toBeCloseTo(4 / 12, 1)
  const [normalMean, normalVariance] = moments(random.normal)
  expect(normalMean).toBeCloseTo(0, 1)
  expect(normalVariance).toBeCloseTo(1, 1)
})

test('neighbouring seeds start far apart', () => {
  const first = Array.from({ length: 1000 }, (_, seed) => createRandom(seed).next())
  expect(first.reduce((sum, v) => sum + v, 0) / 1000).toBeCloseTo(0.5, 1)
  const lag = first.slice(1).reduce((sum, v, i) => sum + (v - 0.5) * (first[i] - 0.5), 0) / 999 / (1 / 12)
  expect(Math.abs(lag)).toBeLessThan(0.1)
})

test('shuffle permutes, and integers stay in range', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (values, seed) => {
      const shuffled = createRandom(seed).shuffle([...values])
      expect(shuffled.sort((a, b) => a - b)).toEqual([...values].sort((a, b) => a - b))
    }),
  )
  const random = createRandom(2)
  const counts = new Array<number>(6).fill(0)
  for (let i = 0; i < 6000; i++) counts[random.integer(6)]++
  expect(Math.min(...counts)).toBeGreaterThan(850)
  expect(counts.length).toBe(6)
})
