import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  argMax,
  classificationReport,
  confusionMatrix,
  createRandom,
  expectedCalibrationError,
  fitTemperature,
  negativeLogLikelihood,
  softmax,
} from '../index.ts'

describe('softmax', () => {
  test('is exp over its sum, also for logits whose exp overflows', () => {
    expect(Array.from(softmax([0, Math.log(3)]))).toEqual([0.25, 0.75])
    expect(Array.from(softmax([1000, 1000 + Math.log(3)]))[1]).toBeCloseTo(0.75, 6)
    expect(Array.from(softmax([0, Math.log(9)], 2))[1]).toBeCloseTo(0.75, 6)
  })

  test('sums to one and keeps the order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (logits, temperature) => {
          const probabilities = softmax(logits, temperature)
          expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5)
          expect(probabilities[argMax(logits)]).toBe(Math.max(...probabilities))
        },
      ),
    )
  })

  test('refuses a temperature of zero', () => {
    expect(() => softmax([1], 0)).toThrow(expect.objectContaining({ code: 'METRIC_INPUT', name: 'RangeError' }) as Error)
  })
})

test('argMax looks at one row and takes the first of equals', () => {
  expect(argMax([9, 1, 5, 5], 1)).toBe(1)
  expect(argMax([9, 1, 5, 7], 1, 2)).toBe(1)
})

describe('confusionMatrix', () => {
  test('has the truth in rows', () => {
    expect(confusionMatrix([0, 0, 1, 2], [0, 2, 1, 1], 3)).toEqual([
      [1, 0, 1],
      [0, 1, 0],
      [0, 1, 0],
    ])
  })

  test.each([
    [[0], [0, 1]],
    [
      [0, 3],
      [0, 1],
    ],
    [
      [0, 1],
      [0, -1],
    ],
    [
      [0, 1.5],
      [0, 1],
    ],
    [
      [0, NaN],
      [0, 1],
    ],
  ])('refuses %j against %j', (truth, predicted) => {
    expect(() => confusionMatrix(truth, predicted, 3)).toThrow(expect.objectContaining({ code: 'METRIC_INPUT' }) as Error)
  })
})

describe('classificationReport', () => {
  // Truth 0 0 0 1 1 2, predicted 0 0 1 1 2 2 of three classes, and one that never occurs; worked out by hand.
  const report = classificationReport(confusionMatrix([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2], 4), ['a', 'b', 'c', 'd'])

  test('gives precision, recall, F1 and support of each class', () => {
    expect(report.classes).toEqual([
      { name: 'a', precision: 1, recall: 2 / 3, f1: 0.8, support: 3 },
      { name: 'b', precision: 0.5, recall: 0.5, f1: 0.5, support: 2 },
      { name: 'c', precision: 0.5, recall: 1, f1: 2 / 3, support: 1 },
      { name: 'd', precision: 0, recall: 0, f1: 0, support: 0 },
    ])
  })

  test('averages over classes, by support, and over the classes that occur', () => {
    expect(report.accuracy).toBeCloseTo(4 / 6, 12)
    expect(report.support).toBe(6)
    expect(report.macro.precision).toBeCloseTo(0.5, 12)
    expect(report.macro.recall).toBeCloseTo((2 / 3 + 0.5 + 1) / 4, 12)
    expect(report.weighted.f1).toBeCloseTo((3 * 0.8 + 2 * 0.5 + 2 / 3) / 6, 12)
    expect(report.unweightedAverageRecall).toBeCloseTo((2 / 3 + 0.5 + 1) / 3, 12)
  })

  test('weighted recall is the accuracy, whatever the matrix', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { minLength: 1 }), (pairs) => {
        const matrix = confusionMatrix(
          pairs.map(([t]) => t),
          pairs.map(([, p]) => p),
          5,
        )
        const { accuracy, weighted } = classificationReport(matrix, ['a', 'b', 'c', 'd', 'e'])
        expect(weighted.recall).toBeCloseTo(accuracy, 12)
        expect(accuracy).toBeCloseTo(pairs.filter(([t, p]) => t === p).length / pairs.length, 12)
      }),
    )
  })

  test('refuses a matrix that does not fit the names', () => {
    expect(() => classificationReport([[1, 2]], ['a'])).toThrow(expect.objectContaining({ code: 'METRIC_INPUT' }) as Error)
  })
})

