import { describe, expect, it } from 'vitest'
import {
  assertNoLeak,
  FER_PLUS_OPTIONS,
  ferPlusMajority,
  ferPlusSoftLabel,
  officialSplit,
  openFer2013,
  openFerPlus,
  readImage,
  type Dataset,
} from '../index.ts'
import { codeOf, greyPixels, greyPng, writeTree } from './trees.ts'
import { parsePixels, byteLines } from '../corpora/ferPixels.ts'
import { alignFerPlus, namedRows, type FerPlusRow } from '../corpora/ferPlusTable.ts'
import fc from 'fast-check'
import { join } from 'node:path'

const row = (emotion: number, pixels: number, usage: string) => `${emotion},${greyPixels(pixels).join(' ')},${usage}`
const csv = [
  'emotion,pixels,Usage',
  row(0, 1, 'Training'),
  row(3, 2, 'Training'),
  row(6, 3, 'Training'),
  row(0, 1, 'PublicTest'),
  row(4, 5, 'PrivateTest'),
].join('\n')
const VOTES_HEADER = `Usage,Image name,${FER_PLUS_OPTIONS.join(',')}`
const problems = (dataset: Dataset) =>
  dataset.problems.filter(({ code }) => code !== 'INCOMPLETE').map(({ code, path }) => `${code} ${path}`)

