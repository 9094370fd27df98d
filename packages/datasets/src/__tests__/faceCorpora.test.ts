import { encode } from 'fast-png'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openAffectNet, openCkPlus, openJaffe, readImage, type Dataset } from '../index.ts'
import { npyScalar } from '../corpora/npyScalar.ts'
import { greyPixels, greyPng, npy, writeTree } from './trees.ts'
import { greyTiff } from './tiffs.ts'

const problems = (dataset: Dataset) =>
  dataset.problems.filter(({ code }) => code !== 'INCOMPLETE').map(({ code, path }) => `${code} ${path}`)

describe('openCkPlus', () => {
  it('takes the neutral first frame and the labelled peak of each sequence', async () => {
    const dataset = await openCkPlus(
      writeTree({
        'cohn-kanade-images/S005/001/S005_001_00000001.png': greyPng(1),
        'cohn-kanade-images/S005/001/S005_001_00000010.png': greyPng(2),
        'cohn-kanade-images/S005/001/S005_001_00000009.png': greyPng(3),
        'Emotion/S005/001/S005_001_00000010_emotion.txt': '   3.0000000e+00\n',
        'cohn-kanade-images/S010/002/S010_002_00000001.png': greyPng(4),
        'cohn-kanade-images/S010/002/S010_002_00000002.png': greyPng(5),
        'Emotion/S011/001/S011_001_00000010_emotion.txt': '   2.0000000e+00\n',
        'Emotion/S010/002/S010_002_00000002_emotion.txt': 'nine',
        'cohn-kanade-images/S010/002/other.png': greyPng(6),
      }),
    )
    expect(
      dataset.samples.map(({ path, emotion, corpusLabel, speaker, recording }) => [
        path.slice(24),
        emotion,
        corpusLabel,
        speaker,
        recording,
      ]),
    ).toEqual([
      ['001/S005_001_00000001.png', 'neutral', 'neutral', 'S005', 'S005_001'],
      ['001/S005_001_00000010.png', 'disgust', 'disgust', 'S005', 'S005_001'],
      ['002/S010_002_00000001.png', 'neutral', 'neutral', 'S010', 'S010_002'],
      ['002/S010_002_00000002.png', undefined, 'unlabelled', 'S010', 'S010_002'],
    ])
    const peak = dataset.samples[1]
    expect(peak.frames).toEqual([1, 9, 10].map((frame) => `cohn-kanade-images/S005/001/S005_001_${String(frame).padStart(8, '0')}.png`))
    expect((await readImage(peak, { frame: 1 })).data).toEqual(greyPixels(3))
    expect((await readImage(peak)).data).toEqual(greyPixels(2))
    await expect(readImage(peak, { frame: 3 })).rejects.toMatchObject({ code: 'FRAME_RANGE' })
    expect(problems(dataset)).toEqual([
      'BAD_ROW Emotion/S010/002/S010_002_00000002_emotion.txt',
      'MISSING_FILE Emotion/S011/001/S011_001_00000010_emotion.txt',
      'UNKNOWN_NAME cohn-kanade-images/S010/002/other.png',
    ])
  })

  it('reads the folders of CK+48', async () => {
    const dataset = await openCkPlus(
      writeTree({
        'CK+48/anger/S010_004_00000017.png': greyPng(1),
        'CK+48/contempt/S138_008_00000007.png': greyPng(2),
        'CK+48/happy/S010_006_00000013.png': greyPng(3),
      }),
    )
    expect(dataset.samples.map(({ emotion, paperLabel, speaker }) => [emotion, paperLabel, speaker])).toEqual([
      ['anger', 1, 'S010'],
      ['contempt', undefined, 'S138'],
      ['happiness', 6, 'S010'],
    ])
    expect(problems(dataset)).toEqual([])
  })
})

describe('openJaffe', () => {
  it('reads tiffs', async () => {
    const dataset = await openJaffe(
      writeTree({
        'jaffe/KA.AN1.39.tiff': greyTiff(4, 3, [...Array(12).keys()]),
        'jaffe/YM.SU3.60.tiff': greyTiff(1, 1, [9]),
        'jaffe/YM.XX3.60.tiff': greyTiff(1, 1, [7]),
        'jaffe/KA.HA1.1.tiff': greyPng(1),
      }),
    )
    expect(dataset.samples.map(({ emotion, speaker, take, sex }) => [emotion, speaker, take, sex])).toEqual([
      ['anger', 'KA', 1, 'female'],
      ['surprise', 'YM', 3, 'female'],
    ])
    expect(problems(dataset)).toEqual(['UNDECODABLE jaffe/KA.HA1.1.tiff', 'UNKNOWN_NAME jaffe/YM.XX3.60.tiff'])
    expect(await readImage(dataset.samples[0])).toEqual({ data: Uint8Array.from(Array(12).keys()), width: 4, height: 3, channels: 1 })
  })
})

