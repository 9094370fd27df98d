import type uPlot from 'uplot'
import { expect, it } from 'vitest'
import type { EmotionAnswer } from '../../../../src/prediction.ts'
import { laneData, laneHeight, laneOptions, type LaneContent, type TimeAxis } from '../laneChart.ts'

const answer = (emotion: EmotionAnswer['emotion'], confidence: number): EmotionAnswer => ({ emotion, confidence, scores: {} })
const colors = { emotion: (emotion: string) => emotion, line: 'line', text: 'text', fonts: 'serif' }

it('stands each answer as high as it is sure, so that it can be seen, and leaves gaps', () => {
  const moments = [
    { time: 1, answer: answer('anger', 0.5) },
    { time: 2, answer: undefined },
    { time: 3, answer: answer('fear', 0) },
  ]
  expect(laneData(moments)).toEqual([
    [1, 2, 3],
    [0.5, null, 0.15],
  ])
})

it('shows the range and the names of times that hold now, not when it was made', () => {
  let content: LaneContent = { moments: [], from: 0, to: 60 }
  const axis: TimeAxis = { times: (from, to) => [from, to], name: (time, to) => `${to - time} ago` }
  const { scales, axes, height, padding } = laneOptions(300, colors, () => content, axis, true)
  content = { moments: [], from: 10, to: 70 }
  const chart = undefined as unknown as uPlot
  expect((scales!.x.range as unknown as () => number[])()).toEqual([10, 70])
  expect((axes![0].splits as unknown as () => number[])()).toEqual([10, 70])
  expect((axes![0].values as unknown as (chart: uPlot, times: number[]) => string[])(chart, [10, 70])).toEqual(['60 ago', '0 ago'])
  // Half a name stands out at each end.
  expect(padding).toEqual([0, 18, 0, 18])
  expect(height).toBe(laneHeight(axis))
  expect(height).toBeGreaterThan(laneHeight(undefined))
})

it('fills its place where no moment is read', () => {
  const { padding, cursor, axes } = laneOptions(300, colors, () => ({ moments: [], from: 0, to: 1 }), undefined, false)
  expect(padding).toEqual([0, 0, 0, 0])
  expect(cursor!.show).toBe(false)
  expect(axes![0].show).toBe(false)
})