describe('expectedCalibrationError', () => {
  test('is the gap between confidence and accuracy', () => {
    // Ten examples said with 0.8, of which seven are right.
    const probabilities = Array.from({ length: 10 }, () => [0.8, 0.2]).flat()
    expect(expectedCalibrationError(probabilities, [0, 0, 0, 0, 0, 0, 0, 1, 1, 1], 2)).toBeCloseTo(0.1, 12)
  })

  test('does not let bins cancel each other', () => {
    const probabilities = [...Array.from({ length: 4 }, () => [0.9, 0.1]), ...Array.from({ length: 4 }, () => [0.6, 0.4])].flat()
    // 0.9 said, 0.75 right; 0.6 said, 0.75 right.
    expect(expectedCalibrationError(probabilities, [0, 0, 0, 1, 0, 0, 0, 1], 2)).toBeCloseTo(0.15, 12)
    expect(expectedCalibrationError(probabilities, [0, 0, 0, 1, 0, 0, 0, 1], 2, 1)).toBeCloseTo(0, 12)
  })

  test('refuses what does not fit', () => {
    for (const [probabilities, truth] of [
      [
        [1, 0],
        [0, 1],
      ],
      [[1, NaN], [0]],
      [[], []],
    ] as const) {
      expect(() => expectedCalibrationError(probabilities, truth, 2)).toThrow(expect.objectContaining({ code: 'METRIC_INPUT' }) as Error)
    }
  })
})

describe('fitTemperature', () => {
  /** Labels drawn from softmax(logits): by construction the best temperature for `logits * factor` is `factor`. */
  function sample(count: number, factor: number): { logits: Float64Array; truth: Int32Array } {
    const random = createRandom(3, 'calibration')
    const logits = new Float64Array(count * 4)
    const truth = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const row = Float64Array.from({ length: 4 }, () => random.normal() * 2)
      let left = random.next()
      truth[i] = softmax(row).findIndex((p) => (left -= p) < 0)
      logits.set(
        row.map((value) => value * factor),
        i * 4,
      )
    }
    return { logits, truth }
  }

  test.each([0.5, 1, 3])('finds the factor %d by which logits were scaled', (factor) => {
    const { logits, truth } = sample(20_000, factor)
    expect(fitTemperature(logits, truth, 4) / factor).toBeCloseTo(1, 1)
  })

  test('is the minimum of the loss, and calibrates', () => {
    const { logits, truth } = sample(5000, 3)
    const temperature = fitTemperature(logits, truth, 4)
    const loss = (t: number) => negativeLogLikelihood(logits, truth, 4, t)
    expect(loss(temperature)).toBeLessThan(Math.min(loss(temperature * 1.01), loss(temperature / 1.01), loss(1)))
    const scaled = (t: number) =>
      Array.from({ length: truth.length }, (_, i) => Array.from(softmax(logits.subarray(i * 4, i * 4 + 4), t))).flat()
    expect(expectedCalibrationError(scaled(temperature), truth, 4)).toBeLessThan(0.03)
    expect(expectedCalibrationError(scaled(1), truth, 4)).toBeGreaterThan(0.1)
  })

  test('ends at a bound where there is no minimum', () => {
    expect(fitTemperature([5, 0, 0, 5], [0, 1], 2)).toBe(0.01)
    expect(fitTemperature([5, 0, 0, 5], [1, 0], 2)).toBe(100)
  })
})

test('negativeLogLikelihood is the mean of -log p', () => {
  expect(negativeLogLikelihood([0, Math.log(3), 0, 0], [1, 0], 2)).toBeCloseTo((-Math.log(0.75) - Math.log(0.5)) / 2, 12)
})
