import { describe, expect, it } from 'vitest'
import { faceEmotions, type FaceEmotion } from '../faceEmotions.ts'
import type { DetectedEmotion } from '../facePrediction.ts'
import { FaceTracker } from '../faceTracker.ts'

const frame = { data: new Uint8Array(1), width: 1, height: 1 }

function face(x: number, emotion: FaceEmotion, confidence = 0.9): DetectedEmotion {
  const rest = (1 - confidence) / (faceEmotions.length - 1)
  const scores = Object.fromEntries(faceEmotions.map((name) => [name, name === emotion ? confidence : rest])) as Record<FaceEmotion, number>
  return { box: { x, y: 10, width: 50, height: 50 }, faceScore: 0.9, emotion, confidence, scores, uncertain: false }
}

/** A tracker over frames whose faces are known. */
function tracker(frames: DetectedEmotion[][], options = {}) {
  let next = 0
  return new FaceTracker({ detect: () => frames[next++], uncertainBelow: 0.5 }, options)
}

describe('FaceTracker', () => {
  it('keeps the number of a person who moves, and gives new persons new ones', () => {
    const follow = tracker([[face(0, 'anger')], [face(10, 'anger'), face(200, 'fear')], [face(205, 'fear'), face(20, 'anger')]])
    expect(follow.update(frame, 0).map(({ id }) => id)).toEqual([1])
    expect(follow.update(frame, 0.1).map(({ id }) => id)).toEqual([1, 2])
    const last = follow.update(frame, 0.2)
    expect(last.map(({ id }) => id)).toEqual([2, 1])
    expect(last[1].age).toBeCloseTo(0.2)
  })

  it('averages over time: one odd frame does not change the emotion, a lasting one does', () => {
    const frames = [
      ...Array.from({ length: 10 }, () => [face(0, 'happiness')]),
      [face(0, 'fear')],
      ...Array.from({ length: 20 }, () => [face(0, 'fear')]),
    ]
    const follow = tracker(frames)
    const emotions = frames.map((_, index) => follow.update(frame, index / 20)[0].emotion)
    expect(emotions[10]).toBe('happiness')
    expect(emotions.at(-1)).toBe('fear')
  })

  it('keeps scores that add up to one, and flags what the average is not sure of', () => {
    const follow = tracker([[face(0, 'anger')], [face(0, 'neutral')]])
    follow.update(frame, 0)
    const [mixed] = follow.update(frame, 0.35)
    expect(Object.values(mixed.scores).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6)
    expect(mixed.confidence).toBeLessThan(0.6)
    expect(mixed.uncertain).toBe(mixed.confidence < 0.5)
  })

  it('is unsure of what is no number', () => {
    expect(tracker([[face(0, 'anger', Number.NaN)]]).update(frame, 0)[0].uncertain).toBe(true)
  })

  it('does not average when smoothing is off', () => {
    const follow = tracker([[face(0, 'anger')], [face(0, 'neutral')]], { smoothingSeconds: 0 })
    follow.update(frame, 0)
    expect(follow.update(frame, 0.01)[0]).toMatchObject({ emotion: 'neutral', confidence: 0.9, id: 1 })
  })

  it('bridges a short gap and forgets after a long one', () => {
    const follow = tracker([[face(0, 'anger')], [], [face(0, 'anger')], [], [face(0, 'anger')]])
    follow.update(frame, 0)
    expect(follow.update(frame, 0.1)).toEqual([])
    expect(follow.update(frame, 0.4)[0].id).toBe(1)
    follow.update(frame, 1)
    expect(follow.update(frame, 1.1)[0].id).toBe(2)
  })

  it('refuses frames out of order, until it is reset', () => {
    const follow = tracker([[face(0, 'anger')], [face(0, 'anger')]])
    follow.update(frame, 5)
    expect(() => follow.update(frame, 4)).toThrow(expect.objectContaining({ code: 'TIME_ORDER' }))
    expect(() => follow.update(frame, Number.NaN)).toThrow(expect.objectContaining({ code: 'TIME_ORDER' }))
    follow.reset()
    expect(follow.update(frame, 0)[0].id).toBe(2)
  })

  it('searches the whole picture now and then, and near the known faces in between', () => {
    const hints: unknown[] = []
    const follow = new FaceTracker({
      detect: (_, hint) => {
        hints.push(hint)
        return [face(0, 'anger')]
      },
      uncertainBelow: 0.5,
    })
    for (const time of [0, 0.2, 0.4, 0.6]) follow.update(frame, time)
    const near = { near: [face(0, 'anger').box] }
    expect(hints).toEqual([undefined, near, near, undefined])
  })

  it.each([{ smoothingSeconds: -1 }, { minOverlap: 2 }, { maxGapSeconds: Number.NaN }])('refuses %o', (options) => {
    expect(() => tracker([], options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
  })
})