describe('openFer2013 of the csv', () => {
  it('keeps pixels in the file until they are read', async () => {
    const dataset = await openFer2013(join(writeTree({ 'fer2013.csv': csv }), 'fer2013.csv'))
    expect(
      dataset.samples.map(({ id, emotion, corpusLabel, paperLabel, officialSplit: side }) => [id, emotion, corpusLabel, paperLabel, side]),
    ).toEqual([
      ['00000', 'anger', 'angry', 1, 'train'],
      ['00001', 'happiness', 'happy', 6, 'train'],
      ['00002', 'neutral', 'neutral', 7, 'train'],
      ['00003', 'anger', 'angry', 1, 'validation'],
      ['00004', 'sadness', 'sad', 2, 'test'],
    ])
    expect((await readImage(dataset.samples[4])).data).toEqual(greyPixels(5))
    expect(await readImage(dataset.samples[2], { width: 24, height: 12, channels: 3 })).toMatchObject({
      width: 24,
      height: 12,
      channels: 3,
    })
  })

  it('finds a training image on the test side, and its official split leaves it out', async () => {
    const dataset = await openFer2013(writeTree({ 'fer2013.csv': csv }))
    expect(dataset.samples.map(({ alsoInTest, alsoInTrain }) => [alsoInTest, alsoInTrain])).toEqual([
      [true, undefined],
      [undefined, undefined],
      [undefined, undefined],
      [undefined, true],
      [undefined, undefined],
    ])
    expect(problems(dataset)).toEqual(['DUPLICATE fer2013.csv#00000'])
    expect(() => assertNoLeak(dataset.samples.slice(0, 3), dataset.samples.slice(3))).toThrow(
      expect.objectContaining({ code: 'SPLIT_LEAK' }),
    )
    const split = officialSplit(dataset)
    expect([split.train, split.validation, split.test].map((side) => side.map(({ id }) => id))).toEqual([
      ['00001', '00002'],
      ['00003'],
      ['00004'],
    ])
    expect(split.excluded.map(({ sample }) => sample.id)).toEqual(['00000'])
    expect(() => assertNoLeak(split.train, [...split.validation, ...split.test])).not.toThrow()
  })

  it('reads columns in any order, quotes, and Windows line ends', async () => {
    const text = ` emotion, Usage, pixels\r\n5, "PublicTest", "${greyPixels(9).join(' ')}"\r\n`
    const dataset = await openFer2013(writeTree({ 'icml_face_data.csv': text }))
    expect(dataset.samples).toMatchObject([{ emotion: 'surprise', officialSplit: 'validation' }])
    expect((await readImage(dataset.samples[0])).data).toEqual(greyPixels(9))
  })

  it('lists rows that cannot be, with their lines', async () => {
    const lines = [
      'emotion,pixels,Usage',
      row(0, 1, 'Training'),
      '3,1 2 3,Training',
      row(7, 2, 'Training'),
      row(2, 3, 'Testing'),
      `2,${greyPixels(4).join(' ').replace(/^\d+/, '256')},Training`,
      'short',
      `1,${greyPixels(4).join(' ')} 7,Training`,
      row(1, 6, 'Training'),
    ]
    const dataset = await openFer2013(writeTree({ 'fer2013.csv': lines.join('\n') }))
    expect(dataset.samples.map(({ id }) => id)).toEqual(['00000', '00007'])
    expect(problems(dataset)).toEqual([
      'SHORT_ROW fer2013.csv:3',
      'BAD_ROW fer2013.csv:4',
      'BAD_ROW fer2013.csv:5',
      'BAD_ROW fer2013.csv:6',
      'SHORT_ROW fer2013.csv:7',
      'BAD_ROW fer2013.csv:8',
    ])
  })

  it('is refused when it is another table', async () => {
    expect(await codeOf(openFer2013(join(writeTree({ 'x.csv': 'a,b\n1,2\n' }), 'x.csv')))).toBe('CORPUS_NOT_FOUND')
  })

  it('takes over the votes of FERPlus from the table beside it', async () => {
    const votes = [
      VOTES_HEADER,
      'Training,fer0000000.png,0,0,0,0,9,1,0,0,0,0',
      'Training,fer0000001.png,2,8,0,0,0,0,0,0,0,0',
      'Training,,0,0,0,0,0,0,0,0,0,10',
    ]
    votes.push('PublicTest,fer0000003.png,5,0,0,5,0,0,0,0,0,0', 'PrivateTest,fer0000004.png,0,0,0,10,0,0,0,0,0,0')
    const dataset = await openFer2013(writeTree({ 'fer2013.csv': csv, 'fer2013new.csv': votes.join('\n') }))
    expect(dataset.samples.map(({ softLabel }) => softLabel)).toEqual([
      { anger: 1 },
      { happiness: 1 }, // 8 of 10 votes reach three quarters
      undefined,
      { neutral: 0.5, sadness: 0.5 },
      { sadness: 1 },
    ])
    expect(dataset.samples[1].votes).toEqual({ neutral: 2, happiness: 8 })
  })

  it('says so when the votes cannot be aligned', async () => {
    const dataset = await openFer2013(
      writeTree({ 'fer2013.csv': csv, 'fer2013new.csv': `${VOTES_HEADER}\nTraining,fer0000000.png,0,0,0,0,9,1,0,0,0,0\n` }),
    )
    expect(problems(dataset).filter((problem) => problem.startsWith('MISSING_LABEL'))).toHaveLength(3)
    expect(dataset.samples.every(({ votes }) => votes === undefined)).toBe(true)
  })
})

describe('openFer2013 of image folders', () => {
  it('takes class and side from folders and names', async () => {
    const dataset = await openFer2013(
      writeTree({
        'train/angry/Training_3908.png': greyPng(1),
        'train/happy/im0.png': greyPng(2),
        'test/angry/PrivateTest_10131363.png': greyPng(1),
        'test/sad/PublicTest_5.png': greyPng(4),
        'train/bored/Training_1.png': greyPng(5),
        'somewhere/angry/face.png': greyPng(6),
        'train/fear/Training_2.png': greyPng(7).subarray(0, 100),
      }),
    )
    expect(dataset.samples.map(({ path, emotion, officialSplit: side, alsoInTest }) => [path, emotion, side, alsoInTest])).toEqual([
      ['test/angry/PrivateTest_10131363.png', 'anger', 'test', undefined],
      ['test/sad/PublicTest_5.png', 'sadness', 'validation', undefined],
      ['train/angry/Training_3908.png', 'anger', 'train', true],
      ['train/happy/im0.png', 'happiness', 'train', undefined],
    ])
    expect(problems(dataset)).toEqual([
      'UNKNOWN_NAME somewhere/angry/face.png',
      'DUPLICATE test/angry/PrivateTest_10131363.png',
      'UNKNOWN_NAME train/bored/Training_1.png',
      'UNDECODABLE train/fear/Training_2.png',
    ])
  })
})

