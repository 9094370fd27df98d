import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  groupKFold,
  openAffectNet,
  openCkPlus,
  openCremaD,
  openDataset,
  openFer2013,
  openFileTree,
  openNemo,
  openRavdess,
  openTess,
  readImage,
  type Dataset,
  type FileTree,
} from '../index.ts'
import { greyPixels, greyPng, npy, wav, writeTree, type Files } from './trees.ts'

const problems = (dataset: Dataset) =>
  dataset.problems.filter(({ code }) => code !== 'INCOMPLETE').map(({ code, path }) => `${code} ${path}`)
const incomplete = (dataset: Dataset) => dataset.problems.filter(({ code }) => code === 'INCOMPLETE').map(({ reason }) => reason)
const ids = (dataset: Dataset) => dataset.samples.map(({ id }) => id)

describe('what systems and archives leave behind', () => {
  const debris: Files = {
    '.DS_Store': 'x',
    'Actor_01/.DS_Store': 'x',
    'Actor_01/Thumbs.db': 'x',
    'Actor_01/._03-01-05-01-01-01-01.wav': 'x',
    'Actor_02/desktop.ini': 'x',
    '__MACOSX/Actor_01/._03-01-05-01-01-01-01.wav': 'x',
    '__MACOSX/Actor_02/._03-01-05-01-01-01-02.wav': 'x',
  }
  const sounds: Files = { 'Actor_01/03-01-05-01-01-01-01.wav': wav(1), 'Actor_02/03-01-05-01-01-01-02.WAV': wav(2) }

  it('is no problem, and does not keep the corpus from being recognised', async () => {
    const dataset = await openDataset(writeTree({ ...debris, ...sounds }))
    expect(dataset.corpus).toBe('ravdess')
    expect(dataset.samples.map(({ speaker }) => speaker)).toEqual(['01', '02'])
    expect(problems(dataset)).toEqual([])
    expect(dataset.ignored).toEqual(Object.keys(debris).sort())
  })

  it('lies in folders of pictures too', async () => {
    const affectNet = await openAffectNet(
      writeTree({
        'train_set/images/0.jpg': 'x',
        'train_set/images/._0.jpg': 'x',
        'train_set/annotations/0_exp.npy': npy('1'),
        'train_set/annotations/._0_exp.npy': 'x',
        'train_set/annotations/0_val.npy': npy('0'),
        'train_set/annotations/0_aro.npy': npy('0'),
      }),
    )
    expect([ids(affectNet), problems(affectNet), affectNet.ignored.length]).toEqual([['train_set/images/0'], [], 2])
    const ckPlus = await openCkPlus(writeTree({ 'anger/S010_004_00000017.png': greyPng(1), '__MACOSX/anger/._S010_004_00000017.png': 'x' }))
    expect([ckPlus.samples.length, problems(ckPlus), ckPlus.ignored.length]).toEqual([1, [], 1])
  })
})

describe('openRavdess', () => {
  it('takes speech and song as they are unpacked, and groups them by actor', async () => {
    const dataset = await openRavdess(
      writeTree({
        'Audio_Speech_Actors_01-24/Actor_01/03-01-05-01-01-01-01.wav': wav(1),
        'Audio_Speech_Actors_01-24/Actor_02/03-01-05-01-01-01-02.wav': wav(2),
        'Audio_Song_Actors_01-24/Actor_01/03-02-05-01-01-01-01.wav': wav(3),
        'Audio_Song_Actors_01-24/Actor_02/03-02-05-01-01-01-02.wav': wav(4),
        'Video_Speech_Actor_01/Actor_01/01-01-05-01-01-01-01.mp4': 'x',
      }),
    )
    expect(problems(dataset)).toEqual([])
    expect(dataset.samples.map(({ speaker, vocalChannel, modality }) => `${speaker} ${vocalChannel} ${modality}`)).toEqual([
      '01 song audio',
      '02 song audio',
      '01 speech audio',
      '02 speech audio',
      '01 speech video',
    ])
    const [first, second] = groupKFold(dataset.samples, { by: 'speaker', folds: 2 })
    for (const { train, test } of [first, second]) expect(new Set([...train, ...test].map(({ speaker }) => speaker)).size).toBe(2)
    for (const { test } of [first, second]) expect(new Set(test.map(({ speaker }) => speaker)).size).toBe(1)
  })
})

