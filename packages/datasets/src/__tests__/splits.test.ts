import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  assertNoLeak,
  crossCorpusSplit,
  findLeaks,
  groupKFold,
  groupSplit,
  inspectDataset,
  leaveOneGroupOut,
  LeakError,
  officialSplit,
  RAVDESS_FOLDS,
  trainingView,
  unsafeRandomSplit,
  type Sample,
  type Split,
} from '../index.ts'

let serial = 0
const sample = (fields: Partial<Sample> = {}): Sample => ({
  corpus: 'ravdess',
  id: `s${String(serial++).padStart(5, '0')}`,
  modality: 'audio',
  path: 'x.wav',
  emotion: 'anger',
  corpusLabel: 'angry',
  paperLabel: 1,
  ...fields,
})

/** Corpora with 2 to 12 speakers, several classes, now and then content that two speakers share. */
const corpora = fc
  .array(
    fc.record({
      speaker: fc.integer({ min: 1, max: 12 }),
      label: fc.constantFrom('a', 'b', 'c'),
      content: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('x', 'y') }),
    }),
    { minLength: 2, maxLength: 80 },
  )
  .map((rows) =>
    rows.map(({ speaker, label, content }, i) =>
      sample({
        id: `s${i}`,
        speaker: String(speaker).padStart(2, '0'),
        corpusLabel: label,
        ...(content && { contentHash: content, duplicateGroup: content }),
      }),
    ),
  )

/** Ids of the sides of splits, without order. */
const sides = (splits: readonly Split[]) =>
  splits.map(({ train, validation, test }) => [train, validation, test].map((side) => side.map(({ id }) => id).sort()))

/** A split that can be made, or the code of the refusal. */
function attempt<T>(make: () => T): T | string {
  try {
    return make()
  } catch (error) {
    return (error as { code: string }).code
  }
}

function checkPartition(samples: readonly Sample[], split: Split) {
  const all = [...split.train, ...split.validation, ...split.test, ...split.excluded.map((exclusion) => exclusion.sample)]
  expect(all.map(({ id }) => id).sort()).toEqual(samples.map(({ id }) => id).sort())
  expect(findLeaks(split.train, [...split.validation, ...split.test])).toEqual([])
  expect(findLeaks(split.validation, split.test)).toEqual([])
}

