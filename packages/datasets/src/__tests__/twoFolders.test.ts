import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentHash, contentHashSoon } from '../corpora/contentHash.ts'
import {
  assertNoLeak,
  attachSource,
  crossCorpusSplit,
  findLeaks,
  groupKFold,
  openEmoDb,
  openSavee,
  trainingView,
  type FileLike,
  type Sample,
} from '../index.ts'
import { wav, writeTree, type Files } from './trees.ts'

const openEmo = async (files: Files) => (await openEmoDb(writeTree(files))).samples
/** Leaks of content, without the samples' own ids. */
const shared = (train: readonly Sample[], test: readonly Sample[]) =>
  findLeaks(train, test)
    .filter(({ kind }) => kind === 'content')
    .map((leak) => [leak.train, leak.test])

describe('content of two folders', () => {
  it('is found by assertNoLeak, also where neither folder has two files of the size', async () => {
    const train = await openEmo({ '03a01Fa.wav': wav(1), '03a02Fa.wav': wav(2, 200) })
    const test = await openEmo({ '08a01Fa.wav': wav(1), '08a02Fa.wav': wav(3, 200), '08a04Fa.wav': wav(4, 300) })
    expect(train.some(({ contentHash }) => contentHash !== undefined)).toBe(false)
    expect(shared(train, test)).toEqual([[['03a01Fa'], ['08a01Fa']]])
    expect(() => assertNoLeak(train, test)).toThrow(expect.objectContaining({ code: 'SPLIT_LEAK' }))
    expect(() => assertNoLeak(train, test.slice(1))).not.toThrow()
  })

  it('is found where one of the folders had compared it before', async () => {
    const train = await openEmo({ '03a01Fa.wav': wav(1), '03a02Fa.wav': wav(1) })
    const test = await openEmo({ '08a01Fa.wav': wav(1) })
    expect(shared(train, test)).toEqual([[['03a01Fa', '03a02Fa'], ['08a01Fa']]])
  })

  it('is refused by splits across corpora', async () => {
    const train = await openEmo({ '03a01Wa.wav': wav(1), '03a02Wa.wav': wav(2) })
    const { samples: test } = await openSavee(writeTree({ 'DC_a01.wav': wav(1), 'DC_a02.wav': wav(3) }))
    expect(() => crossCorpusSplit(train, test)).toThrow(expect.objectContaining({ code: 'SPLIT_LEAK' }))
    expect(crossCorpusSplit(train.slice(1), test).test).toHaveLength(2)
  })

  it('stays on one side of folds', async () => {
    const one = await openEmo({ '03a01Fa.wav': wav(1), '08a01Fa.wav': wav(2) })
    const two = await openEmo({ '09a01Fa.wav': wav(1), '10a01Fa.wav': wav(3) })
    const folds = groupKFold([...one, ...two], { folds: 3 })
    expect(folds.map(({ test }) => test.map(({ speaker }) => speaker))).toContainEqual(['03', '09'])
    expect(() => folds.map((split) => trainingView(split))).not.toThrow()
  })

  it('is compared for samples in memory, and for copies that got their folder back', async () => {
    const files = { '03a01Fa.wav': wav(1) }
    const folder = writeTree(files)
    const { samples: train } = await openEmoDb(folder)
    const inMemory = { ...train[0], id: 'other', speaker: '08', bytes: wav(1) }
    expect(shared(train, [inMemory])).toEqual([[['03a01Fa'], ['other']]])
    const copies = JSON.parse(JSON.stringify(train.map((sample) => ({ ...sample, id: 'copy' })))) as Sample[]
    const test = await openEmo({ '08a01Fa.wav': wav(1) })
    expect(shared(copies, test)).toEqual([])
    expect(shared(await attachSource(copies, folder), test)).toEqual([[['copy'], ['08a01Fa']]])
  })

  it('is hashed on opening in browsers, which cannot read at once', async () => {
    const list = (files: Record<string, Uint8Array<ArrayBuffer>>): FileLike[] =>
      Object.entries(files).map(([name, bytes]) => Object.assign(new Blob([bytes]), { name }))
    const bytes = (value: number) => Uint8Array.from(wav(value))
    const { samples: train } = await openEmoDb(list({ '03a01Fa.wav': bytes(1) }))
    const { samples: test } = await openEmoDb(list({ '08a01Fa.wav': bytes(1), '08a02Fa.wav': bytes(2) }))
    expect(shared(train, test)).toEqual([[['03a01Fa'], ['08a01Fa']]])
  })
})

it('hashes alike with and without Node', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
      expect(contentHash(bytes)).toBe(contentHash(bytes, null))
      expect(await contentHashSoon(bytes)).toBe(contentHash(bytes))
      expect(await contentHashSoon(bytes, null)).toBe(contentHash(bytes))
      expect(contentHash(bytes)).toBe(Buffer.from(sha256(bytes).subarray(0, 8)).toString('hex'))
    }),
  )
})