describe('ids', () => {
  it('differ for two encodings of one recording, in any order of the files', async () => {
    const dataset = await openTess(
      writeTree({ 'OAF_angry/OAF_back_angry.wav': wav(1), 'OAF_angry/OAF_back_angry.WAV': wav(2), 'OAF_angry/OAF_bar_angry.wav': wav(3) }),
    )
    const expected = ['OAF_angry/OAF_back_angry.WAV', 'OAF_angry/OAF_back_angry.wav', 'OAF_angry/OAF_bar_angry']
    expect(ids(dataset)).toEqual(expected)
    const tree = await openFileTree(dataset.name)
    const backwards: FileTree = Object.create(tree, {
      walk: {
        value: async function* () {
          for await (const batch of tree.walk()) yield [...batch].reverse()
        },
      },
    }) as FileTree
    expect(ids(await openTess(backwards))).toEqual(expected)
  })
})

describe('openAffectNet', () => {
  const set = (number: number, valence: Uint8Array | string | undefined, arousal: Uint8Array | string | undefined = npy('0.5')): Files => ({
    [`train_set/images/${number}.JPG`]: 'jpeg',
    [`train_set/annotations/${number}_exp.npy`]: npy('1'),
    ...(valence !== undefined && { [`train_set/annotations/${number}_val.npy`]: valence }),
    [`train_set/annotations/${number}_aro.npy`]: arousal,
  })

  it('reports values that are cut off, missing or impossible, and keeps the picture', async () => {
    const dataset = await openAffectNet(
      writeTree({
        ...set(0, npy('-0.25')),
        ...set(1, npy('0.5').subarray(0, 130)),
        ...set(2, ''),
        ...set(3, undefined),
        ...set(4, npy('7')),
        ...set(5, undefined),
        ...set(6, npy('-2'), npy('-2')),
      }),
    )
    expect(dataset.samples.map(({ emotion, valence, arousal }) => [emotion, valence, arousal])).toEqual([
      ['happiness', -0.25, 0.5],
      ...Array.from({ length: 5 }, () => ['happiness', undefined, 0.5]),
      ['happiness', undefined, undefined],
    ])
    expect(problems(dataset)).toEqual([
      'BAD_ROW train_set/annotations/1_val.npy',
      'BAD_ROW train_set/annotations/2_val.npy',
      'MISSING_LABEL train_set/annotations/3_val.npy',
      'BAD_ROW train_set/annotations/4_val.npy',
    ])
    expect(dataset.problems.find(({ code }) => code === 'MISSING_LABEL')).toMatchObject({
      reason: 'no valence for 2 pictures',
      others: ['train_set/annotations/5_val.npy'],
    })
  })

  it.skipIf(process.platform === 'win32')('does not wait for the other end of a pipe', async () => {
    const root = writeTree(set(0, npy('0')))
    execFileSync('mkfifo', [join(root, 'train_set/annotations/1_exp.npy'), join(root, 'train_set/images/1.JPG')])
    const dataset = await openAffectNet(root)
    expect(dataset.samples).toHaveLength(1)
    expect(problems(dataset)).toEqual(['UNREADABLE train_set/annotations/1_exp.npy', 'UNREADABLE train_set/images/1.JPG'])
    const tree = await openFileTree(root)
    expect((await tree.readMany(['train_set/annotations/1_exp.npy'])).map((bytes) => bytes?.length ?? 0)).toEqual([0])
  })

  it('guesses no value of the older tables, and takes a picture that is listed twice once', async () => {
    const row = (path: string, expression: number, valence: string, arousal = '0.25') =>
      `${path},1,2,3,4,1;2,${expression},${valence},${arousal}`
    const header = 'subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal'
    const dataset = await openAffectNet(
      writeTree({
        'training.csv': `\uFEFF${[header, row('1/a.jpg', 1, ''), row('1/b.jpg', 1, 'x'), row('1/c.jpg', 2, '-0.5'), row('1/c.jpg', 2, '-0.5'), row('1/d.jpg', 2, '-2', '-2')].join('\r\n')}\r\n`,
        'validation.csv': `${header}\r\n${row('1/c.jpg', 3, '0')}\r\n`,
        ...Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [`1/${name}.jpg`, 'x'])),
      }),
    )
    expect(dataset.samples.map(({ id, valence, arousal, alsoInTest, ambiguous }) => [id, valence, arousal, alsoInTest, ambiguous])).toEqual(
      [
        ['1/a', undefined, 0.25, undefined, undefined],
        ['1/b', undefined, 0.25, undefined, undefined],
        ['1/c', -0.5, 0.25, true, true],
        ['1/d', undefined, undefined, undefined, undefined],
      ],
    )
    expect(problems(dataset)).toEqual([
      'BAD_ROW training.csv:2',
      'BAD_ROW training.csv:3',
      'DUPLICATE training.csv:5',
      'LABEL_CONFLICT validation.csv:2',
    ])
  })
})

