import { checkOptions, EmoError, EmoRangeError } from '@emo/errors'
import type { Sample } from '../sample.ts'
import { assertGroupsApart } from './assertNoLeak.ts'
import { checkSeed } from '../checkArguments.ts'
import { groupSamples, type Group, type GroupBy } from './groups.ts'
import { makeSplit } from './makeSplit.ts'
import { caveatOf } from './sentences.ts'
import { shuffled } from './random.ts'
import type { Split } from './split.ts'

/** Options of {@link groupSplit}. */
export interface GroupSplitOptions {
  /** What stays together. Default `'speaker'`. */
  readonly by?: GroupBy
  /** Share of the samples to test on, within 0 to 1 (both excluded); met as closely as whole groups allow. */
  readonly testFraction: number
  /** Share of the samples to choose on. Default 0. */
  readonly validationFraction?: number
  readonly seed: number
  /** Chooses the groups so that each side also has its share of every class. */
  readonly stratify?: boolean
}

/**
 * Splits whole groups into training, validation and test. The result depends on the samples and the seed, not on the samples' order.
 *
 * @throws EmoRangeError `SPLIT_FRACTION_RANGE`, `SPLIT_SEED_RANGE`; EmoError `OPTIONS_NOT_OBJECT`, `SAMPLES_NOT_LIST`, `SPLIT_NO_GROUP` samples without a group, `SPLIT_FEW_GROUPS` fewer groups than sides
 */
export function groupSplit(samples: readonly Sample[], options: GroupSplitOptions): Split {
  checkOptions(options, '{ testFraction: 0.2, seed: 1 }')
  const { by = 'speaker', testFraction, validationFraction = 0, seed, stratify = false } = options
  if (!(testFraction > 0 && validationFraction >= 0 && testFraction + validationFraction < 1)) {
    throw new EmoRangeError(
      'SPLIT_FRACTION_RANGE',
      `fractions of ${testFraction} to test and ${validationFraction} to validate; give numbers from 0 whose sum is below 1`,
      { details: { testFraction, validationFraction } },
    )
  }
  checkSeed(seed)
  const groups = groupSamples(samples, by)
  const sides = validationFraction > 0 ? 3 : 2
  if (groups.length < sides) {
    throw new EmoError('SPLIT_FEW_GROUPS', `${groups.length} groups cannot fill ${sides} sides`, {
      details: { groups: groups.length, sides },
    })
  }
  const shares = [testFraction, ...(validationFraction > 0 ? [validationFraction] : []), 1 - testFraction - validationFraction]
  const sideOf = allot(shuffled(groups, seed), shares, stratify)
  const pick = (side: number) => samples.filter((sample) => sideOf.get(sample) === side)
  const test = pick(0)
  const validation = sides === 3 ? pick(1) : []
  const train = pick(sides - 1)
  assertGroupsApart(train, [...validation, ...test], by)
  const what = typeof by === 'string' ? by : 'group'
  return makeSplit(
    { train, validation, test },
    {
      method: 'group-hold-out',
      ...caveatOf(by),
      description: `no ${what} on two sides, ${shares.map((share) => `${Math.round(share * 100)} %`).join(' / ')} (test${sides === 3 ? ' / validation' : ''} / train)${stratify ? ', classes balanced' : ''}, seed ${seed}`,
      seed,
    },
  )
}

/** Gives each group, the largest first, to the side that is furthest from its share. */
function allot(groups: readonly Group[], shares: readonly number[], stratify: boolean): Map<Sample, number> {
  const ordered = [...groups].sort((a, b) => b.samples.length - a.samples.length)
  const total = groups.reduce((sum, group) => sum + group.samples.length, 0)
  const totals = countClasses(groups.flatMap((group) => group.samples))
  const filled = shares.map(() => ({ size: 0, classes: new Map<string, number>() }))
  const sideOf = new Map<Sample, number>()
  ordered.forEach((group, position) => {
    const counts = countClasses(group.samples)
    const left = ordered.length - position
    const empty = filled.flatMap(({ size }, side) => (size === 0 ? [side] : []))
    // Every side gets at least one group, however small its share.
    const candidates = empty.length >= left ? empty : shares.map((_, side) => side)
    const need = (side: number) => {
      const { size, classes } = filled[side]
      if (!stratify) return shares[side] - size / total
      let sum = 0
      for (const [label, count] of counts) sum += count * (shares[side] - (classes.get(label) ?? 0) / (totals.get(label) ?? 1))
      return sum
    }
    const best = candidates.reduce((a, b) => (need(b) > need(a) ? b : a))
    filled[best].size += group.samples.length
    for (const [label, count] of counts) filled[best].classes.set(label, (filled[best].classes.get(label) ?? 0) + count)
    group.samples.forEach((sample) => sideOf.set(sample, best))
  })
  return sideOf
}

function countClasses(samples: readonly Sample[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { corpusLabel } of samples) counts.set(corpusLabel, (counts.get(corpusLabel) ?? 0) + 1)
  return counts
}
