import { expect, it } from 'vitest'
import type { EmotionAnswer } from '../../../../src/prediction.ts'
import { drawLane } from '../drawLane.ts'

const answer = (emotion: EmotionAnswer['emotion'], confidence: number): EmotionAnswer => ({ emotion, confidence, scores: {} })

/** What is drawn on a canvas of 100 by 40 pixels. */
function drawn(moments: Parameters<typeof drawLane>[1], from: number, to: number) {
  const columns: unknown[] = []
  const context = {
    canvas: { width: 100, height: 40 } as HTMLCanvasElement,
    fillStyle: '',
    clearRect: () => (columns.length = 0),
    fillRect: (...place: number[]) => void columns.push([context.fillStyle, ...place]),
  }
  drawLane(context, moments, from, to, (emotion) => emotion)
  return columns
}

it('draws a column for each answer, as high as it is sure, without a seam', () => {
  const moments = [
    { time: 10.5, answer: answer('anger', 0.5) },
    { time: 11.5, answer: answer('anger', 1) },
    { time: 12.5, answer: undefined },
    { time: 19.5, answer: answer('fear', 0) },
  ]
  expect(drawn(moments, 10, 20)).toEqual([
    ['anger', 0, 20, 10, 20],
    ['anger', 10, 0, 10, 40],
    ['fear', 90, 34, 10, 6],
  ])
})

it('fills the lane with a single answer', () => {
  expect(drawn([{ time: 1, answer: answer('calm', 0.75) }], 0, 2)).toEqual([['calm', 0, 10, 100, 30]])
})
