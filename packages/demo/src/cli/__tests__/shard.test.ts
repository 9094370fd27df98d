import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseShard, selectShard } from '../shard.ts'

const fileLists = fc.uniqueArray(fc.string(), { maxLength: 60 })

describe('shards', () => {
  it.each([0, 1])('share the work without gap or overlap, counted from %i', (first) => {
    fc.assert(
      fc.property(fileLists, fc.integer({ min: 1, max: 9 }), (files, count) => {
        const parts = Array.from({ length: count }, (_, i) => selectShard(files, parseShard(`${i + first}/${count}`)))
        expect(parts.flat().sort()).toEqual([...files].sort())
        const lengths = parts.map((part) => part.length)
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('are the same whatever order a machine lists the files in, and keep that order', () => {
    fc.assert(
      fc.property(fileLists, fc.integer({ min: 1, max: 9 }), (files, count) => {
        const shard = parseShard(`1/${count}`)
        const mine = selectShard(files, shard)
        expect(mine).toEqual(files.filter((file) => mine.includes(file)))
        expect(selectShard([...files].reverse(), shard)).toEqual([...mine].reverse())
      }),
    )
  })

  it.each(['', '1', '1/', '/2', '1/0', '3/2', '-1/2', '1.5/2', '1/2/3', 'a/b', '1 / 2'])('refuses %j', (text) => {
    expect(() => parseShard(text)).toThrow(/Give I\/N/)
  })
})
