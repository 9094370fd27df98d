import { checkOptions, EmoError, EmoRangeError } from '@emo/errors'
import { compare } from '../corpora/datasetBuilder.ts'
import type { Sample } from '../sample.ts'
import { assertGroupsApart } from './assertNoLeak.ts'
import { checkSeed, kindOf } from '../checkArguments.ts'
import { groupSamples, type Group, type GroupBy } from './groups.ts'
import { shuffled } from './random.ts'
import { makeSplit } from './makeSplit.ts'
import { caveatOf } from './sentences.ts'
import type { Split } from './split.ts'

/** Options of {@link groupKFold}. */
export interface GroupKFoldOptions {
  /** What stays together. Default `'speaker'`. */
  readonly by?: GroupBy
  /** Number of folds, or the groups of each test fold, e.g. {@link RAVDESS_FOLDS} or `[[2, 5], [3, 6]]`. */
  readonly folds: number | readonly (readonly (string | number)[])[]
  /** Shuffles the groups before they are dealt out; without it they are taken in the order of their names. */
  readonly seed?: number
  /** Also balances the classes over the folds. */
  readonly stratify?: boolean
}

/**
 * Folds in which no group is on both sides. Groups are dealt out largest first, each to the smallest fold (with `stratify`: to the fold whose
 * classes it balances best). The result depends on the samples and the seed, not on the samples' order.
 *
 * Groups that share a recording, a speaker or identical content are kept together as well. `by: 'sentence'` alone leaves the same speakers on both sides
 * (every speaker says every sentence); the split is `unsafe` and its warnings say so.
 *
 * @returns a split per fold, `test` being the fold; samples keep their order
 * @throws EmoRangeError `SPLIT_FOLDS_RANGE` fewer than 2 folds or more than groups, or `folds` that are no list of lists of groups, `SPLIT_SEED_RANGE`; EmoError `OPTIONS_NOT_OBJECT`, `SAMPLES_NOT_LIST`, `SPLIT_NO_GROUP` samples without a group,
 * `SPLIT_UNKNOWN_GROUP` a group in `folds` that no sample has or that is in two folds; `SPLIT_LEAK`
 */
export function groupKFold(samples: readonly Sample[], options: GroupKFoldOptions): Split[] {
  checkOptions(options, "{ by: 'speaker', folds: 5 }")
  const { by = 'speaker', seed, stratify = false } = options
  if (seed !== undefined) checkSeed(seed)
  const groups = groupSamples(samples, by)
  // Left out, they are refused as a number.
  const folds = options.folds ?? NaN
  const named = typeof folds === 'object'
  const what = typeof by === 'string' ? by : 'group'
  const foldOf = named ? assign(groups, folds) : deal(groups, folds, seed, stratify, what)
  const count = named ? folds.length : folds
  const bySample = new Map<Sample, number | undefined>()
  groups.forEach((group, i) => group.samples.forEach((sample) => bySample.set(sample, foldOf[i])))
  return Array.from({ length: count }, (_, fold) => {
    const protocol = {
      method: stratify ? ('stratified-group-k-fold' as const) : ('group-k-fold' as const),
      ...caveatOf(by),
      description: `fold ${fold + 1} of ${count}, no ${what} on both sides${named ? ', folds as given' : ''}${stratify ? ', classes balanced' : ''}${seed === undefined ? '' : `, seed ${seed}`}`,
      ...(seed !== undefined && { seed }),
      fold,
      folds: count,
    }
    const train = samples.filter((sample) => bySample.get(sample) !== fold)
    const test = samples.filter((sample) => bySample.get(sample) === fold)
    assertGroupsApart(train, test, by)
    return makeSplit({ train, test }, protocol)
  })
}

