import { expect, it } from 'vitest'
import { answerAt, everyQuarterSecond } from '../quarterSeconds.ts'

const answer = (emotion: 'anger' | 'fear') => ({ emotion, confidence: 1, scores: { [emotion]: 1 } })
const shown = (moments: Parameters<typeof everyQuarterSecond>[0], from: number, to: number) =>
  everyQuarterSecond(moments, from, to)
    .map((slot) => slot.answer?.emotion[0] ?? '-')
    .join('')

it('puts uneven moments on an even grid', () => {
  const slots = everyQuarterSecond([{ time: 0.3, answer: answer('anger') }], 0, 1)
  expect(slots.map(({ time }) => time)).toEqual([0.125, 0.375, 0.625, 0.875])
  expect(
    shown(
      [
        { time: 0.1, answer: answer('anger') },
        { time: 0.11, answer: answer('fear') },
        { time: 0.4, answer: answer('anger') },
        { time: 0.6, answer: undefined },
      ],
      0,
      1,
    ),
  ).toBe('faa-')
})

it('holds an answer over a slow pace, not over a gap', () => {
  expect(
    shown(
      [
        { time: 0, answer: answer('anger') },
        { time: 0.6, answer: answer('fear') },
        { time: 1, answer: undefined },
      ],
      0,
      2,
    ),
  ).toBe('aaff----')
  expect(
    shown(
      [
        { time: 0, answer: answer('anger') },
        { time: 3, answer: answer('anger') },
      ],
      0,
      4,
    ),
  ).toBe('aaa---------aaa-')
})

it('leaves out what is older than the lane', () => {
  expect(shown([{ time: 1, answer: answer('fear') }], 10, 11)).toBe('----')
  expect(everyQuarterSecond([], 0, 1)).toHaveLength(4)
})

it('reads a moment off the grid', () => {
  const slots = everyQuarterSecond(
    [
      { time: 0.3, answer: answer('anger') },
      { time: 0.6, answer: undefined },
      { time: 0.8, answer: answer('fear') },
    ],
    0,
    1,
  )
  const read = [-1, 0.1, 0.3, 0.6, 0.8, 1].map((time) => answerAt(slots, time)?.emotion)
  expect(read).toEqual([undefined, undefined, 'anger', 'anger', 'fear', 'fear'])
  expect(answerAt([], 0)).toBeUndefined()
})
