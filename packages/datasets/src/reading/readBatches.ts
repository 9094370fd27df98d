import { checkOptions, EmoError, EmoRangeError } from '@emo/errors'
import { checkSamples, kindOf } from '../checkArguments.ts'
import type { Sample } from '../sample.ts'
import { randomNumbers, shuffled } from '../splits/random.ts'
import { TrainingView } from './trainingView.ts'

/** Options of {@link readBatches}. */
export interface ReadBatchesOptions<T> {
  /** Reads one sample, e.g. `(sample) => readAudio(sample, { sampleRate: 16000 })`. */
  readonly read: (sample: Sample) => Promise<T>
  readonly batchSize: number
  /** Batches read ahead of the one that is used. Default 2. */
  readonly prefetch?: number
  /** Shuffles with this seed and the epoch; without it the order is that of the samples. Also seeds augmentations (default 0). */
  readonly seed?: number
  /** Number of the epoch, from 0. Default 0. */
  readonly epoch?: number
  /** Leaves out a last batch that is not full. */
  readonly dropLast?: boolean
  /** Called for a sample that cannot be read, which is then left out; without it the error ends the iteration. */
  readonly onError?: (error: unknown, sample: Sample) => void
  readonly signal?: AbortSignal
}

/** Samples of a batch and what was read of them, in the same order. */
export interface Batch<T> {
  readonly samples: readonly Sample[]
  readonly items: readonly T[]
}

/**
 * Reads samples batch by batch, ahead of use. Augmentations run when the source is a {@link TrainingView}.
 *
 * No more than `prefetch + 1` batches are held at a time.
 *
 * @throws EmoRangeError `BATCH_SIZE_RANGE`; EmoError `SAMPLES_NOT_LIST`, `OPTIONS_NOT_OBJECT`, `READ_EXPECTED` without a function `read`; the errors of `read` (without `onError`) and of the abort signal
 */
export async function* readBatches<T>(
  source: TrainingView<T> | readonly Sample[],
  options: ReadBatchesOptions<T>,
): AsyncGenerator<Batch<T>, void, undefined> {
  const example = '{ read: (sample) => readAudio(sample, { sampleRate: 16000 }), batchSize: 32 }'
  checkOptions(options, example)
  const { read, batchSize, prefetch = 2, seed, epoch = 0, dropLast = false, onError, signal } = options
  if (typeof read !== 'function')
    throw new EmoError('READ_EXPECTED', `read is ${kindOf(read)}; give a function of a sample, e.g. ${example}`)
  if (!Number.isInteger(batchSize) || batchSize < 1 || !Number.isInteger(prefetch) || prefetch < 0) {
    throw new EmoRangeError('BATCH_SIZE_RANGE', `batches of ${batchSize}, ${prefetch} ahead; give whole numbers from 1 and from 0`, {
      details: { batchSize, prefetch },
    })
  }
  const augmentations = source instanceof TrainingView ? source.augmentations : []
  const given = source instanceof TrainingView ? source.samples : source
  checkSamples('source', given)
  const samples = seed === undefined ? given : shuffled(given, mix(seed, epoch))
  const end = dropLast ? samples.length - (samples.length % batchSize) : samples.length

  const readOne = async (sample: Sample): Promise<T> => {
    let item = await read(sample)
    if (augmentations.length > 0) {
      const random = randomNumbers(mix(mix(seed ?? 0, epoch), hash(`${sample.corpus}/${sample.id}`)))
      for (const augmentation of augmentations) item = await augmentation(item, { sample, random, epoch })
    }
    return item
  }
  const readBatch = async (start: number): Promise<Batch<T>> => {
    const part = samples.slice(start, Math.min(start + batchSize, end))
    const results = await Promise.allSettled(part.map(readOne))
    const kept: Sample[] = []
    const items: T[] = []
    results.forEach((result, i) => {
      if (result.status === 'fulfilled') {
        kept.push(part[i])
        items.push(result.value)
      } else if (onError === undefined) throw result.reason
      else onError(result.reason, part[i])
    })
    return { samples: kept, items }
  }

  const ahead: Promise<Batch<T>>[] = []
  let next = 0
  while (next < end || ahead.length > 0) {
    signal?.throwIfAborted()
    while (ahead.length <= prefetch && next < end) {
      const batch = readBatch(next)
      batch.catch(() => undefined) // reported when its turn comes
      ahead.push(batch)
      next += batchSize
    }
    const batch = await ahead.shift()
    if (batch !== undefined && batch.items.length > 0) yield batch
  }
}

/** Makes one seed of two. */
function mix(a: number, b: number): number {
  return (Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35)) >>> 0
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