describe('groupKFold', () => {
  it('partitions, never leaks, and does not depend on the order of the samples', () => {
    let made = 0
    fc.assert(
      fc.property(
        corpora,
        fc.integer({ min: 2, max: 5 }),
        fc.option(fc.integer(), { nil: undefined }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (samples, folds, seed, stratify, order) => {
          const options = { by: 'speaker', folds, seed, stratify } as const
          const splits = attempt(() => groupKFold(samples, options))
          if (typeof splits === 'string') {
            expect(splits).toBe('SPLIT_FOLDS_RANGE')
            return
          }
          made++
          for (const split of splits) {
            checkPartition(samples, split)
            expect(split.test.length).toBeGreaterThan(0)
          }
          expect(splits.flatMap(({ test }) => test.map(({ id }) => id)).sort()).toEqual(samples.map(({ id }) => id).sort())
          const shuffled = samples
            .map((value) => [order.next().value as number, value] as const)
            .sort((a, b) => a[0] - b[0])
            .map(([, value]) => value)
          expect(sides(groupKFold(shuffled, options))).toEqual(sides(splits))
        },
      ),
    )
    expect(made).toBeGreaterThan(50)
  })

  it('keeps speakers together whose recordings are identical', () => {
    const samples = ['01', '02', '03', '04'].map((speaker, i) => sample({ speaker, ...(i < 2 && { duplicateGroup: 'same' }) }))
    const folds = groupKFold(samples, { by: 'speaker', folds: 3 })
    expect(folds.map(({ test }) => test.map(({ speaker }) => speaker))).toContainEqual(['01', '02'])
  })

  it('takes folds as given, by name or number', () => {
    const samples = Array.from({ length: 24 }, (_, i) => sample({ speaker: String(i + 1).padStart(2, '0') }))
    const named = groupKFold(samples, { by: 'speaker', folds: RAVDESS_FOLDS })
    expect(named.map(({ test }) => test.map(({ speaker }) => speaker))).toEqual(RAVDESS_FOLDS)
    const numbers = groupKFold(samples, { folds: [[2, 5, 14, 15, 16], [3]] })
    expect(numbers.map(({ test }) => test.length)).toEqual([5, 1])
    expect(numbers[0].train).toHaveLength(19)
    expect(numbers[1].protocol).toMatchObject({ method: 'group-k-fold', unsafe: false, fold: 1, folds: 2, warnings: [] })
    expect(() => groupKFold(samples, { folds: [[2], [2, 3]] })).toThrow(expect.objectContaining({ code: 'SPLIT_UNKNOWN_GROUP' }))
    expect(() => groupKFold(samples, { folds: [[2], [25]] })).toThrow(expect.objectContaining({ code: 'SPLIT_UNKNOWN_GROUP' }))
  })

  it('balances sizes, and classes when asked', () => {
    // Speakers of two kinds: 10 samples of one class each.
    const samples = Array.from({ length: 120 }, (_, i) => sample({ speaker: String(Math.floor(i / 10)), corpusLabel: i < 60 ? 'a' : 'b' }))
    for (const { test } of groupKFold(samples, { folds: 3 })) expect(test).toHaveLength(40)
    for (const { test } of groupKFold(samples, { folds: 3, stratify: true })) {
      expect(test.filter(({ corpusLabel }) => corpusLabel === 'a')).toHaveLength(20)
      expect(test).toHaveLength(40)
    }
    const seeds = [1, 2, 3].map((seed) => JSON.stringify(sides(groupKFold(samples, { folds: 3, seed }))))
    expect(new Set(seeds).size).toBe(3)
    expect(JSON.stringify(sides(groupKFold(samples, { folds: 3, seed: 1 })))).toBe(seeds[0])
  })

  it('groups by anything that stays together', () => {
    const samples = Array.from({ length: 12 }, (_, i) => sample({ sentence: String(i % 3), take: i % 2 }))
    expect(groupKFold(samples, { by: 'sentence', folds: 3 }).map(({ test }) => test.length)).toEqual([4, 4, 4])
    expect(groupKFold(samples, { by: ({ take }) => String(take), folds: 2 }).map(({ test }) => test.length)).toEqual([6, 6])
    expect(groupKFold(samples, { by: 'content', folds: 4 }).map(({ test }) => test.length)).toEqual([3, 3, 3, 3])
    expect(groupKFold(samples, { by: 'recording', folds: 6 })).toHaveLength(6)
  })

  it('splits by sentence what every speaker says, and says that the speakers are on both sides', () => {
    const samples = Array.from({ length: 12 }, (_, i) => sample({ sentence: String(i % 3), speaker: String(i % 4), recording: `r${i}` }))
    const splits = [
      ...groupKFold(samples, { by: 'sentence', folds: 3 }),
      ...leaveOneGroupOut(samples, { by: 'sentence' }),
      groupSplit(samples, { by: 'sentence', testFraction: 0.3, seed: 1 }),
    ]
    for (const split of splits) {
      expect(split.test).toHaveLength(4)
      expect(new Set(split.test.map(({ sentence }) => sentence)).size).toBe(1)
      expect(split.protocol.unsafe).toBe(true)
      expect(split.protocol.warnings).toContainEqual(expect.stringContaining('same speakers'))
      expect(trainingView(split).samples).toBe(split.train)
    }
    // What is the same recording stays together all the same.
    const twins = samples.map((one, i) => ({ ...one, ...(i < 2 && { recording: 'r' }) }))
    expect(groupKFold(twins, { by: 'sentence', folds: 2 })).toHaveLength(2)
    expect(() => groupKFold(twins, { by: 'sentence', folds: 3 })).toThrow(/3 folds of 2 groups, 3 by sentence, joined/)
  })

  it('refuses folds that are no folds', () => {
    const samples = ['01', '02', '03'].map((speaker) => sample({ speaker }))
    for (const folds of [[], [[], ['01']], [1, 2], ['01'], {}, [undefined], 4, 1, NaN, '2']) {
      expect(() => groupKFold(samples, { folds: folds as never })).toThrow(expect.objectContaining({ code: 'SPLIT_FOLDS_RANGE' }))
    }
    expect(() => groupKFold([sample({ speaker: '01' })], { folds: 2 })).toThrow(/fewer than 2/)
    for (const given of [[undefined], [null], ['a.wav']]) {
      expect(() => groupKFold(given as never, { folds: 2 })).toThrow(expect.objectContaining({ code: 'SAMPLES_NOT_LIST' }))
    }
  })

  it('needs a group for every sample', () => {
    expect(() => groupKFold([sample({ speaker: '01' }), sample()], { by: 'speaker', folds: 2 })).toThrow(
      expect.objectContaining({ code: 'SPLIT_NO_GROUP' }),
    )
  })

  it('names what to give when a whole data set is given', () => {
    const dataset = { corpus: 'ravdess', samples: [sample({ speaker: '01' }), sample({ speaker: '02' })] }
    for (const run of [
      () => groupKFold(dataset as never, { folds: 2 }),
      () => leaveOneGroupOut(dataset as never),
      () => groupSplit(null as never, { testFraction: 0.5, seed: 1 }),
      () => unsafeRandomSplit(dataset as never, { testFraction: 0.5, seed: 1 }),
      () => crossCorpusSplit(dataset.samples, dataset as never),
      () => assertNoLeak(dataset as never, []),
      () => assertNoLeak([], undefined as never),
      () => findLeaks([], 'test' as never),
      () => trainingView(null as never),
    ]) {
      expect(run).toThrow(expect.objectContaining({ code: 'SAMPLES_NOT_LIST' }))
      expect(run).toThrow('dataset.samples')
    }
  })
})

describe('arguments of another kind', () => {
  const samples = [sample({ speaker: '01' }), sample({ speaker: '02' })]

  it.each([
    ['no options', () => groupKFold(samples, undefined as never), 'OPTIONS_NOT_OBJECT'],
    ['a number by position', () => groupSplit(samples, 0.2 as never), 'OPTIONS_NOT_OBJECT'],
    ['no options of a random split', () => unsafeRandomSplit(samples, undefined as never), 'OPTIONS_NOT_OBJECT'],
    ['a field by position', () => leaveOneGroupOut(samples, 'speaker' as never), 'OPTIONS_NOT_OBJECT'],
    ['emotions by position', () => crossCorpusSplit(samples, [], ['anger'] as never), 'OPTIONS_NOT_OBJECT'],
    ['a flag by position', () => officialSplit({ corpus: 'fer2013', samples }, true as never), 'OPTIONS_NOT_OBJECT'],
    ['no folds', () => groupKFold(samples, { by: 'speaker' } as never), 'SPLIT_FOLDS_RANGE'],
    ['folds that are text', () => groupKFold(samples, { folds: '2' as never }), 'SPLIT_FOLDS_RANGE'],
    ['no seed', () => groupSplit(samples, { testFraction: 0.5 } as never), 'SPLIT_SEED_RANGE'],
    ['half a seed', () => unsafeRandomSplit(samples, { testFraction: 0.5, seed: 0.5 }), 'SPLIT_SEED_RANGE'],
    ['a seed that is text', () => groupKFold(samples, { folds: 2, seed: '1' as never }), 'SPLIT_SEED_RANGE'],
    ['samples in place of their data set', () => officialSplit(samples as never), 'DATASET_EXPECTED'],
    ['no data set', () => officialSplit(undefined as never), 'DATASET_EXPECTED'],
  ])('%s: refused with a code', (_, run, code) => {
    expect(run).toThrow(expect.objectContaining({ code }))
  })

  it('samples in place of their data set are refused by inspectDataset, too', async () => {
    await expect(inspectDataset(samples as never)).rejects.toMatchObject({ code: 'DATASET_EXPECTED' })
  })
})

describe('groupSplit', () => {
  it('partitions, never leaks, and does not depend on the order of the samples', () => {
    let made = 0
    fc.assert(
      fc.property(corpora, fc.integer(), fc.constantFrom(0, 0.2), fc.boolean(), (samples, seed, validationFraction, stratify) => {
        const options = { testFraction: 0.3, validationFraction, seed, stratify }
        const split = attempt(() => groupSplit(samples, options))
        if (typeof split === 'string') {
          expect(split).toBe('SPLIT_FEW_GROUPS')
          return
        }
        made++
        checkPartition(samples, split)
        expect([split.train.length > 0, split.test.length > 0, split.validation.length > 0]).toEqual([true, true, validationFraction > 0])
        expect(sides([groupSplit([...samples].reverse(), options)])).toEqual(sides([split]))
      }),
    )
    expect(made).toBeGreaterThan(50)
  })

  it('meets the shares as closely as groups allow', () => {
    const samples = Array.from({ length: 100 }, (_, i) => sample({ speaker: String(i % 20) }))
    const { train, validation, test } = groupSplit(samples, { testFraction: 0.2, validationFraction: 0.1, seed: 4 })
    expect([train.length, validation.length, test.length]).toEqual([70, 10, 20])
    for (const testFraction of [0, 1, -1, NaN]) {
      expect(() => groupSplit(samples, { testFraction, seed: 1 })).toThrow(expect.objectContaining({ code: 'SPLIT_FRACTION_RANGE' }))
    }
  })
})

describe('leaveOneGroupOut', () => {
  it('tests on each speaker once', () => {
    const samples = Array.from({ length: 20 }, (_, i) => sample({ speaker: String(i % 5) }))
    const splits = leaveOneGroupOut(samples)
    expect(splits.map(({ test }) => new Set(test.map(({ speaker }) => speaker)))).toEqual(
      [0, 1, 2, 3, 4].map((speaker) => new Set([String(speaker)])),
    )
    for (const split of splits) checkPartition(samples, split)
    expect(() => leaveOneGroupOut(samples.filter(({ speaker }) => speaker === '1'))).toThrow(
      expect.objectContaining({ code: 'SPLIT_FEW_GROUPS' }),
    )
  })

  it('warns that the two speakers of TESS are no test', () => {
    const samples = ['OAF', 'YAF'].map((speaker) => sample({ corpus: 'tess', speaker }))
    expect(leaveOneGroupOut(samples)[0].protocol.warnings).toEqual([
      'the test on tess has 2 speakers to go by: it says nothing about other voices',
    ])
  })
})

describe('crossCorpusSplit', () => {
  const savee = ['anger', 'surprise'].map((emotion) =>
    sample({ corpus: 'savee', speaker: 'DC', emotion: emotion as 'anger', corpusLabel: emotion }),
  )
  const crema = ['anger', 'sadness'].map((emotion) =>
    sample({ corpus: 'crema-d', speaker: '1001', emotion: emotion as 'anger', corpusLabel: emotion }),
  )

  it('keeps the emotions that both sides have', () => {
    const split = crossCorpusSplit(crema, savee)
    expect([split.train, split.test].map((side) => side.map(({ emotion }) => emotion))).toEqual([['anger'], ['anger']])
    expect(split.excluded.map(({ reason }) => reason)).toEqual([
      'its label (sadness) is none of anger',
      'its label (surprise) is none of anger',
    ])
    checkPartition([...crema, ...savee], split)
    expect(split.protocol.warnings).toHaveLength(1)
    expect(crossCorpusSplit(crema, savee, { emotions: ['anger', 'sadness'] }).train).toHaveLength(2)
  })

  it('refuses what is no cross-corpus test', () => {
    expect(() => crossCorpusSplit(crema, crema)).toThrow(expect.objectContaining({ code: 'SPLIT_SAME_CORPUS' }))
    expect(() => crossCorpusSplit(crema.slice(1), savee)).toThrow(expect.objectContaining({ code: 'SPLIT_NO_COMMON_EMOTION' }))
    for (const emotions of [['angry'], 'anger', ['anger', undefined]]) {
      expect(() => crossCorpusSplit(crema, savee, { emotions: emotions as never })).toThrow(
        expect.objectContaining({ code: 'EMOTION_UNKNOWN' }),
      )
    }
    for (const emotions of [['sadness'], ['disgust'], []] as const) {
      expect(() => crossCorpusSplit(crema, savee, { emotions })).toThrow(expect.objectContaining({ code: 'SPLIT_NO_COMMON_EMOTION' }))
    }
    const images = (['fer2013', 'ferplus'] as const).map((corpus) => sample({ corpus, contentHash: 'one' }))
    expect(() => crossCorpusSplit([images[0]], [images[1]])).toThrow(expect.objectContaining({ code: 'SPLIT_LEAK' }))
  })
})

describe('assertNoLeak', () => {
  it('lists speakers, recordings, content and samples that are on both sides', () => {
    const audio = sample({ speaker: '01', recording: 'r', id: 'audio' })
    const video = sample({ speaker: '01', recording: 'r', id: 'video', modality: 'video' })
    expect(findLeaks([audio], [video])).toEqual([
      { kind: 'recording', key: 'ravdess/r', train: ['audio'], test: ['video'] },
      { kind: 'speaker', key: 'ravdess/01', train: ['audio'], test: ['video'] },
    ])
    const same = sample({ id: 'same' })
    expect(findLeaks([same], [{ ...same }])).toMatchObject([{ kind: 'content', train: ['same'], test: ['same'] }])
    const [one, two] = [sample({ corpus: 'fer2013', contentHash: 'h' }), sample({ corpus: 'fer2013', contentHash: 'h' })]
    let error: unknown
    try {
      assertNoLeak([one], [two])
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(LeakError)
    expect(error).toMatchObject({ code: 'SPLIT_LEAK', leaks: [{ kind: 'content', train: [one.id], test: [two.id] }] })
    expect((error as Error).message).toContain(one.id)
  })

  it('lets pass what shares nothing, also speakers of one name in two corpora', () => {
    assertNoLeak([sample({ speaker: '03' })], [sample({ corpus: 'emodb', speaker: '03' })])
    assertNoLeak([sample()], [sample()])
    assertNoLeak([], [sample()])
  })
})

describe('officialSplit', () => {
  const image = (officialSplit: Sample['officialSplit'], contentHash: string, fields: Partial<Sample> = {}) =>
    sample({ corpus: 'fer2013', officialSplit, contentHash, ...fields })

  it('leaves out of training and validation what is on a later side', () => {
    const samples = [
      image('train', 'a'),
      image('train', 'b'),
      image('train', 'c'),
      image('train', 'd', { alsoInTest: true }),
      image('train', 'e', { ambiguous: true }),
      image('validation', 'b'),
      image('validation', 'f'),
      image('test', 'f'),
      image('test', 'c'),
      image(undefined, 'z'),
    ]
    const split = officialSplit({ corpus: 'fer2013', samples })
    const hashes = (side: readonly Sample[]) => side.map(({ contentHash }) => contentHash)
    expect([hashes(split.train), hashes(split.validation), hashes(split.test)]).toEqual([['a', 'e'], ['b'], ['f', 'c']])
    expect(split.excluded.map(({ sample: { contentHash } }) => contentHash).sort()).toEqual(['b', 'c', 'd', 'f'])
    checkPartition(samples.slice(0, -1), split)
    expect(hashes(officialSplit({ corpus: 'fer2013', samples }, { dropAmbiguous: true }).train)).toEqual(['a'])
  })

  it('is refused for a corpus without one', () => {
    expect(() => officialSplit({ corpus: 'savee', samples: [sample()] })).toThrow(expect.objectContaining({ code: 'SPLIT_NOT_PUBLISHED' }))
  })
})

describe('unsafeRandomSplit', () => {
  it('is marked, deterministic by seed, stable under order, and stratified', () => {
    fc.assert(
      fc.property(corpora, fc.integer(), (samples, seed) => {
        const split = unsafeRandomSplit(samples, { testFraction: 0.3, seed })
        expect(split.protocol).toMatchObject({ unsafe: true, method: 'random', seed })
        expect(split.protocol.description).toContain('UNSAFE')
        expect([...split.train, ...split.test]).toHaveLength(samples.length)
        expect(sides([unsafeRandomSplit([...samples].reverse(), { testFraction: 0.3, seed })])).toEqual(sides([split]))
        for (const label of ['a', 'b', 'c']) {
          const own = samples.filter(({ corpusLabel }) => corpusLabel === label).length
          expect(split.test.filter(({ corpusLabel }) => corpusLabel === label)).toHaveLength(Math.round(own * 0.3))
        }
      }),
    )
    expect(() => unsafeRandomSplit([], { testFraction: 1, seed: 1 })).toThrow(expect.objectContaining({ code: 'SPLIT_FRACTION_RANGE' }))
  })
})

describe('trainingView', () => {
  const samples = Array.from({ length: 8 }, (_, i) => sample({ speaker: String(i % 4) }))

  it('is made of a training side only', () => {
    const [split] = groupKFold(samples, { folds: 2 })
    expect(trainingView(split).samples).toBe(split.train)
    expect(trainingView(split.train).samples).toBe(split.train)
    expect(() => trainingView(split.test)).toThrow(expect.objectContaining({ code: 'VIEW_OF_HELD_OUT' }))
    expect(() => trainingView({ ...split, train: samples })).toThrow(expect.objectContaining({ code: 'SPLIT_LEAK' }))
    const random = unsafeRandomSplit(samples, { testFraction: 0.5, seed: 1 })
    expect(trainingView(random).samples).toBe(random.train)
  })
})