describe('openCkPlus', () => {
  const frame = (number: number, value = number, sequence = 'S005/001') =>
    ({
      [`cohn-kanade-images/${sequence}/${sequence.replace('/', '_')}_${String(number).padStart(8, '0')}.png`]: greyPng(value),
    }) satisfies Files
  const labels = (dataset: Dataset) => dataset.samples.map(({ take, corpusLabel, emotion }) => [take, corpusLabel, emotion])

  it('without emotion files says so', async () => {
    const dataset = await openCkPlus(writeTree({ ...frame(1), ...frame(2) }))
    expect(labels(dataset)).toEqual([
      [1, 'neutral', 'neutral'],
      [2, 'unlabelled', undefined],
    ])
    expect(problems(dataset)).toEqual(['MISSING_LABEL Emotion'])
    expect(incomplete(dataset)).toEqual(['sequences: 1 of the 593 that are published'])
  })

  it('gives no label of a frame that was not copied to one that was', async () => {
    const label = { 'Emotion/S005/001/S005_001_00000011_emotion.txt': '   3.0000000e+00\n' }
    const withoutPeak = await openCkPlus(writeTree({ ...label, ...frame(1), ...frame(2), ...frame(3) }))
    expect(labels(withoutPeak)).toEqual([
      [1, 'neutral', 'neutral'],
      [3, 'unlabelled', undefined],
    ])
    expect(problems(withoutPeak)).toEqual(['MISSING_FILE Emotion/S005/001/S005_001_00000011_emotion.txt'])
    expect(incomplete(withoutPeak)).toContain('frames of sequence S005_001: 3 of the 11 that are published')
    const withoutStart = await openCkPlus(writeTree({ ...label, ...frame(9), ...frame(10), ...frame(11) }))
    expect(labels(withoutStart)).toEqual([[11, 'disgust', 'disgust']])
    expect(incomplete(withoutStart)).toContain('frames of sequence S005_001: 3 of the 11 that are published')
    const onlyFirst = await openCkPlus(writeTree({ ...label, ...frame(1) }))
    expect(labels(onlyFirst)).toEqual([[1, 'neutral', 'neutral']])
  })
})