describe('openFerPlus', () => {
  it('labels by majority, with votes and soft labels', async () => {
    const dataset = await openFerPlus(
      writeTree({
        'fer2013new.csv': [
          VOTES_HEADER,
          'Training,fer0000000.png,0,0,0,0,9,1,0,0,0,0',
          'Training,fer0000001.png,4,4,0,0,0,0,0,2,0,0',
          'Training,fer0000002.png,0,0,0,0,0,0,0,0,0,10',
          'Training,fer0000003.png,0,0,0,0,0,0,0,10,0,0',
          'PublicTest,fer0000004.png,0,10,0,0,0,0,0,0,0,0',
          'PublicTest,fer0000005.png,0,10,0,x,0,0,0,0,0,0',
          'PublicTest,fer0000006.png',
        ].join('\n'),
        'data/FER2013Train/fer0000000.png': greyPng(1),
        'data/FER2013Train/fer0000001.png': greyPng(2),
        'data/FER2013Train/fer0000002.png': greyPng(3),
        'data/FER2013Train/fer0000003.png': greyPng(4),
        'data/FER2013Train/fer0099999.png': greyPng(5),
        'data/FER2013Valid/fer0000004.png': greyPng(1),
      }),
    )
    expect(
      dataset.samples.map(({ emotion, corpusLabel, paperLabel, softLabel, officialSplit: side, row: number }) => [
        emotion,
        corpusLabel,
        paperLabel,
        softLabel,
        side,
        number,
      ]),
    ).toEqual([
      ['anger', 'anger', 1, { anger: 1 }, 'train', 0],
      [undefined, 'unknown', undefined, { neutral: 0.5, happiness: 0.5 }, 'train', 1],
      [undefined, 'NF', undefined, undefined, 'train', 2],
      ['contempt', 'contempt', undefined, { contempt: 1 }, 'train', 3],
      ['happiness', 'happiness', 6, { happiness: 1 }, 'validation', 4],
    ])
    expect(dataset.samples[0].alsoInTest).toBe(true)
    expect(problems(dataset)).toEqual([
      'DUPLICATE data/FER2013Train/fer0000000.png',
      'LABEL_CONFLICT data/FER2013Train/fer0000000.png',
      'MISSING_LABEL data/FER2013Train/fer0099999.png',
      'BAD_ROW fer2013new.csv:7',
      'SHORT_ROW fer2013new.csv:8',
    ])
  })

  it('needs its table', async () => {
    expect(await codeOf(openFerPlus(writeTree({ 'data/FER2013Train/fer0000000.png': greyPng(1) })))).toBe('CORPUS_NOT_FOUND')
  })

  it('shares images with FER2013, which counts as a leak', async () => {
    const tree = {
      'fer2013new.csv': `${VOTES_HEADER}\nTraining,fer0000000.png,0,0,0,0,9,1,0,0,0,0\n`,
      'data/FER2013Train/fer0000000.png': greyPng(1),
    }
    const plus = await openFerPlus(writeTree(tree))
    const fer = await openFer2013(writeTree({ 'fer2013.csv': csv }))
    expect(() => assertNoLeak(plus.samples, fer.samples)).toThrow(expect.objectContaining({ code: 'SPLIT_LEAK' }))
  })
})

