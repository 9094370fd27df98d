import { describe, expect, it } from 'vitest'
import { openCremaD, openEmoDb, openNemo, openRavdess, openSavee, openTess, type Dataset } from '../index.ts'
import { wav, writeTree } from './trees.ts'

const problems = (dataset: Dataset) =>
  dataset.problems.filter(({ code }) => code !== 'INCOMPLETE').map(({ code, path }) => `${code} ${path}`)
const ids = (dataset: Dataset) => dataset.samples.map(({ id }) => id)

describe('openRavdess', () => {
  it('reads all seven fields', async () => {
    const dataset = await openRavdess(
      writeTree({
        'Actor_12/03-01-06-02-02-01-12.wav': wav(1),
        'song/Actor_07/03-02-04-01-01-02-07.wav': wav(2),
        'Actor_12/01-01-06-02-02-01-12.mp4': 'any',
        'LICENSE.txt': 'terms',
      }),
    )
    expect(dataset.samples).toHaveLength(3)
    expect(dataset.samples.find(({ modality }) => modality === 'video')).toMatchObject({ recording: '01-06-02-02-01-12', emotion: 'fear' })
    expect(dataset.samples.find(({ id }) => id === 'Actor_12/03-01-06-02-02-01-12')).toMatchObject({
      corpus: 'ravdess',
      modality: 'audio',
      path: 'Actor_12/03-01-06-02-02-01-12.wav',
      emotion: 'fear',
      corpusLabel: 'fearful',
      paperLabel: 3,
      speaker: '12',
      sex: 'female',
      intensity: 'strong',
      sentence: '02',
      text: 'Dogs are sitting by the door',
      take: 1,
      vocalChannel: 'speech',
      recording: '01-06-02-02-01-12',
    })
    expect(dataset.samples.find(({ vocalChannel }) => vocalChannel === 'song')).toMatchObject({
      emotion: 'sadness',
      sex: 'male',
      paperLabel: 2,
    })
    expect(dataset.ignored).toEqual(['LICENSE.txt'])
  })

  it('lists what does not fit, once each, and keeps the rest', async () => {
    const dataset = await openRavdess(
      writeTree({
        'Actor_01/03-01-05-01-01-01-01.wav': wav(1),
        'Actor_01/03-01-05-01-01-02-01.wav': wav(1),
        'Actor_01/03-01-05-01-02-01-02.wav': wav(3),
        'Actor_01/03-01-05-01-02-02-01.wav': '',
        'Actor_01/03-01-09-01-02-02-01.wav': wav(4),
        'Actor_01/03-01-05-02-01-01-01.wav': wav(5).subarray(0, 200),
        'Actor_01/03-01-05-02-01-02-01.wav': '%PDF-1.7 not a sound at all',
        'Actor_01/голос.wav': wav(6),
        'Actor_01/声.wav': wav(7),
      }),
    )
    expect(ids(dataset)).toEqual(['Actor_01/03-01-05-01-01-01-01', 'Actor_01/03-01-05-01-01-02-01', 'Actor_01/03-01-05-01-02-01-02'])
    expect(problems(dataset)).toEqual([
      'DUPLICATE Actor_01/03-01-05-01-01-01-01.wav',
      'LABEL_CONFLICT Actor_01/03-01-05-01-02-01-02.wav',
      'EMPTY_FILE Actor_01/03-01-05-01-02-02-01.wav',
      'UNDECODABLE Actor_01/03-01-05-02-01-01-01.wav',
      'UNDECODABLE Actor_01/03-01-05-02-01-02-01.wav',
      'UNKNOWN_NAME Actor_01/03-01-09-01-02-02-01.wav',
      'UNKNOWN_NAME Actor_01/голос.wav',
      'UNKNOWN_NAME Actor_01/声.wav',
    ])
    for (const { reason } of dataset.problems) expect(reason).toMatch(/\S/)
    const twins = dataset.samples.filter(({ duplicateGroup }) => duplicateGroup !== undefined)
    expect(twins.map(({ take }) => take)).toEqual([1, 2])
    expect(new Set(twins.map(({ duplicateGroup }) => duplicateGroup)).size).toBe(1)
  })

  it('says how much is missing of a corpus that was copied in part', async () => {
    const dataset = await openRavdess(writeTree({ 'Actor_03/03-01-05-01-01-01-03.wav': wav(1) }))
    expect(dataset.problems.map(({ reason }) => reason)).toEqual([
      'actors: 1 of the 24 that are published',
      'speech clips of actor 03: 1 of the 60 that are published',
    ])
  })
})

describe('openSavee', () => {
  it('reads both layouts alike', async () => {
    const flat = await openSavee(writeTree({ 'DC_a01.wav': wav(1), 'KL_n30.wav': wav(2), 'KL_sa05.wav': wav(3) }))
    const nested = await openSavee(writeTree({ 'DC/a01.wav': wav(1), 'KL/n30.wav': wav(2), 'KL/sa05.wav': wav(3) }))
    const facts = ({ samples }: Dataset) =>
      samples.map(({ speaker, emotion, paperLabel, sentence, sex }) => [speaker, emotion, paperLabel, sentence, sex])
    expect(facts(flat)).toEqual([
      ['DC', 'anger', 1, 'a01', 'male'],
      ['KL', 'neutral', 7, 'n30', 'male'],
      ['KL', 'sadness', 2, 'sa05', 'male'],
    ])
    expect(facts(nested)).toEqual(facts(flat))
  })
})

