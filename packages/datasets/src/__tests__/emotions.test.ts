import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CORPUS_EMOTIONS, EMOTIONS, fromPaperLabel, isCorpusEmotion, isEmotion, toPaperLabel, type CorpusEmotion } from '../index.ts'

describe('numeric labels', () => {
  it('number the eight emotions 1 to 8 in the published order', () => {
    expect(EMOTIONS.map((emotion) => [toPaperLabel(emotion), emotion])).toEqual([
      [1, 'anger'],
      [2, 'sadness'],
      [3, 'fear'],
      [4, 'disgust'],
      [5, 'calm'],
      [6, 'happiness'],
      [7, 'neutral'],
      [8, 'surprise'],
    ])
    for (const emotion of EMOTIONS) expect(fromPaperLabel(toPaperLabel(emotion))).toBe(emotion)
  })

  it('have no counterpart for contempt and boredom', () => {
    expect(toPaperLabel('contempt')).toBeUndefined()
    expect(toPaperLabel('boredom')).toBeUndefined()
    expect(CORPUS_EMOTIONS.filter((emotion) => !isEmotion(emotion))).toEqual(['contempt', 'boredom'])
  })

  it('are refused outside 1 to 8', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer()), (label) => {
        fc.pre(!(Number.isInteger(label) && label >= 1 && label <= 8))
        expect(() => fromPaperLabel(label)).toThrow(expect.objectContaining({ code: 'PAPER_LABEL_RANGE' }))
      }),
    )
  })

  it('are refused for what is no emotion', () => {
    for (const value of ['joy', 'Anger', '', 'toString', undefined, 3]) {
      expect(isCorpusEmotion(value)).toBe(false)
      expect(() => toPaperLabel(value as CorpusEmotion)).toThrow(expect.objectContaining({ code: 'EMOTION_UNKNOWN' }))
    }
  })
})
