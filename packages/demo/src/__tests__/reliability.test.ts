import { FaceEmotionModel } from '@emo/face-model'
import { SpeechEmotionModel } from '@emo/speech-model'
import { describe, expect, it } from 'vitest'
import { DEFAULT_RELIABILITY, reliabilityOf } from '../index.ts'

describe('reliabilityOf', () => {
  it.each([
    [1, 8, 1],
    [0.125, 8, 0],
    [0.05, 8, 0],
    [0.75, 2, 0.5],
    [0.5625, 8, 0.5],
  ])('a recall of %d over %d classes is %d', (uar, classes, expected) => {
    expect(reliabilityOf(uar, classes)).toBeCloseTo(expected, 12)
  })

  it.each([
    [NaN, 8],
    [1.1, 8],
    [-0.1, 8],
    [0.5, 1],
    [0.5, 2.5],
  ])('refuses a recall of %d over %d classes', (uar, classes) => {
    expect(() => reliabilityOf(uar, classes)).toThrow(expect.objectContaining({ code: 'RELIABILITY_OUT_OF_RANGE', name: 'RangeError' }))
  })
})

it('is by default what the cards of the loaded models say', async () => {
  const [speech, face] = await Promise.all([SpeechEmotionModel.load(), FaceEmotionModel.load()])
  const { ravdess } = speech.card.evaluation
  const { publicTest } = face.card.evaluation
  expect(DEFAULT_RELIABILITY).toEqual({
    speech: reliabilityOf(ravdess!.uar.mean, speech.metadata.emotions.length),
    face: reliabilityOf(publicTest.unweightedAverageRecall, publicTest.classes.length),
  })
  expect(DEFAULT_RELIABILITY.speech).toBeGreaterThan(0)
  expect(DEFAULT_RELIABILITY.face).toBeGreaterThan(0)
  speech.dispose()
  face.dispose()
})
