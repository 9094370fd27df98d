import { expect, test } from 'vitest'
import { scheduleFactor, type Schedule } from '../schedule.ts'

const at = (schedule: Schedule | undefined, total: number, ...steps: number[]) => steps.map((step) => scheduleFactor(schedule, step, total))

test('without a schedule the rate is constant', () => {
  expect(at(undefined, 10, 0, 9)).toEqual([1, 1])
})

test('warm-up rises in equal steps to the full rate', () => {
  expect(at({ type: 'constant', warmupSteps: 4 }, 10, 0, 1, 2, 3, 4, 9)).toEqual([0.25, 0.5, 0.75, 1, 1, 1])
})

test('cosine falls from 1, through the middle, to the final fraction', () => {
  const [first, middle, end] = at({ type: 'cosine', finalFraction: 0.2 }, 100, 0, 50, 100)
  expect(first).toBe(1)
  expect(middle).toBeCloseTo(0.6, 12)
  expect(end).toBeCloseTo(0.2, 12)
  expect(at({ type: 'cosine', warmupSteps: 20 }, 100, 20, 60)).toEqual([1, expect.closeTo(0.5, 12)])
})

test("oneCycle goes through PyTorch's three points", () => {
  // OneCycleLR(max_lr=1, total_steps=100): 0.04 at step 0, 1 at step 29, 4e-6 at step 99.
  const [first, peak, last] = at({ type: 'oneCycle' }, 100, 0, 29, 99)
  expect(first).toBeCloseTo(1 / 25, 12)
  expect(peak).toBeCloseTo(1, 12)
  expect(last).toBeCloseTo(1 / 25 / 1e4, 12)
})
