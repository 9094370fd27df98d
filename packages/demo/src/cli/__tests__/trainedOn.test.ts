import type { Sample, SplitName } from '@emo/datasets'
import { describe, expect, it } from 'vitest'
import { trainedOn } from '../trainedOn.ts'

const onSide = (officialSplit?: SplitName) => [{ officialSplit }] as unknown as Sample[]

describe('trainedOn', () => {
  it.each([
    [['RAVDESS (speech)', 'EmoDB (without boredom)'], 'ravdess', undefined, true],
    [['RAVDESS (speech)', 'EmoDB (without boredom)'], 'emodb', undefined, true],
    [['RAVDESS (speech)', 'EmoDB (without boredom)'], 'savee', undefined, false],
    [['CREMA-D'], 'crema-d', undefined, true],
    [['FER2013 (Training), with FERPlus votes'], 'fer2013', 'train', true],
    [['FER2013 (Training), with FERPlus votes'], 'ferplus', 'train', true],
    [['FER2013 (Training), with FERPlus votes'], 'fer2013', 'test', false],
    [['FER2013 (Training), with FERPlus votes'], 'ckplus', undefined, false],
  ] as const)('a model of %j, measured on %s, side %s: %s', (named, corpus, side, expected) => {
    expect(trainedOn(named, corpus, onSide(side))).toBe(expected)
  })
})
