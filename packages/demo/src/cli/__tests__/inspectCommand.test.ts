import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { greyTiff } from '../../../../datasets/src/__tests__/tiffs.ts'
import { greyPixels, greyPng, npy, wav, writeTree, type Files } from '../../../../datasets/src/__tests__/trees.ts'
import type { Inspection } from '../inspectCommand.ts'
import { clipSamples, floatWav } from './testFiles.ts'

const EMO = fileURLToPath(new URL('../../../dist/cli/emo.js', import.meta.url))
if (!existsSync(EMO)) throw new Error(`${EMO} is missing: build the demo first`)

interface Answer {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the real command line. */
function emo(args: readonly string[], prefix: readonly string[] = []): Promise<Answer> {
  const [command, ...rest] = [...prefix, process.execPath, EMO, ...args]
  return new Promise((resolve) => {
    execFile(command, rest, { encoding: 'utf8', maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code as unknown as number), stdout, stderr })
    })
  })
}

async function inspect(folder: string, ...options: string[]): Promise<Inspection & { status: number }> {
  const { status, stdout, stderr } = await emo(['inspect', folder, '--json', ...options])
  expect(stderr).toBe('')
  return { status, ...(JSON.parse(stdout) as Inspection) }
}

const second = (value: number) => wav(value, 16_000)
const csvRow = (label: number, pixels: number, usage: string) => `${label},${greyPixels(pixels).join(' ')},${usage}\n`
const affectNetCsv =
  'subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n689/a.jpg,0,0,1,1,1;2,1,0.5,0.1\n7/b.jpg,0,0,1,1,1;2,7,-0.5,0.1\n'

