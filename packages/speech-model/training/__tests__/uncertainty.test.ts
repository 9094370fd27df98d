import { describe, expect, test } from 'vitest'
import { createRandom } from '@emo/runtime'
import { answersOf, uncertaintyFigures, uncertaintyThreshold } from '../uncertainty.ts'

describe('the threshold', () => {
  test('lies where right answers start to outweigh wrong ones', () => {
    const random = createRandom(3)
    const confidence = Array.from({ length: 4000 }, () => random.next())
    // Overconfident: right as often as the square of the confidence says, one half at 0.707.
    const right = confidence.map((value) => random.next() < value ** 2)
    expect(uncertaintyThreshold({ confidence, right })).toBeGreaterThan(0.66)
    expect(uncertaintyThreshold({ confidence, right })).toBeLessThan(0.76)
  })

  test('is the lowest confidence when all are right, and 1 when none is', () => {
    expect(uncertaintyThreshold({ confidence: [0.9, 0.2, 0.5], right: [true, true, true] })).toBe(0.2)
    expect(uncertaintyThreshold({ confidence: [0.9, 0.2], right: [false, false] })).toBe(1)
  })

  test('takes equal confidences together', () => {
    expect(uncertaintyThreshold({ confidence: [0.3, 0.3, 0.3, 0.6], right: [true, false, false, true] })).toBe(0.6)
  })
})

test('the figures count each set by its own threshold', () => {
  const answers = { confidence: [0.2, 0.4, 0.8], right: [false, true, true] }
  expect(
    uncertaintyFigures([
      { answers, threshold: 0.5 },
      { answers, threshold: 0.3 },
    ]),
  ).toEqual({
    flagged: 0.5,
    accuracyCertain: 1,
    accuracyFlagged: 1 / 3,
  })
})

test('answers from logits', () => {
  const logits = [5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]
  const { confidence, right } = answersOf(logits, [0, 3], 1)
  expect(right).toEqual([true, false])
  expect(confidence[0]).toBeCloseTo(Math.exp(5) / (Math.exp(5) + 7), 6)
})
