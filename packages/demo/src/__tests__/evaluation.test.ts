import { describe, expect, it } from 'vitest'
import { evaluateAnswers, type JudgedSample } from '../evaluation.ts'

const say = (truth: JudgedSample['truth'], emotion: JudgedSample['truth'], extra: Partial<JudgedSample> = {}): JudgedSample => ({
  truth,
  scores: { [emotion]: 0.6, ...(emotion === 'neutral' ? { anger: 0.4 } : { neutral: 0.4 }) },
  ...extra,
})

/** As of a corpus that has the emotions of these samples, no more. */
const evaluate = (samples: readonly JudgedSample[], modelEmotions: Parameters<typeof evaluateAnswers>[1]) =>
  evaluateAnswers(
    samples,
    modelEmotions,
    samples.map(({ truth }) => truth),
  )

describe('evaluateAnswers', () => {
  it('computes accuracy, recall and F1 as defined', () => {
    const result = evaluate(
      [
        say('anger', 'anger'),
        say('anger', 'neutral'),
        say('neutral', 'neutral'),
        say('neutral', 'neutral'),
        say('fear', 'neutral'),
        say('fear', 'fear'),
      ],
      ['anger', 'fear', 'neutral'],
    )
    expect(result.classes).toEqual(['anger', 'fear', 'neutral'])
    expect(result.confusionMatrix).toEqual([
      [1, 0, 1],
      [0, 1, 1],
      [0, 0, 2],
    ])
    expect(result.accuracy).toBeCloseTo(4 / 6)
    expect(result.unweightedAverageRecall).toBeCloseTo((0.5 + 0.5 + 1) / 3)
    expect(result.perClass[2]).toEqual({ emotion: 'neutral', precision: 0.5, recall: 1, f1: 2 / 3, support: 2 })
  })

  it('chooses among the emotions of the corpus only', () => {
    // Calm is the strongest, but this corpus has no calm.
    const result = evaluate(
      [{ truth: 'anger', scores: { calm: 0.6, anger: 0.3, neutral: 0.1 } }, say('neutral', 'neutral')],
      ['anger', 'calm', 'neutral'],
    )
    expect(result.accuracy).toBe(1)
    expect(result.absentFromCorpus).toEqual(['calm'])
    expect(result.meanConfidence).toBeCloseTo((0.75 + 0.6) / 2)
  })

  it('lets the model choose emotions of the corpus that none of the samples has, and takes the means over those that there are', () => {
    const result = evaluateAnswers(
      [say('anger', 'anger'), say('anger', 'fear'), say('neutral', 'neutral')],
      ['anger', 'fear', 'calm', 'neutral'],
      ['anger', 'fear', 'neutral'],
    )
    expect(result.classes).toEqual(['anger', 'fear', 'neutral'])
    expect(result.absentFromCorpus).toEqual(['calm'])
    expect(result.accuracy).toBeCloseTo(2 / 3)
    expect(result.unweightedAverageRecall).toBeCloseTo((0.5 + 1) / 2)
    expect(result.macroF1).toBeCloseTo((2 / 3 + 1) / 2)
    expect(result.perClass.map(({ support }) => support)).toEqual([2, 0, 1])
  })

  it('reports what the model does not know, and does not hide its cost', () => {
    const result = evaluate([say('anger', 'anger'), say('contempt', 'anger'), say('boredom', 'neutral')], ['anger', 'neutral'])
    expect(result.evaluated).toBe(1)
    expect(result.accuracy).toBe(1)
    expect(result.accuracyOverAll).toBeCloseTo(1 / 3)
    expect(result.unknownToModel).toEqual([
      { emotion: 'contempt', samples: 1 },
      { emotion: 'boredom', samples: 1 },
    ])
  })

  it('counts no answer as wrong', () => {
    const result = evaluate([say('anger', 'anger'), { truth: 'anger', scores: undefined }], ['anger', 'neutral'])
    expect(result).toMatchObject({ unanswered: 1, accuracy: 0.5, unweightedAverageRecall: 0.5, confusionMatrix: [[1]] })
  })

  it('reports the accuracy without training duplicates', () => {
    const result = evaluate(
      [say('anger', 'anger', { alsoInTrain: true }), say('neutral', 'anger'), say('anger', 'anger')],
      ['anger', 'neutral'],
    )
    expect(result.withoutTrainingDuplicates).toEqual({ evaluated: 2, accuracy: 0.5 })
    expect(evaluate([say('anger', 'anger')], ['anger'])).not.toHaveProperty('withoutTrainingDuplicates')
  })
})