const layouts: [layout: string, files: Files, expected: Record<string, unknown>][] = [
  [
    'RAVDESS, speech and song',
    {
      'Actor_01/03-01-05-01-01-01-01.wav': second(1),
      'Actor_02/03-02-04-01-01-01-02.wav': second(2),
      'Actor_02/01-01-05-01-01-01-02.mp4': 'film',
    },
    {
      corpus: 'ravdess',
      emotions: { anger: 2, sadness: 1 },
      speakers: { '01': 1, '02': 2 },
      modalities: { audio: 2, video: 1 },
      durations: { count: 2, total: 2 },
    },
  ],
  [
    'SAVEE, flat',
    { 'DC_a01.wav': second(1), 'JE_su01.wav': second(2) },
    { corpus: 'savee', emotions: { anger: 1, surprise: 1 }, speakers: { DC: 1, JE: 1 }, durations: { total: 2 } },
  ],
  [
    'SAVEE, in folders',
    { 'AudioData/DC/a01.wav': second(1), 'AudioData/JE/n30.wav': second(2) },
    { corpus: 'savee', emotions: { anger: 1, neutral: 1 }, speakers: { DC: 1, JE: 1 } },
  ],
  [
    'TESS',
    {
      'OAF_angry/OAF_back_angry.wav': second(1),
      'OAF_neutral/OA_bite_neutral.wav': second(2),
      'YAF_pleasant_surprised/YAF_dog_ps.wav': second(3),
    },
    {
      corpus: 'tess',
      emotions: { anger: 1, neutral: 1, surprise: 1 },
      speakers: { OAF: 2, YAF: 1 },
      problemCounts: { INCOMPLETE: 1, FEW_SPEAKERS: 1 },
      durations: { total: 3 },
    },
  ],
  [
    'CREMA-D',
    {
      'AudioWAV/1001_DFA_ANG_XX.wav': second(1),
      'AudioWAV/1002_IEO_SAD_HI.wav': second(2),
      'VideoDemographics.csv': 'ActorID,Age,Sex,Race,Ethnicity\n1001,51,Male,x,y\n1002,21,Female,x,y\n',
    },
    { corpus: 'crema-d', emotions: { anger: 1, sadness: 1 }, speakers: { '1001': 1, '1002': 1 }, sexes: { male: 1, female: 1 } },
  ],
  [
    'EmoDB',
    { 'wav/03a01Fa.wav': second(1), 'wav/16b10Lb.wav': second(2) },
    { corpus: 'emodb', emotions: { happiness: 1, boredom: 1 }, speakers: { '03': 1, '16': 1 } },
  ],
  [
    'nEMO',
    {
      'samples/EB0_anger_1.wav': second(1),
      'data.tsv':
        'file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage\nEB0_anger_1.wav\tanger\tZażółć\tzażółć\tEB0\tfemale\t30\n',
    },
    { corpus: 'nemo', emotions: { anger: 1 }, speakers: { EB0: 1 }, sexes: { female: 1 }, problemCounts: {} },
  ],
  [
    'FER2013, csv',
    { 'fer2013.csv': `emotion,pixels,Usage\n${csvRow(0, 1, 'Training')}${csvRow(0, 1, 'PublicTest')}${csvRow(3, 2, 'PrivateTest')}` },
    {
      corpus: 'fer2013',
      emotions: { anger: 2, happiness: 1 },
      splits: { train: 1, validation: 1, test: 1 },
      alsoInTest: 1,
      duplicateGroups: 1,
    },
  ],
  [
    'FER2013, folders',
    { 'train/angry/Training_3908.png': greyPng(1), 'test/happy/PrivateTest_10131363.png': greyPng(2) },
    { corpus: 'fer2013', emotions: { anger: 1, happiness: 1 }, splits: { train: 1, test: 1 } },
  ],
  [
    'FERPlus',
    {
      'fer2013new.csv':
        'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\nTraining,fer0000000.png,8,2,0,0,0,0,0,0,0,0\n',
      'data/FER2013Train/fer0000000.png': greyPng(1),
    },
    { corpus: 'ferplus', emotions: { neutral: 1 }, splits: { train: 1 } },
  ],
  [
    'CK+ as published',
    {
      'cohn-kanade-images/S005/001/S005_001_00000001.png': greyPng(1),
      'cohn-kanade-images/S005/001/S005_001_00000011.png': greyPng(2),
      'Emotion/S005/001/S005_001_00000011_emotion.txt': '   3.0000000e+00\n',
    },
    { corpus: 'ckplus', emotions: { disgust: 1, neutral: 1 }, speakers: { S005: 2 }, problemCounts: {} },
  ],
  [
    'CK+48',
    { 'anger/S010_004_00000017.png': greyPng(1), 'contempt/S138_008_00000009.png': greyPng(2) },
    { corpus: 'ckplus', emotions: { anger: 1, contempt: 1 }, speakers: { S010: 1, S138: 1 } },
  ],
  [
    'JAFFE',
    { 'KA.AN1.39.tiff': greyTiff(2, 1, [1, 2]), 'YM.SU2.70.tiff': greyTiff(2, 1, [3, 4]) },
    { corpus: 'jaffe', emotions: { anger: 1, surprise: 1 }, speakers: { KA: 1, YM: 1 } },
  ],
  [
    'AffectNet, sets',
    {
      'train_set/images/0.jpg': greyPng(1),
      'train_set/annotations/0_exp.npy': npy('1'),
      'train_set/annotations/0_val.npy': npy('0.5'),
      'train_set/annotations/0_aro.npy': npy('-0.1'),
      'val_set/images/7.jpg': greyPng(2),
      'val_set/annotations/7_exp.npy': npy('9'),
    },
    { corpus: 'affectnet', emotions: { happiness: 1, none: 1 }, labels: { happy: 1, uncertain: 1 }, splits: { train: 1, validation: 1 } },
  ],
  [
    'AffectNet, table',
    {
      'training.csv': affectNetCsv,
      'Manually_Annotated/Manually_Annotated_Images/689/a.jpg': greyPng(1),
      'Manually_Annotated/Manually_Annotated_Images/7/b.jpg': greyPng(2),
    },
    { corpus: 'affectnet', emotions: { happiness: 1, contempt: 1 }, splits: { train: 2 } },
  ],
]