describe('openTess', () => {
  it('reads every spelling and warns that two speakers are no test', async () => {
    const dataset = await openTess(
      writeTree({
        'OAF_angry/OAF_back_angry.wav': wav(1),
        'OAF_Pleasant_surprise/OAF_back_ps.wav': wav(2),
        'YAF_pleasant_surprised/YAF_back_ps.wav': wav(3),
        'OAF_neutral/OA_bite_neutral.wav': wav(4),
        'OAF_Sad/OAF_back_sad.wav': wav(5),
        'YAF_happy/YAF_back_sad.wav': wav(6),
      }),
    )
    expect(dataset.samples.map(({ speaker, age, sex, emotion, sentence }) => [speaker, age, sex, emotion, sentence])).toEqual([
      ['OAF', 64, 'female', 'surprise', 'back'],
      ['OAF', 64, 'female', 'sadness', 'back'],
      ['OAF', 64, 'female', 'anger', 'back'],
      ['OAF', 64, 'female', 'neutral', 'bite'],
      ['YAF', 26, 'female', 'sadness', 'back'],
      ['YAF', 26, 'female', 'surprise', 'back'],
    ])
    expect(problems(dataset)).toEqual(['FEW_SPEAKERS ', 'LABEL_CONFLICT YAF_happy/YAF_back_sad.wav'])
  })
})

describe('openCremaD', () => {
  it('joins demographics and the voice-only votes', async () => {
    const dataset = await openCremaD(
      writeTree({
        'AudioWAV/1001_DFA_ANG_XX.wav': wav(1),
        'AudioWAV/1002_IEO_SAD_HI.wav': wav(2),
        'AudioWAV/1040_ITH_SAD_X.wav': wav(3),
        'VideoFlash/1001_DFA_ANG_XX.flv': 'any',
        'VideoDemographics.csv':
          '"ActorID","Age","Sex","Race","Ethnicity"\n1001,51,"Male","Caucasian","Not Hispanic"\n1002,21,"Female","Caucasian","Not Hispanic"\n1003,x,"Female","",""\n',
        'processedResults/tabulatedVotes.csv':
          '"","A","D","F","H","N","S","fileName"\n' +
          '"100001",6,0,0,0,2,0,"1001_DFA_ANG_XX"\n"100002",0,0,0,0,0,5,"1002_IEO_SAD_HI"\n"100003",0,0,0,0,1,0,"1040_ITH_SAD_X"\n"100004",1,0,0,0,0,0,"nonsense"\n' +
          '"200001",0,9,0,0,0,0,"1001_DFA_ANG_XX"\n',
      }),
    )
    const [first, second, third, video] = dataset.samples
    expect(first).toMatchObject({
      speaker: '1001',
      sex: 'male',
      age: 51,
      emotion: 'anger',
      intensity: 'unspecified',
      sentence: 'DFA',
      text: "Don't forget a jacket",
      votes: { anger: 6, neutral: 2 },
      softLabel: { anger: 0.75, neutral: 0.25 },
    })
    expect(second).toMatchObject({ sex: 'female', age: 21, emotion: 'sadness', intensity: 'high', softLabel: { sadness: 1 } })
    expect(third).toMatchObject({ intensity: 'unspecified', recording: '1040_ITH_SAD_XX', softLabel: { neutral: 1 } })
    expect(video).toMatchObject({ modality: 'video', recording: first.recording })
    expect(video.votes).toBeUndefined()
    expect(problems(dataset)).toEqual(['BAD_ROW VideoDemographics.csv:4', 'BAD_ROW processedResults/tabulatedVotes.csv:5'])
  })
})

describe('openEmoDb', () => {
  it('keeps boredom without a numeric label', async () => {
    const dataset = await openEmoDb(writeTree({ 'wav/03a01Fa.wav': wav(1), 'wav/16b10Lb.wav': wav(2), 'wav/03a01Xa.wav': wav(3) }))
    expect(dataset.samples[0]).toMatchObject({
      speaker: '03',
      age: 31,
      sex: 'male',
      emotion: 'happiness',
      paperLabel: 6,
      take: 1,
      sentence: 'a01',
    })
    expect(dataset.samples[1]).toMatchObject({ speaker: '16', sex: 'female', emotion: 'boredom', paperLabel: undefined, take: 2 })
    expect(problems(dataset)).toEqual(['UNKNOWN_NAME wav/03a01Xa.wav'])
  })
})

describe('openNemo', () => {
  const header = 'file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage\n'

  it('joins the table', async () => {
    const dataset = await openNemo(
      writeTree({
        'samples/EB0_anger_1.wav': wav(1),
        'samples/KA1_surprise_2.wav': wav(2),
        'samples/KA1_fear_9.wav': wav(3),
        'data.tsv':
          header +
          'EB0_anger_1.wav\tanger\tZażółć gęślą jaźń.\tzażółć gęślą jaźń\tEB0\tfemale\t24\n' +
          'KA1_surprise_2\tfear\tCo?\tco\tKA1\tmale\t30\n' +
          'EB0_sadness_7.wav\tsadness\tNie.\tnie\tEB0\tfemale\t24\n' +
          'short\trow\n',
      }),
    )
    expect(dataset.samples[0]).toMatchObject({
      speaker: 'EB0',
      emotion: 'anger',
      text: 'Zażółć gęślą jaźń.',
      sex: 'female',
      age: 24,
      sentence: '1',
    })
    expect(problems(dataset)).toEqual([
      'MISSING_FILE data.tsv:4',
      'SHORT_ROW data.tsv:5',
      'MISSING_LABEL samples/KA1_fear_9.wav',
      'LABEL_CONFLICT samples/KA1_surprise_2.wav',
    ])
  })

  it('works from the names alone and says what is missing', async () => {
    const dataset = await openNemo(writeTree({ 'samples/EB0_anger_1.wav': wav(1) }))
    expect(dataset.samples).toHaveLength(1)
    expect(problems(dataset)).toEqual(['MISSING_FILE data.tsv'])
  })
})
