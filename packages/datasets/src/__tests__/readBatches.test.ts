import { describe, expect, it } from 'vitest'
import { readBatches, trainingView, type Sample } from '../index.ts'

const samples = Array.from({ length: 10 }, (_, i): Sample => ({
  corpus: 'fer2013',
  id: String(i),
  modality: 'image',
  path: '',
  emotion: 'fear',
  corpusLabel: 'fear',
  paperLabel: 3,
}))
const read = ({ id }: Sample) => Promise.resolve(Number(id))
async function collect<T>(batches: AsyncIterable<{ items: readonly T[] }>): Promise<T[][]> {
  const all: T[][] = []
  for await (const { items } of batches) all.push([...items])
  return all
}

describe('readBatches', () => {
  it('reads every sample once, in order', async () => {
    expect(await collect(readBatches(samples, { read, batchSize: 4 }))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ])
    expect(await collect(readBatches(samples, { read, batchSize: 4, dropLast: true }))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
    ])
    expect(await collect(readBatches([], { read, batchSize: 4 }))).toEqual([])
  })

  it('shuffles by seed and epoch', async () => {
    const order = async (seed: number, epoch: number) => (await collect(readBatches(samples, { read, batchSize: 3, seed, epoch }))).flat()
    const first = await order(1, 0)
    expect([...first].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await order(1, 0)).toEqual(first)
    expect(await order(1, 1)).not.toEqual(first)
    expect(await order(2, 0)).not.toEqual(first)
  })

  it('reads no further ahead than asked', async () => {
    let started = 0
    const counted = (sample: Sample) => {
      started++
      return read(sample)
    }
    const batches = readBatches(samples, { read: counted, batchSize: 2, prefetch: 1 })
    await batches.next()
    expect(started).toBe(4)
    await batches.next()
    expect(started).toBe(6)
    await batches.return()
    expect(started).toBe(6)
  })

  it('ends with the error of a sample, or leaves the sample out', async () => {
    const failing = (sample: Sample) => (sample.id === '5' ? Promise.reject(new Error('five')) : read(sample))
    const batches = readBatches(samples, { read: failing, batchSize: 2 })
    expect((await batches.next()).value).toMatchObject({ items: [0, 1] })
    await batches.next()
    await expect(batches.next()).rejects.toThrow('five')
    const left: string[] = []
    const rest = await collect(readBatches(samples, { read: failing, batchSize: 5, onError: (_, { id }) => left.push(id) }))
    expect([rest, left]).toEqual([
      [
        [0, 1, 2, 3, 4],
        [6, 7, 8, 9],
      ],
      ['5'],
    ])
  })

  it('stops when aborted', async () => {
    const controller = new AbortController()
    const batches = readBatches(samples, { read, batchSize: 2, signal: controller.signal })
    await batches.next()
    controller.abort(new Error('enough'))
    await expect(batches.next()).rejects.toThrow('enough')
  })

  it('refuses sizes that are none', async () => {
    for (const batchSize of [0, 1.5, NaN]) {
      await expect(readBatches(samples, { read, batchSize }).next()).rejects.toMatchObject({ code: 'BATCH_SIZE_RANGE' })
    }
  })

  it('refuses what it cannot read with a code', async () => {
    const codeOf = (run: unknown) => expect((run as AsyncGenerator).next()).rejects
    await codeOf(readBatches(samples, undefined as never)).toMatchObject({ code: 'OPTIONS_NOT_OBJECT' })
    await codeOf(readBatches(samples, { batchSize: 2 } as never)).toMatchObject({ code: 'READ_EXPECTED' })
    await codeOf(readBatches({ samples } as never, { read, batchSize: 2 })).toMatchObject({ code: 'SAMPLES_NOT_LIST' })
    await codeOf(readBatches([samples[0], undefined as never], { read, batchSize: 2 })).toMatchObject({ details: { index: 1 } })
  })

  it('augments training views only, the same for a seed, epoch and sample in whatever order', async () => {
    const view = trainingView<number>(samples)
    const augmented = view.augment((item, { random }) => item + random()).augment((item) => -item)
    expect(view.augmentations).toHaveLength(0)
    const one = await collect(readBatches(augmented, { read, batchSize: 1, epoch: 3 }))
    const ten = await collect(readBatches(augmented, { read, batchSize: 10, epoch: 3 }))
    expect(one.flat()).toEqual(ten.flat())
    expect(ten.flat().every((item, i) => item <= -i && item > -i - 1)).toBe(true)
    expect(new Set(ten.flat().map((item, i) => item + i)).size).toBe(10)
    const next = await collect(readBatches(augmented, { read, batchSize: 10, epoch: 4 }))
    expect(next.flat()).not.toEqual(ten.flat())
  })
})