describe('emo inspect', { timeout: 300_000 }, () => {
  it.each(layouts)('%s: recognised and counted', async (_, files, expected) => {
    const { status, corpus } = await inspect(writeTree(files))
    expect(corpus).toMatchObject(expected)
    // Counts are exact: toMatchObject would let further classes or speakers pass.
    for (const key of ['emotions', 'speakers', 'splits', 'labels'] as const)
      if (key in expected) expect(corpus?.[key]).toEqual(expected[key])
    expect(status).toBe(0)
  })

  it('draws tables with bars for people, problems last', async () => {
    const { status, stdout } = await emo(['inspect', writeTree(layouts[0][1])])
    expect(stdout).toMatch(/Emotion\n {2}anger {4}2 {2}█{30}\n {2}sadness {2}1 {2}█{15}\n/)
    expect(stdout).toMatch(/Speaker \(2; samples: female 2, male 1\)\n {2}01 {2}1 .*\n {2}02 {2}2 /)
    expect(stdout).toMatch(/Duration: 0 min 2 s in all; 1\.00 to 1\.00 s/)
    expect(stdout).toMatch(/problems \(INCOMPLETE \d\)\n {2}INCOMPLETE {2}/)
    expect(status).toBe(0)
  })

  it('takes the csv of FER2013 itself, whatever its name', async () => {
    const root = writeTree({ 'any.csv': `emotion,pixels,Usage\n${csvRow(3, 1, 'Training')}` })
    expect((await inspect(join(root, 'any.csv'))).corpus).toMatchObject({ corpus: 'fer2013', samples: 1 })
  })

  it('lists what cannot be used: exit status 1, the rest is counted', async () => {
    const root = writeTree({
      'Actor_01/03-01-05-01-01-01-01.wav': second(1),
      'Actor_01/03-01-05-01-01-02-01.wav': '',
      'Actor_01/03-01-05-01-02-01-01.wav': second(2).subarray(0, 900),
      'Actor_01/03-01-05-01-02-02-01.wav': '%PDF-1.7',
      'Actor_01/голос 声 صوت.wav': second(3),
      'Actor_01/03-01-06-01-01-01-01.flac': Buffer.concat([Buffer.from('fLaC'), Buffer.alloc(60)]),
    })
    symlinkSync(root, join(root, 'Actor_01/up'))
    symlinkSync('/etc', join(root, 'Actor_01/etc'))
    const { status, corpus } = await inspect(root)
    expect(corpus).toMatchObject({ samples: 2, durations: { count: 1 } })
    expect(corpus?.problemCounts).toMatchObject({ EMPTY_FILE: 1, UNDECODABLE: 3, UNKNOWN_NAME: 1, LINK_LOOP: 1, OUTSIDE_FOLDER: 1 })
    expect(corpus?.problems.find(({ code }) => code === 'UNKNOWN_NAME')?.path).toBe('Actor_01/голос 声 صوت.wav')
    expect(corpus?.problems.every(({ reason }) => reason.length > 5)).toBe(true)
    expect(status).toBe(1)
  })

  it('says what a half-copied corpus lacks', async () => {
    const { status, corpus } = await inspect(
      writeTree({
        'train_set/images/0.jpg': greyPng(1),
        'train_set/images/1.jpg': greyPng(2),
        'train_set/annotations/0_exp.npy': npy('1'),
        'train_set/annotations/2_exp.npy': npy('1'),
      }),
    )
    expect(corpus?.problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      'MISSING_FILE train_set/annotations/2_exp.npy',
      'MISSING_LABEL train_set/images/1.jpg',
    ])
    expect(status).toBe(1)
  })

  it('reports short rows, and rows that point outside', async () => {
    const csv = `emotion,pixels,Usage\n0,1 2 3,Training\n0\n${csvRow(0, 1, 'Training')}`
    const fer = await inspect(writeTree({ 'fer2013.csv': csv }))
    expect(fer.corpus?.problems.filter(({ code }) => code === 'SHORT_ROW').map(({ path }) => path)).toEqual([
      'fer2013.csv:2',
      'fer2013.csv:3',
    ])
    expect(fer.status).toBe(1)
    const affectNet = await inspect(writeTree({ 'training.csv': affectNetCsv.replace('689/a.jpg', '../../etc/passwd') }))
    expect(affectNet.corpus?.problemCounts).toEqual({ MISSING_FILE: 1, OUTSIDE_FOLDER: 1 })
    expect(affectNet.status).toBe(1)
  })

  it('refuses a table that is a link to the outside', async () => {
    const outside = writeTree({ 'fer2013.csv': `emotion,pixels,Usage\n${csvRow(0, 1, 'Training')}` })
    const root = writeTree({})
    symlinkSync(join(outside, 'fer2013.csv'), join(root, 'fer2013.csv'))
    const { status, stdout, stderr } = await emo(['inspect', root, '--json'])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/leads outside.*\[PATH_OUTSIDE\]\n$/)
  })

  it('surveys a folder that is no corpus, and with --decode the files of one that is', async () => {
    const root = writeTree({ 'a.wav': second(1), 'b.png': greyPng(1), 'c.wav': 'not sound', 'd.txt': 'x' })
    const survey = await emo(['inspect', root, '--json'])
    expect(JSON.parse(survey.stdout)).toMatchObject({
      corpus: null,
      media: {
        recordings: 1,
        pictures: 1,
        seconds: 1,
        imageSizes: { '48 x 48 grey': 1 },
        unusable: [{ file: 'c.wav', code: 'FILE_UNSUPPORTED' }],
      },
    })
    expect(survey.status).toBe(1)
    const text = await emo(['inspect', root])
    expect(text.stdout).toMatch(/is no corpus.*\n\nrecordings {5}1\n/)
    expect(text.stderr).toBe('emo: c.wav: neither a recording (wav, mp3, flac, ogg) nor a picture (png, jpeg, tiff) [FILE_UNSUPPORTED]\n')
    // The first bytes are right, what follows is not: only decoding finds it.
    const broken = greyPng(2)
    broken.fill(7, 60, 200)
    const corpus = writeTree({ 'anger/S010_004_00000017.png': greyPng(1), 'fear/S011_004_00000017.png': broken })
    expect(await inspect(corpus)).toMatchObject({ status: 0, corpus: { samples: 2 } })
    expect(await inspect(corpus, '--decode')).toMatchObject({
      status: 1,
      media: { pictures: 1, unusable: [{ file: 'fear/S011_004_00000017.png', code: 'IMAGE_CORRUPT' }] },
    })
  })

  it('listens to every channel, and names recordings of other formats and names that cannot be read', async () => {
    const voice = clipSamples()
    const right = Float32Array.from({ length: 2 * voice.length }, (_, i) => (i % 2 === 1 ? voice[i >> 1] : 0))
    const clipped = Float32Array.from({ length: 2 * 8_000 }, (_, i) => (i % 2 === 1 ? 1 : 0.1))
    const { status, media } = await inspect(
      writeTree({
        'right.wav': floatWav(right, 16_000, 2),
        'clipped.wav': floatWav(clipped, 16_000, 2),
        'silent.wav': floatWav(new Float32Array(16_000), 16_000, 2),
        'x.m4a': '\0\0\0\x1cftypM4A ',
        'back\\slash.wav': floatWav(voice, 16_000, 1),
      }),
    )
    expect(media).toMatchObject({ recordings: 3, silent: ['silent.wav'], clipped: ['clipped.wav'] })
    expect(media?.unusable.map(({ file, code, message }) => `${file} ${code} ${message.slice(0, 20)}`)).toEqual([
      'back\\slash.wav UNREADABLE a backslash in the n',
      'x.m4a FILE_UNSUPPORTED mp4 or m4a cannot be',
    ])
    expect(status).toBe(1)
  })

  it('a corpus can be named where the folder does not tell', async () => {
    const mixed = writeTree({ 'a/DC_a01.wav': second(1), 'b/03a01Fa.wav': second(2) })
    const several = await emo(['inspect', mixed])
    expect([several.status, several.stdout]).toEqual([1, ''])
    expect(several.stderr).toMatch(/names of savee \(1 of 2\), emodb \(1 of 2\) are in it.*\[CORPUS_UNKNOWN\]/)
    expect(await inspect(mixed, '--dataset', 'savee')).toMatchObject({ status: 1, corpus: { corpus: 'savee', samples: 1 } })
  })

  it.each([
    ['no folder', ['inspect', '/nowhere/at/all'], 1, /no such file or folder.*\[FILE_NOT_FOUND\]/],
    ['a file', ['inspect', EMO], 1, /is a file; give the folder.*\[NOT_A_FOLDER\]/],
    ['no argument', ['inspect'], 2, /missing required argument/],
    ['an unknown option', ['inspect', '.', '--colour'], 2, /unknown option/],
    ['an unknown corpus', ['inspect', '.', '--dataset', 'imagenet'], 2, /Allowed choices are ravdess/],
  ] as const)('refuses %s', async (_, args, expected, message) => {
    const { status, stdout, stderr } = await emo(args)
    expect(stderr).toMatch(message)
    expect([status, stdout]).toEqual([expected, ''])
  })

  it('refuses an empty folder, and a csv that is none of FER2013', async () => {
    expect(await emo(['inspect', writeTree({})])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('[FOLDER_EMPTY]') as string,
    })
    const csv = join(writeTree({ 'prices.csv': 'a,b\n1,2\n' }), 'prices.csv')
    expect(await emo(['inspect', csv])).toMatchObject({
      status: 1,
      stdout: '',
      stderr: expect.stringContaining('[CORPUS_NOT_FOUND]') as string,
    })
  })

  // Root may read everything, unless that right is taken from it.
  const asOwner =
    process.getuid?.() === 0
      ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-dac_override,-dac_read_search']
      : []

  it.skipIf(process.platform === 'win32')('says so where there is no permission', async () => {
    if (asOwner.length > 0) execFileSync(asOwner[0], ['--version'])
    const root = writeTree({
      'Actor_01/03-01-05-01-01-01-01.wav': second(1),
      'Actor_02/03-01-05-01-01-01-02.wav': second(2),
      'Actor_03/03-01-05-01-01-01-03.wav': second(3),
    })
    chmodSync(join(root, 'Actor_02'), 0)
    chmodSync(join(root, 'Actor_03/03-01-05-01-01-01-03.wav'), 0)
    const part = await emo(['inspect', root, '--json'], asOwner)
    expect((JSON.parse(part.stdout) as Inspection).corpus).toMatchObject({
      samples: 1,
      speakers: { '01': 1 },
      problemCounts: { UNREADABLE: 2 },
    })
    expect(part.status).toBe(1)
    chmodSync(root, 0)
    const whole = await emo(['inspect', root], asOwner)
    expect([whole.status, whole.stdout]).toEqual([1, ''])
    expect(whole.stderr).toMatch(/no permission to read.*\[FILE_PERMISSION\]/)
    chmodSync(root, 0o755)
    chmodSync(join(root, 'Actor_02'), 0o755)
  })
})