describe('openFer2013', () => {
  const pixels = (value: number) => greyPixels(value).join(' ')

  it('reads a csv with byte order mark, CRLF and quotes, and tells rows that are cut off', async () => {
    const lines = [
      '"emotion","pixels","Usage"',
      `"0","${pixels(1)}","Training"`,
      `"3",${pixels(2)} ,PublicTest`,
      '4,1 2 3,Training',
      '5',
      '',
      `6,${pixels(3)},PrivateTest`,
    ]
    const dataset = await openFer2013(writeTree({ 'fer2013.csv': `\uFEFF${lines.join('\r\n')}\r\n` }))
    expect(dataset.samples.map(({ emotion, officialSplit, row }) => [emotion, officialSplit, row])).toEqual([
      ['anger', 'train', 0],
      ['happiness', 'validation', 1],
      ['neutral', 'test', 5],
    ])
    for (const [i, sample] of dataset.samples.entries()) expect((await readImage(sample)).data).toEqual(greyPixels(i + 1))
    expect(problems(dataset)).toEqual(['SHORT_ROW fer2013.csv:4', 'SHORT_ROW fer2013.csv:5'])
  })

  it('takes no pixel for another, and an empty csv for a problem', async () => {
    const bad = [pixels(1).replace(/^\d+/, '-7'), pixels(1).replace(/^\d+/, 'x7'), pixels(1).replace(/^\d+/, '256')]
    const dataset = await openFer2013(
      writeTree({ 'fer2013.csv': `emotion,pixels,Usage\n${bad.map((row) => `0,${row},Training\n`).join('')}` }),
    )
    expect([dataset.samples, problems(dataset)]).toEqual([[], ['BAD_ROW fer2013.csv:2', 'BAD_ROW fer2013.csv:3', 'BAD_ROW fer2013.csv:4']])
    expect(problems(await openFer2013(writeTree({ 'fer2013.csv': '' })))).toEqual(['EMPTY_FILE fer2013.csv'])
  })

  it('knows the other names of the folders', async () => {
    const dataset = await openFer2013(
      writeTree({ 'train/disgusted/im0.png': greyPng(1), 'train/fearful/im0.png': greyPng(2), 'test/surprised/im0.PNG': greyPng(3) }),
    )
    expect(dataset.samples.map(({ emotion, corpusLabel, officialSplit }) => [emotion, corpusLabel, officialSplit])).toEqual([
      ['surprise', 'surprise', 'test'],
      ['disgust', 'disgust', 'train'],
      ['fear', 'fear', 'train'],
    ])
    expect(problems(dataset)).toEqual([])
  })
})

describe('tables beside the files', () => {
  const header = 'file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage\n'

  it('lose one row to a quote that is not closed, not those that follow', async () => {
    const dataset = await openNemo(
      writeTree({
        'samples/EB0_anger_1.wav': wav(1),
        'samples/EB0_anger_2.wav': wav(2),
        'samples/EB0_anger_3.wav': wav(3),
        'data.tsv':
          header +
          'EB0_anger_1.wav\tanger\t"Co?\tco\tEB0\tfemale\t24\n' +
          'EB0_anger_2.wav\tanger\t"Mówi ""nie""."\tmówi nie\tEB0\tfemale\t24\n' +
          'EB0_anger_3.wav\tanger\tNie.\tnie\tEB0\tfemale\t24\n',
      }),
    )
    expect(dataset.samples.map(({ text, age }) => [text, age])).toEqual([
      [undefined, undefined],
      ['Mówi "nie".', 24],
      ['Nie.', 24],
    ])
    expect(problems(dataset)).toEqual(['SHORT_ROW data.tsv:2', 'MISSING_LABEL samples/EB0_anger_1.wav'])
  })

  it('that cannot be read, or lead outside, are problems; the recordings stay', async () => {
    const outside = writeTree({ 'votes.csv': 'x' })
    const root = writeTree({
      'AudioWAV/1001_DFA_ANG_XX.wav': wav(1),
      'VideoDemographics.csv': '"ActorID","Age","Sex"\n,51,"Male"\n1001,51,"Male"\n',
    })
    mkdirSync(join(root, 'processedResults'))
    symlinkSync(join(outside, 'votes.csv'), join(root, 'processedResults/tabulatedVotes.csv'))
    const dataset = await openCremaD(root)
    expect(dataset.samples).toMatchObject([{ speaker: '1001', age: 51 }])
    expect(new Set(problems(dataset))).toEqual(
      new Set(['BAD_ROW VideoDemographics.csv:2', 'OUTSIDE_FOLDER processedResults/tabulatedVotes.csv']),
    )
    chmodSync(join(root, 'VideoDemographics.csv'), 0o000)
    const isRoot = process.getuid?.() === 0
    chmodSync(root, 0o755)
    if (isRoot) process.seteuid?.(65_534)
    try {
      const again = await openCremaD(root)
      expect(again.samples).toHaveLength(1)
      expect(problems(again)).toContain('UNREADABLE VideoDemographics.csv')
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })
})
