import { InvalidArgumentError } from 'commander'

/** One of several machines that share the work. */
export interface Shard {
  /** 0 to `count - 1`. */
  readonly index: number
  readonly count: number
}

/**
 * Reads `I/N`. `I` may count from 0, as the index of a Kubernetes job does, or from 1, as Slurm arrays and test runners mostly do:
 * it is taken modulo `N`, so either way every file has exactly one shard.
 */
export function parseShard(text: string): Shard {
  const match = /^(\d{1,9})\/(\d{1,9})$/.exec(text)
  const index = Number(match?.[1])
  const count = Number(match?.[2])
  if (!match || count < 1 || index > count) {
    throw new InvalidArgumentError(`Give I/N with N at least 1 and I from 0 to N - 1 or from 1 to N, for example 2/8.`)
  }
  return { index: index % count, count }
}

/**
 * The files of one shard, in the order given: every `count`-th of the sorted list. Sorted, because shells and `find` list a folder in different orders on
 * different machines, and the shards must not overlap.
 *
 * @param files - none twice
 */
export function selectShard(files: readonly string[], { index, count }: Shard): string[] {
  if (count === 1) return [...files]
  const mine = new Set([...files].sort().filter((_, i) => i % count === index))
  return files.filter((file) => mine.has(file))
}
