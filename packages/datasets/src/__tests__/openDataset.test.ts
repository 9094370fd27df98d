import { describe, expect, it } from 'vitest'
import { formatSummary, inspectDataset, openDataset, type Corpus } from '../index.ts'
import { codeOf, greyPixels, greyPng, npy, wav, writeTree, type Files } from './trees.ts'
import { greyTiff } from './tiffs.ts'
import { join } from 'node:path'

const csv = `emotion,pixels,Usage\n0,${greyPixels(1).join(' ')},Training\n`
const votes =
  'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\nTraining,fer0000000.png,9,1,0,0,0,0,0,0,0,0\n'

const layouts: [Corpus, Files][] = [
  ['ravdess', { 'Actor_01/03-01-05-01-01-01-01.wav': wav(1), 'Actor_02/03-01-05-01-01-01-02.wav': wav(2), 'README.md': '' }],
  ['savee', { 'DC_a01.wav': wav(1), 'JE_a01.wav': wav(2) }],
  ['savee', { 'AudioData/DC/a01.wav': wav(1), 'AudioData/JE/sa01.wav': wav(2) }],
  ['tess', { 'OAF_angry/OAF_back_angry.wav': wav(1), 'YAF_sad/YAF_back_sad.wav': wav(2) }],
  ['crema-d', { 'AudioWAV/1001_DFA_ANG_XX.wav': wav(1) }],
  ['emodb', { 'wav/03a01Fa.wav': wav(1) }],
  ['nemo', { 'samples/EB0_anger_1.wav': wav(1), 'data.tsv': 'file_id\n' }],
  ['jaffe', { 'KA.AN1.39.tiff': greyTiff(1, 1, [1]) }],
  ['ckplus', { 'cohn-kanade-images/S005/001/S005_001_00000001.png': greyPng(1) }],
  ['ckplus', { 'anger/S010_004_00000017.png': greyPng(1) }],
  ['affectnet', { 'train_set/images/0.jpg': 'x', 'train_set/annotations/0_exp.npy': npy('1') }],
  ['affectnet', { 'images/0.jpg': 'x', 'annotations/0_exp.npy': npy('1') }],
  ['affectnet', { 'training.csv': 'subDirectory_filePath\n' }],
  ['fer2013', { 'fer2013.csv': csv }],
  ['fer2013', { 'fer2013.csv': csv, 'fer2013new.csv': votes }],
  ['fer2013', { 'train/angry/Training_1.png': greyPng(1), 'test/sad/PublicTest_2.png': greyPng(2) }],
  ['ferplus', { 'fer2013new.csv': votes, 'data/FER2013Train/fer0000000.png': greyPng(1) }],
]

describe('openDataset', () => {
  it.each(layouts)('recognises %s', async (corpus, files) => {
    expect((await openDataset(writeTree(files))).corpus).toBe(corpus)
  })

  it('opens a csv', async () => {
    expect(await openDataset(join(writeTree({ 'any.csv': csv }), 'any.csv'))).toMatchObject({
      corpus: 'fer2013',
      samples: [{ emotion: 'anger' }],
    })
  })

  it('names the corpora that it might be, or could be', async () => {
    const mixed = writeTree({ 'a/DC_a01.wav': wav(1), 'b/03a01Fa.wav': wav(2) })
    await expect(openDataset(mixed)).rejects.toMatchObject({ code: 'CORPUS_UNKNOWN', details: { scores: { savee: 1, emodb: 1 } } })
    await expect(openDataset(writeTree({ 'holiday.jpg': 'x', 'notes.txt': 'x' }))).rejects.toThrow(
      /not recognised as one corpus; .*ravdess, savee/,
    )
    expect(await codeOf(openDataset(writeTree({})))).toBe('CORPUS_UNKNOWN')
    expect(await codeOf(openDataset('.', 'imagenet' as Corpus))).toBe('CORPUS_UNKNOWN')
    expect(await openDataset(mixed, 'savee')).toMatchObject({
      corpus: 'savee',
      problems: [{ code: 'INCOMPLETE' }, { code: 'UNKNOWN_NAME' }],
    })
  })
})

describe('inspectDataset', () => {
  it('counts everything, measures recordings and lists problems', async () => {
    const dataset = await openDataset(
      writeTree({
        'Actor_01/03-01-05-01-01-01-01.wav': wav(1, 16_000),
        'Actor_01/03-01-01-01-01-01-01.wav': wav(2, 24_000),
        'Actor_02/03-01-05-01-01-01-02.wav': wav(3, 48_000),
        'Actor_02/03-01-05-01-01-02-02.wav': wav(3, 48_000),
        'Actor_02/03-01-05-02-01-02-02.flac': 'fLaC, or so its first bytes say, and nothing of it is true',
        'readme.txt': '',
      }),
    )
    const summary = await inspectDataset(dataset)
    expect(summary).toMatchObject({
      corpus: 'ravdess',
      samples: 5,
      modalities: { audio: 5 },
      emotions: { anger: 4, neutral: 1 },
      labels: { angry: 4, neutral: 1 },
      speakers: { '01': 2, '02': 3 },
      sexes: { female: 3, male: 2 },
      splits: {},
      duplicateGroups: 1,
      alsoInTest: 0,
      ignored: 1,
      problemCounts: { DUPLICATE: 1, INCOMPLETE: 3, UNDECODABLE: 1 },
      durations: { count: 4, total: 8.5, min: 1, max: 3, median: 3, mean: 2.125, binSeconds: 0.5, histogram: [0, 0, 1, 1, 0, 0, 2] },
    })
    expect(Object.keys(summary.emotions)).toEqual(['anger', 'neutral'])
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
    expect((await inspectDataset(dataset, { durations: false })).durations).toBeUndefined()
    const text = formatSummary(summary, { maxProblems: 1, barWidth: 8 })
    expect(text).toContain('5 samples (audio 5)')
    expect(text).toMatch(/anger {4}4 {2}████████\n {2}neutral {2}1 {2}██\n/)
    expect(text).toContain('Speaker (2; samples: female 3, male 2)')
    expect(text).toContain('Duration: 0 min 9 s in all; 1.00 to 3.00 s, median 3.00, mean 2.13')
    expect(text).toContain('5 problems (DUPLICATE 1, INCOMPLETE 3, UNDECODABLE 1)')
    expect(text).toContain('... and 4 more')
  })

  it('counts sides and leaks of FER2013', async () => {
    const rows = [
      `0,${greyPixels(1).join(' ')},Training`,
      `0,${greyPixels(1).join(' ')},PublicTest`,
      `3,${greyPixels(2).join(' ')},Training`,
    ]
    const summary = await inspectDataset(await openDataset(writeTree({ 'fer2013.csv': `emotion,pixels,Usage\n${rows.join('\n')}\n` })))
    expect(summary).toMatchObject({ splits: { train: 2, validation: 1 }, alsoInTest: 1, duplicateGroups: 1, speakers: {} })
    expect(summary.durations).toBeUndefined()
    expect(formatSummary(summary)).toContain('1 training samples are identical to test samples')
  })
})
