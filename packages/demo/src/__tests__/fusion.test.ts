import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMOTION_ORDER, fuse, type EmotionScores } from '../index.ts'

const answer = (scores: EmotionScores) => ({ scores })
const sum = (scores: EmotionScores) => Object.values(scores).reduce((total, score) => total + score, 0)
const scoresOf = (emotions: readonly string[]) =>
  fc
    .array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: emotions.length, maxLength: emotions.length })
    .map((values) => Object.fromEntries(emotions.map((emotion, i) => [emotion, values[i]])) as EmotionScores)

const SPEECH = ['anger', 'sadness', 'fear', 'disgust', 'calm', 'happiness', 'neutral', 'surprise']
const FACE = ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral']

describe('fuse', () => {
  it('is the weighted geometric mean where both know the same emotions', () => {
    const fused = fuse(answer({ anger: 0.8, neutral: 0.2 }), answer({ anger: 0.5, neutral: 0.5 }), {
      reliability: { speech: 0.75, face: 0.25 },
    })
    const a = 0.8 ** 0.75 * 0.5 ** 0.25
    const b = 0.2 ** 0.75 * 0.5 ** 0.25
    expect(fused.scores.anger).toBeCloseTo(a / (a + b), 12)
    expect(fused.weights).toEqual({ speech: 0.75, face: 0.25 })
    expect(fused.emotion).toBe('anger')
    expect(fused.confidence).toBe(fused.scores.anger)
  })

  it('returns the scores of the only modality as they are', () => {
    expect(fuse(answer({ anger: 0.7, calm: 0.3 }), undefined).scores).toEqual({ anger: 0.7, calm: 0.3 })
    expect(fuse(null, answer({ fear: 0.9, neutral: 0.1 })).weights).toEqual({ speech: 0, face: 1 })
    expect(fuse(answer({ anger: 1, fear: 0 }), answer({ anger: 0, fear: 1 }), { presence: { face: 0 } }).emotion).toBe('anger')
  })

  it('is uncertain where it is more often wrong than right', () => {
    expect(fuse(answer({ anger: 0.51, calm: 0.49 }), null).uncertain).toBe(false)
    expect(fuse(answer({ anger: 0.45, calm: 0.3, fear: 0.25 }), null).uncertain).toBe(true)
  })

  it('splits a neutral face into calm and neutral as the voice does', () => {
    const { scores } = fuse(answer({ calm: 0.6, neutral: 0.2, anger: 0.2 }), answer({ neutral: 0.8, anger: 0.2 }))
    expect(scores.calm! / scores.neutral!).toBeCloseTo(3, 9)
    expect(scores.calm! + scores.neutral!).toBeCloseTo(0.8, 9)
  })

  it('gives an emotion that only one model knows its probability times its share', () => {
    const fused = fuse(answer({ anger: 0.5, neutral: 0.5 }), answer({ anger: 0.1, neutral: 0.1, contempt: 0.8 }), {
      reliability: { speech: 0.5, face: 0.5 },
    })
    expect(fused.scores.contempt).toBeCloseTo(0.4, 12)
    expect(fused.scores.anger).toBeCloseTo(0.3, 12)
  })

  it('lets a fresher or more reliable modality win', () => {
    const speech = answer({ anger: 0.9, happiness: 0.1 })
    const face = answer({ anger: 0.1, happiness: 0.9 })
    expect(fuse(speech, face, { reliability: { speech: 0.9, face: 0.1 } }).emotion).toBe('anger')
    expect(fuse(speech, face, { presence: { speech: 0.1, face: 1 } }).emotion).toBe('happiness')
  })

  it('pools label spaces that have nothing in common by the share of each', () => {
    const { scores, emotion } = fuse(answer({ boredom: 0.9, calm: 0.1 }), answer({ contempt: 0.6, surprise: 0.4 }), {
      reliability: { speech: 0.75, face: 0.25 },
    })
    expect(emotion).toBe('boredom')
    expect(scores).toEqual({
      calm: expect.closeTo(0.075, 12) as number,
      surprise: expect.closeTo(0.1, 12) as number,
      contempt: expect.closeTo(0.15, 12) as number,
      boredom: expect.closeTo(0.675, 12) as number,
    })
  })

  it('goes on smoothly when a modality with other labels goes away', () => {
    const both = fuse(answer({ calm: 0.5, neutral: 0.5 }), answer({ neutral: 0.4, contempt: 0.6 }))
    const alone = fuse(answer({ calm: 1, neutral: 0 }), undefined, { previous: both.scores, elapsedSeconds: 0.5 })
    expect(sum(alone.scores)).toBeCloseTo(1, 12)
    expect(alone.scores.contempt).toBeCloseTo(both.scores.contempt! * Math.exp(-0.5), 12)
  })

  it('takes a previous that is not normalised for what it means', () => {
    const face = answer({ anger: 1, neutral: 1 })
    expect(fuse(undefined, face, { previous: { anger: 3, neutral: 1 }, elapsedSeconds: 0 }).scores).toEqual({ anger: 0.75, neutral: 0.25 })
  })

  it('smooths exponentially over time', () => {
    const face = answer({ anger: 1, neutral: 0 })
    const previous = { anger: 0, neutral: 1 }
    const { scores } = fuse(undefined, face, { previous, elapsedSeconds: 2, timeConstantSeconds: 2 })
    expect(scores.anger).toBeCloseTo(1 - Math.exp(-1), 12)
    expect(fuse(undefined, face, { previous }).scores).toEqual(previous)
    expect(fuse(undefined, face, { previous, timeConstantSeconds: 0 }).scores.anger).toBe(1)
  })

  it('is a probability over the union of labels, whatever it is given', () => {
    fc.assert(
      fc.property(
        scoresOf(SPEECH),
        scoresOf(FACE),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (speech, face, s, f) => {
          const fused = fuse(answer(speech), answer(face), { presence: { speech: s, face: f } })
          expect(sum(fused.scores)).toBeCloseTo(1, 9)
          expect(Object.keys(fused.scores)).toEqual(EMOTION_ORDER.filter((emotion) => SPEECH.includes(emotion)))
          expect(fused.confidence).toBe(Math.max(...Object.values(fused.scores)))
          expect(fused.scores[fused.emotion]).toBe(fused.confidence)
        },
      ),
    )
  })

  it('keeps an answer that both agree on', () => {
    fc.assert(
      fc.property(scoresOf(FACE), fc.double({ min: 0.01, max: 1, noNaN: true }), (scores, presence) => {
        const total = sum(scores)
        const { scores: fused } = fuse(answer(scores), answer(scores), { presence: { speech: presence } })
        // Scores below the floor of 1e-4 are lifted to it.
        for (const emotion of FACE as (keyof EmotionScores)[])
          expect(Math.abs(fused[emotion]! - scores[emotion]! / total)).toBeLessThan(1e-3)
      }),
    )
  })

  it.each([
    ['nothing', undefined, undefined, {}, 'FUSION_NO_INPUT'],
    ['no weight', answer({ anger: 1 }), undefined, { presence: { speech: 0 } }, 'FUSION_NO_INPUT'],
    ['negative scores', answer({ anger: -1 }), undefined, {}, 'FUSION_SCORES_INVALID'],
    ['scores that are no numbers', answer({ anger: NaN }), undefined, {}, 'FUSION_SCORES_INVALID'],
    ['empty scores', answer({}), undefined, {}, 'FUSION_SCORES_INVALID'],
    ['a presence above 1', answer({ anger: 1 }), undefined, { presence: { speech: 1.1 } }, 'FUSION_OPTION_OUT_OF_RANGE'],
    ['a reliability that is no number', answer({ anger: 1 }), undefined, { reliability: { speech: NaN } }, 'FUSION_OPTION_OUT_OF_RANGE'],
    ['a previous that is no number', answer({ anger: 1 }), undefined, { previous: { anger: NaN } }, 'FUSION_SCORES_INVALID'],
    ['scores without end', undefined, answer({ anger: Infinity }), {}, 'FUSION_SCORES_INVALID'],
    [
      'a face score that is no number beside a good voice',
      answer({ anger: 1 }),
      answer({ anger: NaN, fear: 1 }),
      {},
      'FUSION_SCORES_INVALID',
    ],
    [
      'time without end',
      answer({ anger: 1 }),
      undefined,
      { previous: { anger: 1 }, timeConstantSeconds: Infinity },
      'FUSION_OPTION_OUT_OF_RANGE',
    ],
    ['time running back', answer({ anger: 1 }), undefined, { previous: { anger: 1 }, elapsedSeconds: -1 }, 'FUSION_OPTION_OUT_OF_RANGE'],
  ])('refuses %s', (_, speech, face, options, code) => {
    expect(() => fuse(speech, face, options)).toThrow(expect.objectContaining({ code }))
  })
})
