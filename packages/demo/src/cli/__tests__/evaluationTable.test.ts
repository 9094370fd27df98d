import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { evaluateAnswers } from '../../evaluation.ts'
import { evaluationTable } from '../evaluationTable.ts'

const packages = join(import.meta.dirname, '../../../..')

it.each(['speech', 'face'] as const)(
  'names the card of the %s model where it was trained on the corpus, a file that is there',
  (modality) => {
    const evaluation = evaluateAnswers([{ truth: 'anger', scores: { anger: 1 } }], ['anger'], ['anger'])
    const table = evaluationTable({
      ...{ dataset: 'ravdess', data: '.', split: 'all', modality, samples: 1, failed: [], seconds: 1, millisecondsPerSample: 1 },
      ...evaluation,
      trainedOn: true,
    })
    const [, card, name] = /see (\S+) of @emo\/(\S+)\./.exec(table)!
    expect(name).toBe(`${modality}-model`)
    expect(existsSync(join(packages, name, card))).toBe(true)
  },
)