describe('openAffectNet', () => {
  const annotation = (set: string, number: number, expression: number | string, valence = '0.5', arousal = '-0.25') => ({
    [`${set}/annotations/${number}_exp.npy`]: npy(String(expression)),
    [`${set}/annotations/${number}_val.npy`]: npy(valence),
    [`${set}/annotations/${number}_aro.npy`]: npy(arousal),
    [`${set}/annotations/${number}_lnd.npy`]: npy(0, 'f8'),
  })

  it('reads images with NumPy annotations', async () => {
    const dataset = await openAffectNet(
      writeTree({
        'train_set/images/0.jpg': 'jpeg',
        'train_set/images/1.jpg': 'jpeg',
        'train_set/images/2.jpg': '',
        'train_set/images/3.jpg': 'jpeg',
        'train_set/images/4.jpg': 'jpeg',
        'train_set/images/x.jpg': 'jpeg',
        'val_set/images/7.jpg': 'jpeg',
        ...annotation('train_set', 0, 1),
        ...annotation('train_set', 1, 7, '-2', '-2'),
        ...annotation('train_set', 2, 1),
        ...annotation('train_set', 4, 11),
        ...annotation('train_set', 5, 2),
        ...annotation('val_set', 7, 9),
      }),
    )
    expect(
      dataset.samples.map(({ id, emotion, corpusLabel, officialSplit, valence, arousal }) => [
        id,
        emotion,
        corpusLabel,
        officialSplit,
        valence,
        arousal,
      ]),
    ).toEqual([
      ['train_set/images/0', 'happiness', 'happy', 'train', 0.5, -0.25],
      ['train_set/images/1', 'contempt', 'contempt', 'train', undefined, undefined],
      ['val_set/images/7', undefined, 'uncertain', 'validation', 0.5, -0.25],
    ])
    expect(problems(dataset)).toEqual([
      'BAD_ROW train_set/annotations/4_exp.npy',
      'MISSING_FILE train_set/annotations/5_exp.npy',
      'EMPTY_FILE train_set/images/2.jpg',
      'MISSING_LABEL train_set/images/3.jpg',
      'UNKNOWN_NAME train_set/images/x.jpg',
    ])
  })

  it('opens one of the sets alone', async () => {
    const files = Object.fromEntries(Object.entries(annotation('.', 3, 6)).map(([path, bytes]) => [path.slice(2), bytes]))
    const dataset = await openAffectNet(writeTree({ ...files, 'images/3.jpg': 'jpeg' }))
    expect(dataset.samples).toMatchObject([{ emotion: 'anger', corpusLabel: 'anger' }])
    expect(dataset.samples[0].officialSplit).toBeUndefined()
  })

  it('reads the older tables, with and without their first line', async () => {
    const header = 'subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal'
    const row = (path: string, expression: number | string) => `${path},1,2,3,4,1;2;3,${expression},-0.5,0.25`
    const image = encode({ width: 1, height: 1, channels: 1, data: Uint8Array.of(3) })
    const dataset = await openAffectNet(
      writeTree({
        'training.csv': [
          header,
          row('12/a.jpg', 0),
          row('12/gone.jpg', 1),
          row('../../etc/passwd', 1),
          row('12/a.jpg', 'x'),
          'short,row',
        ].join('\n'),
        'validation.csv': row('13/b.jpg', 10) + '\n',
        'Manually_Annotated/Manually_Annotated_Images/12/a.jpg': image,
        'Manually_Annotated/Manually_Annotated_Images/13/b.jpg': image,
      }),
    )
    expect(
      dataset.samples.map(({ path, emotion, corpusLabel, officialSplit, valence }) => [
        path.slice(-8),
        emotion,
        corpusLabel,
        officialSplit,
        valence,
      ]),
    ).toEqual([
      ['12/a.jpg', 'neutral', 'neutral', 'train', -0.5],
      ['13/b.jpg', undefined, 'no-face', 'validation', -0.5],
    ])
    expect(problems(dataset)).toEqual([
      'MISSING_FILE training.csv:3',
      'OUTSIDE_FOLDER training.csv:4',
      'BAD_ROW training.csv:5',
      'SHORT_ROW training.csv:6',
    ])
  })
})

describe('npyScalar', () => {
  it('reads what NumPy writes', () => {
    expect(npyScalar(npy('-0.176846'))).toBe(-0.176846)
    expect(npyScalar(npy(0.25, 'f8'))).toBe(0.25)
    expect(npyScalar(npy(-3, 'i8'))).toBe(-3)
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(npyScalar(npy(String(value))) === value).toBe(true) // 0 and -0 are one
        expect(npyScalar(npy(value, 'f8'))).toBe(value)
      }),
    )
  })

  it('refuses what holds no single number, and never throws', () => {
    expect(npyScalar(npy('neutral'))).toBeUndefined()
    expect(npyScalar(npy(''))).toBeUndefined()
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void expect(npyScalar(bytes)).toBeUndefined()))
    const good = npy('5')
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const bytes = good.slice()
        bytes[at] = value
        const result = npyScalar(bytes)
        expect(result === undefined || Number.isFinite(result)).toBe(true)
      }),
    )
    fc.assert(fc.property(fc.nat(good.length - 1), (length) => void expect(npyScalar(good.subarray(0, length))).toBeUndefined()))
  })
})
