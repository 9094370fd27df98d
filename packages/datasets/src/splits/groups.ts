import { EmoError } from '@emo/errors'
import { append, compare } from '../corpora/datasetBuilder.ts'
import type { Sample } from '../sample.ts'
import { checkSamples } from '../checkArguments.ts'
import { hashAcrossFolders } from './hashAcrossFolders.ts'
import { leakKeys, speakerKey } from './leakKeys.ts'
import { sharesSpeakers } from './sentences.ts'

/** What stays together: a field of the sample, or a function that names the group. Groups that share a speaker are joined, except by `'sentence'`. */
export type GroupBy = 'speaker' | 'recording' | 'sentence' | 'content' | ((sample: Sample) => string | undefined)

/** Samples that must stay on one side. */
export interface Group {
  /** Names of the groups joined here, the first in order first. */
  readonly names: readonly string[]
  readonly samples: readonly Sample[]
}

function groupName(sample: Sample, by: GroupBy): string | undefined {
  if (typeof by === 'function') return by(sample)
  switch (by) {
    case 'speaker':
      return speakerKey(sample)
    case 'recording':
      return `${sample.corpus}/${sample.recording ?? sample.id}`
    case 'sentence':
      return sample.sentence && `${sample.corpus}/${sample.sentence}`
    case 'content':
      return sample.duplicateGroup ?? `${sample.corpus}/${sample.id}`
  }
}

/**
 * Groups samples, and joins groups that share a recording, identical content or a speaker (but for sentences, which every speaker says), so that
 * whatever puts whole groups on one side cannot leak.
 *
 * @returns sorted by name: the same for every order of the samples
 * @throws EmoError `SPLIT_NO_GROUP` when samples have no group, e.g. speakers of FER2013, `SAMPLES_NOT_LIST` for a whole data set and the like
 */
export function groupSamples(samples: readonly Sample[], by: GroupBy): Group[] {
  checkSamples('samples', samples)
  hashAcrossFolders(samples)
  const parent = new Map<string, string>()
  const root = (key: string): string => {
    let top = key
    for (let next = parent.get(top); next !== undefined && next !== top; next = parent.get(top)) top = next
    for (let at = key; at !== top;) {
      const next = parent.get(at) ?? top
      parent.set(at, top)
      at = next
    }
    return top
  }
  const join = (a: string, b: string) => {
    const [first, second] = [root(a), root(b)]
    if (first === second) return
    if (compare(first, second) < 0) parent.set(second, first)
    else parent.set(first, second)
  }
  const names: string[] = []
  const without: string[] = []
  for (const sample of samples) {
    const name = groupName(sample, by)
    if (name === undefined) {
      without.push(sample.id)
      continue
    }
    names.push(name)
    const group = `0 ${name}` // sorts before the keys below, so that roots are names of groups
    for (const [kind, key] of leakKeys(sample)) if (kind !== 'speaker' || !sharesSpeakers(by)) join(group, `1 ${kind} ${key}`)
  }
  if (without.length > 0) {
    throw new EmoError(
      'SPLIT_NO_GROUP',
      `${without.length} of ${samples.length} samples have no ${typeof by === 'string' ? by : 'group'} (${without.slice(0, 3).join(', ')}); group by 'content', or use officialSplit`,
      { details: { samples: without.slice(0, 100) } },
    )
  }
  const members = new Map<string, Sample[]>()
  const joined = new Map<string, Set<string>>()
  samples.forEach((sample, i) => {
    const top = root(`0 ${names[i]}`)
    append(members, top, sample)
    let set = joined.get(top)
    if (set === undefined) joined.set(top, (set = new Set()))
    set.add(names[i])
  })
  return [...members]
    .map(([top, list]) => ({ names: [...(joined.get(top) ?? [])].sort(compare), samples: list }))
    .sort((a, b) => compare(a.names[0], b.names[0]))
}
