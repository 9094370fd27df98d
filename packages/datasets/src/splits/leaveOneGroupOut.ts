import { checkOptions, EmoError } from '@emo/errors'
import type { Sample } from '../sample.ts'
import { groupSamples, type GroupBy } from './groups.ts'
import { makeSplit } from './makeSplit.ts'
import { caveatOf } from './sentences.ts'
import type { Split } from './split.ts'

/**
 * One split per group, which is its test side: leave-one-speaker-out by default.
 *
 * @returns in the order of the groups' names; samples keep their order
 * @throws EmoError `SAMPLES_NOT_LIST`, `OPTIONS_NOT_OBJECT`, `SPLIT_NO_GROUP` samples without a group, `SPLIT_FEW_GROUPS` fewer than two groups
 */
export function leaveOneGroupOut(samples: readonly Sample[], options: { readonly by?: GroupBy } = {}): Split[] {
  checkOptions(options, "{ by: 'speaker' }")
  const { by = 'speaker' } = options
  const groups = groupSamples(samples, by)
  if (groups.length < 2) {
    throw new EmoError('SPLIT_FEW_GROUPS', `${groups.length} groups: leaving one out needs two at least`, {
      details: { groups: groups.length },
    })
  }
  return groups.map((group, fold) => {
    const test = new Set(group.samples)
    return makeSplit(
      { train: samples.filter((sample) => !test.has(sample)), test: group.samples },
      {
        method: 'leave-one-group-out',
        ...caveatOf(by),
        description: `tested on ${group.names.join(', ')}, trained on the ${groups.length - 1} others`,
        fold,
        folds: groups.length,
      },
    )
  })
}