describe('votes of FERPlus', () => {
  const votes = fc.array(fc.nat(10), { minLength: 10, maxLength: 10 })

  it('have a majority only above half of the votes that are no slips', () => {
    expect(ferPlusMajority([5, 4, 1, 0, 0, 0, 0, 0, 0, 0])).toBe('neutral')
    expect(ferPlusMajority([5, 5, 0, 0, 0, 0, 0, 0, 0, 0])).toBe('unknown')
    expect(ferPlusMajority([4, 1, 1, 1, 1, 1, 1, 0, 0, 0])).toBe('neutral')
    expect(ferPlusMajority([1, 1, 1, 1, 1, 1, 1, 1, 1, 1])).toBe('unknown')
    expect(ferPlusMajority([0, 0, 0, 0, 0, 0, 0, 0, 0, 9])).toBe('NF')
  })

  it('become a distribution over at most three emotions, or none', () => {
    expect(ferPlusSoftLabel([6, 3, 1, 0, 0, 0, 0, 0, 0, 0])).toEqual({ neutral: 6 / 9, happiness: 3 / 9 })
    expect(ferPlusSoftLabel([6, 1, 1, 0, 0, 0, 0, 0, 2, 0])).toEqual({ neutral: 1 })
    expect(ferPlusSoftLabel([3, 2, 2, 2, 0, 0, 0, 0, 0, 0])).toBeUndefined() // four to reach three quarters
    expect(ferPlusSoftLabel([0, 0, 0, 0, 3, 0, 0, 0, 7, 0])).toBeUndefined()
    expect(ferPlusSoftLabel([0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).toBeUndefined()
    fc.assert(
      fc.property(votes, (counts) => {
        const label = ferPlusSoftLabel(counts)
        if (label === undefined) return
        const shares = Object.values(label)
        expect(shares.length).toBeGreaterThan(0)
        expect(shares.length).toBeLessThanOrEqual(3)
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('pixels in csv', () => {
  it('come back from any way of writing them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), fc.constantFrom(' ', '  ', '\t', ' "'), (pixels, blank) => {
        const into = new Uint8Array(pixels.length)
        expect(parsePixels(new TextEncoder().encode(pixels.join(blank)), into)).toBe(pixels.length)
        expect(into).toEqual(pixels)
      }),
    )
  })

  it('are split into lines at the right offsets whatever the chunks', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.stringMatching(/^[a-z]{0,6}$/)),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 9 }),
        async (lines, end, size) => {
          const bytes = new TextEncoder().encode(lines.map((line) => line + end).join(''))
          async function* chunks() {
            for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size))
          }
          const found: string[] = []
          for await (const { offset, bytes: line, line: number } of byteLines(chunks())) {
            expect(number).toBe(found.length + 1)
            expect(new TextDecoder().decode(bytes.subarray(offset, offset + line.length))).toBe(new TextDecoder().decode(line))
            found.push(new TextDecoder().decode(line))
          }
          expect(found).toEqual(lines)
        },
      ),
    )
  })
})

describe('rows of fer2013new.csv', () => {
  const rows = (names: readonly string[]): FerPlusRow[] =>
    names.map((imageName, i) => ({ row: i, usage: 'Training', imageName, votes: [] }))

  it('whose name is another row’s are told apart by the order of the names', () => {
    expect(namedRows(rows(['1', '3', '2', '3', '4'])).map(({ row: number }) => number)).toEqual([0, 2, 3, 4])
    expect(namedRows(rows(['1', '2', '3', '2', '4'])).map(({ row: number }) => number)).toEqual([0, 1, 2, 4])
    expect(namedRows(rows(['1', '', '3'])).map(({ row: number }) => number)).toEqual([0, 2])
  })

  it('are aligned all, or those with a name, or not at all', () => {
    const all = rows(['1', '', '3'])
    const counts = { Training: 3, PublicTest: 0, PrivateTest: 0 }
    expect(alignFerPlus(all, counts).Training?.map(({ row: number }) => number)).toEqual([0, 1, 2])
    expect(alignFerPlus(all, { ...counts, Training: 2 }).Training?.map(({ row: number }) => number)).toEqual([0, 2])
    expect(alignFerPlus(all, { ...counts, Training: 1 }).Training).toBeUndefined()
  })
})