function deal(groups: readonly Group[], folds: number, seed: number | undefined, stratify: boolean, what: string): number[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > groups.length) {
    const names = groups.reduce((sum, group) => sum + group.names.length, 0)
    const joined = names > groups.length ? `, ${names} by ${what}, joined where they share a speaker, a recording or content` : ''
    const advice = groups.length < 2 ? 'nothing can be split between fewer than 2' : `give a whole number from 2 to ${groups.length}`
    throw new EmoRangeError(
      'SPLIT_FOLDS_RANGE',
      `${folds} folds of ${groups.length} ${groups.length === 1 ? 'group' : 'groups'}${joined}; ${advice}`,
      {
        details: { folds, groups: groups.length },
      },
    )
  }
  const order = groups.map((_, i) => i)
  const dealt = seed === undefined ? order : shuffled(order, seed)
  dealt.sort((a, b) => groups[b].samples.length - groups[a].samples.length)
  const sizes = new Array<number>(folds).fill(0)
  const result = new Array<number>(groups.length)
  const classes = [...new Set(groups.flatMap((group) => group.samples.map((sample) => sample.corpusLabel)))].sort(compare)
  const totals = classCounts(
    groups.flatMap((group) => group.samples),
    classes,
  )
  const perFold = Array.from({ length: folds }, () => classes.map(() => 0))
  for (const index of dealt) {
    const counts = classCounts(groups[index].samples, classes)
    let best = 0
    let bestCost = Infinity
    for (let fold = 0; fold < folds; fold++) {
      // Growth of the summed squared class shares; plain size when the classes do not matter.
      const cost = stratify
        ? counts.reduce((sum, count, c) => sum + (count * (count + 2 * perFold[fold][c])) / totals[c] ** 2, 0)
        : sizes[fold]
      if (cost < bestCost || (cost === bestCost && sizes[fold] < sizes[best])) {
        best = fold
        bestCost = cost
      }
    }
    result[index] = best
    sizes[best] += groups[index].samples.length
    counts.forEach((count, c) => (perFold[best][c] += count))
  }
  return result
}

function classCounts(samples: readonly Sample[], classes: readonly string[]): number[] {
  const index = new Map(classes.map((label, i) => [label, i]))
  const counts = classes.map(() => 0)
  for (const sample of samples) counts[index.get(sample.corpusLabel) ?? 0]++
  return counts
}

function assign(groups: readonly Group[], folds: readonly (readonly (string | number)[])[]): (number | undefined)[] {
  const given: readonly unknown[] = Array.isArray(folds) ? folds : [folds]
  const bad = given.find((names) => !Array.isArray(names) || names.length === 0)
  if (bad !== undefined || given.length === 0 || given.includes(undefined)) {
    throw new EmoRangeError(
      'SPLIT_FOLDS_RANGE',
      `folds has ${given.length === 0 || Array.isArray(bad) ? 'an empty list' : kindOf(bad)}; give a number, or the groups of each fold, e.g. [['01', '02'], ['03']]`,
      { details: { folds } },
    )
  }
  const result = new Array<number | undefined>(groups.length).fill(undefined)
  folds.forEach((names, fold) => {
    for (const name of names) {
      const found = groups.flatMap((group, i) => (group.names.some((own) => isGroup(own, name)) ? [i] : []))
      const taken = found.find((i) => result[i] !== undefined && result[i] !== fold)
      if (found.length === 0 || taken !== undefined) {
        throw new EmoError(
          'SPLIT_UNKNOWN_GROUP',
          found.length === 0
            ? `fold ${fold + 1} names "${name}", which no sample has`
            : `"${name}" is in fold ${fold + 1} and joined to a group of another fold`,
          { details: { fold, name } },
        )
      }
      for (const i of found) result[i] = fold
    }
  })
  return result
}

/** Whether a group's full name (`ravdess/02`) is meant by a short one (`02`, or 2). */
function isGroup(full: string, name: string | number): boolean {
  if (full === name) return true
  const own = full.slice(full.indexOf('/') + 1)
  return typeof name === 'number' ? /^\d+$/.test(own) && Number(own) === name : own === name
}
