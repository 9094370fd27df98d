import { EmoError } from '@emo/errors'
import type { Sample } from '../sample.ts'
import { compare } from '../corpora/datasetBuilder.ts'
import { checkSamples } from '../checkArguments.ts'
import { hashAcrossFolders } from './hashAcrossFolders.ts'
import type { GroupBy } from './groups.ts'
import { leakKeys, type LeakKind } from './leakKeys.ts'
import { sharesSpeakers } from './sentences.ts'

/** Something that is on both sides of a split. */
export interface Leak {
  readonly kind: LeakKind
  /** What is shared: a speaker, a recording, or the hash of the content. */
  readonly key: string
  /** Ids of samples on the training side. */
  readonly train: readonly string[]
  /** Ids of samples on the test side. */
  readonly test: readonly string[]
}

/** A speaker, recording or image is on both sides of a split: code `SPLIT_LEAK`. */
export class LeakError extends EmoError {
  /** Everything that leaks. */
  readonly leaks: readonly Leak[]

  constructor(leaks: readonly Leak[]) {
    const shown = leaks.slice(0, 20).map(({ kind, key, train, test }) => `  ${kind} ${key}: train ${few(train)}; test ${few(test)}`)
    const more = leaks.length > shown.length ? [`  and ${leaks.length - shown.length} more (in \`leaks\`)`] : []
    super(
      'SPLIT_LEAK',
      [`${leaks.length} leaks between training and test; split with groupKFold or officialSplit:`, ...shown, ...more].join('\n'),
      { details: { leaks } },
    )
    this.name = 'LeakError'
    this.leaks = leaks
  }
}

function few(ids: readonly string[]): string {
  return ids.length > 2 ? `${ids.slice(0, 2).join(', ')} and ${ids.length - 2} more` : ids.join(', ')
}

/**
 * Finds what is on both sides: the same speaker, the same recording (e.g. RAVDESS audio and video of one take), identical content, or the
 * same sample.
 *
 * Content is compared among all files of equal size, also of two folders that were opened one by one; in Node, those of two folders are read for it, at once.
 * Samples that lost their folder (through JSON or a worker) have but the `contentHash` they bear; `attachSource` gives it back.
 *
 * @throws EmoError `SAMPLES_NOT_LIST` for a whole data set and the like
 */
export function findLeaks(train: Iterable<Sample>, test: Iterable<Sample>): Leak[] {
  checkSamples('train', train, true)
  checkSamples('test', test, true)
  const [trainSide, testSide] = [[...train], [...test]]
  hashAcrossFolders([...trainSide, ...testSide])
  const tested = new Map<string, { kind: LeakKind; test: string[]; train: string[] }>()
  for (const sample of testSide) {
    for (const [kind, key] of leakKeys(sample)) {
      const full = `${kind} ${key}`
      const entry = tested.get(full)
      if (entry === undefined) tested.set(full, { kind, test: [sample.id], train: [] })
      else entry.test.push(sample.id)
    }
  }
  for (const sample of trainSide) for (const [kind, key] of leakKeys(sample)) tested.get(`${kind} ${key}`)?.train.push(sample.id)
  return [...tested]
    .filter(([, entry]) => entry.train.length > 0)
    .map(([full, { kind, train, test }]) => ({ kind, key: full.slice(kind.length + 1), train, test }))
    .sort((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key))
}

/** As {@link assertNoLeak}, for sides made of groups that leave the speakers on both. */
export function assertGroupsApart(train: readonly Sample[], test: readonly Sample[], by: GroupBy): void {
  const leaks = findLeaks(train, test).filter(({ kind }) => kind !== 'speaker' || !sharesSpeakers(by))
  if (leaks.length > 0) throw new LeakError(leaks)
}

/**
 * Makes sure that nothing is on both sides of a split; see {@link findLeaks}.
 *
 * @throws LeakError `SPLIT_LEAK` with the list: a speaker, a recording, or identical content on both sides; EmoError `SAMPLES_NOT_LIST`
 */
export function assertNoLeak(train: Iterable<Sample>, test: Iterable<Sample>): void {
  const leaks = findLeaks(train, test)
  if (leaks.length > 0) throw new LeakError(leaks)
}
