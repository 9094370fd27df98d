import { append } from '../corpora/datasetBuilder.ts'
import { contentHash } from '../corpora/contentHash.ts'
import { SOURCE, type Sample } from '../sample.ts'

const hashes = new WeakMap<Sample, string>()

/** Hash of a sample's content, where the loader or {@link hashAcrossFolders} had to compute it. */
export function hashOf(sample: Sample): string | undefined {
  return sample.contentHash ?? sample.duplicateGroup ?? hashes.get(sample)
}

/**
 * Hashes what may be in two folders: files of equal size. Loaders compare the files of one folder only, and hash none that is alone in its size, because
 * reading a whole corpus takes far longer than opening it.
 */
export function hashAcrossFolders(samples: readonly Sample[]): void {
  const byPlace = new Map<object, Sample[]>()
  for (const sample of samples) {
    const place = sample.bytes ?? sample[SOURCE]?.tree
    if (place !== undefined && sample.byteRange === undefined) append(byPlace, place, sample)
  }
  // All of one folder: compared when it was opened.
  if (byPlace.size < 2) return
  const bySize = new Map<number, { place: object; sample: Sample }[]>()
  for (const [place, own] of byPlace) {
    const sizes = sizesOf(own)
    own.forEach((sample, i) => {
      if (sizes[i] > 0) append(bySize, sizes[i], { place, sample })
    })
  }
  for (const candidates of bySize.values()) {
    if (candidates.every(({ place }) => place === candidates[0].place)) continue
    for (const { sample } of candidates) {
      if (hashOf(sample) !== undefined) continue
      const bytes = bytesNow(sample)
      if (bytes !== undefined) hashes.set(sample, contentHash(bytes))
    }
  }
}

/** Sizes of the samples of one place; none where they cannot be asked for without waiting. */
function sizesOf(samples: readonly Sample[]): readonly number[] {
  const [{ bytes, [SOURCE]: source }] = samples
  if (bytes !== undefined) return samples.map(() => bytes.length)
  return source?.tree.now?.sizes(samples.map(({ path }) => path)) ?? []
}

function bytesNow(sample: Sample): Uint8Array | undefined {
  try {
    return sample.bytes ?? sample[SOURCE]?.tree.now?.read(sample.path)
  } catch {
    return undefined // nothing to train or test on
  }
}
