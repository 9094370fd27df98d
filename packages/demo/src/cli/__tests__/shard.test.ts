import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseShard, selectShard } from '../shard.ts'

describe('shards', () => {
  it.each([0, 1])('share the work without gap or overlap, counted from %i', (first) => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 60 }), fc.integer({ min: 1, max: 9 }), (items, count) => {
        const parts = Array.from({ length: count }, (_, i) => selectShard(items, parseShard(`${i + first}/${count}`)))
        expect(parts.flat().sort((a, b) => a - b)).toEqual([...items].sort((a, b) => a - b))
        const lengths = parts.map((part) => part.length)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it.each(['', '1', '1/', '/2', '1/0', '3/2', '-1/2', '1.5/2', '1/2/3', 'a/b', '1 / 2'])('refuses %j', (text) => {
    expect(() => parseShard(text)).toThrow(/Give I\/N/)
  })
})
