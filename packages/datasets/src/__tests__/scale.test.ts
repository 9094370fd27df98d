import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openAffectNet, openFer2013, readBatches, readImage } from '../index.ts'
import { greyPixels, greyPng, npy, writeTree } from './trees.ts'

// The full size (a million files) is `npm run -w packages/datasets bench:scale`.
describe('large corpora', () => {
  it('AffectNet: 12,500 files are indexed whole, and read again without piling up', async () => {
    const count = 2500
    const root = writeTree({})
    const [images, annotations] = ['train_set/images', 'train_set/annotations'].map((folder) => join(root, folder))
    mkdirSync(images, { recursive: true })
    mkdirSync(annotations, { recursive: true })
    const pictures = [greyPng(1), greyPng(2), greyPng(3)]
    const labels = Array.from({ length: 8 }, (_, i) => npy(String(i)))
    const value = npy('0.5')
    for (let i = 0; i < count; i++) {
      writeFileSync(join(images, `${i}.png`), pictures[i % 3])
      writeFileSync(join(annotations, `${i}_exp.npy`), labels[i % 8])
      writeFileSync(join(annotations, `${i}_val.npy`), value)
      writeFileSync(join(annotations, `${i}_aro.npy`), value)
      writeFileSync(join(annotations, `${i}_lnd.npy`), '')
    }
    const { samples, problems } = await openAffectNet(root)
    expect(problems).toEqual([])
    expect(samples).toHaveLength(count)
    expect(samples.filter(({ emotion }) => emotion === 'contempt')).toHaveLength(Math.floor(count / 8))
    let held = 0
    let most = 0
    let seen = 0
    const read = async (sample: (typeof samples)[number]) => {
      held++
      most = Math.max(most, held)
      return readImage(sample)
    }
    for await (const { items } of readBatches(samples, { read, batchSize: 32, prefetch: 2 })) {
      seen += items.length
      held -= items.length
    }
    expect(seen).toBe(count)
    expect(most).toBeLessThanOrEqual(32 * 4)
  })

  it('FER2013: a csv is read in chunks, never whole', async () => {
    const row = `3,${greyPixels(1).join(' ')},Training\n`
    const rows = 400
    const chunk = new TextEncoder().encode(row)
    let alive = 0
    let most = 0
    const registry = { sent: 0 }
    const tree = {
      name: 'made',
      walk: async function* () {
        yield await Promise.resolve([])
      },
      peek: () => Promise.resolve([]),
      exists: (path: string) => Promise.resolve(path === 'fer2013.csv'),
      sizes: () => Promise.resolve([]),
      read: (_: string, start = 0, end = 0) =>
        Promise.resolve(chunk.slice((start - 21) % chunk.length, ((start - 21) % chunk.length) + end - start)),
      readMany: () => Promise.resolve([]),
      stream: async function* () {
        yield new TextEncoder().encode('emotion,pixels,Usage\n')
        for (; registry.sent < rows; registry.sent++) {
          alive++
          most = Math.max(most, alive)
          yield await Promise.resolve(chunk)
          alive--
        }
      },
    }
    const { samples } = await openFer2013(tree)
    expect([samples.length, registry.sent, most]).toEqual([rows, rows, 1])
    expect(samples.every((sample) => sample.byteRange !== undefined && !('data' in sample))).toBe(true)
    expect((await readImage(samples[rows - 1])).data).toEqual(greyPixels(1))
  })

  it('a csv or table without line ends is told, and does not fill the memory', async () => {
    const chunk = new Uint8Array(1 << 17).fill(49)
    const endless = (name: string, head: string, tail: string) => ({
      name: 'made',
      walk: async function* () {
        yield await Promise.resolve([])
      },
      peek: () => Promise.resolve([name]),
      exists: (path: string) => Promise.resolve(path === name),
      sizes: () => Promise.resolve([]),
      read: () => Promise.resolve(chunk),
      readMany: () => Promise.resolve([]),
      stream: async function* () {
        yield new TextEncoder().encode(head)
        for (let i = 0; i < 400; i++) yield await Promise.resolve(chunk)
        yield new TextEncoder().encode(tail)
      },
    })
    const row = `3,${greyPixels(1).join(' ')},Training`
    const dataset = await openFer2013(endless('fer2013.csv', 'emotion,pixels,Usage\n', `\n${row}\n`))
    expect(dataset.problems.filter(({ code }) => code === 'BAD_ROW')).toEqual([
      { code: 'BAD_ROW', path: 'fer2013.csv:2', reason: 'more than 1048576 bytes in one line' },
    ])
    expect(dataset.samples).toMatchObject([
      { row: 1, byteRange: [21 + 400 * chunk.length + 1 + 2, 21 + 400 * chunk.length + 1 + row.length - ',Training'.length] },
    ])
    await expect(openAffectNet(endless('training.csv', '', ''))).rejects.toMatchObject({ code: 'TABLE_CORRUPT' })
  })
})
