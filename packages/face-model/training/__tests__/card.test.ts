import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FaceEmotionModel } from '../../src/faceEmotionModel.ts'
import type { FaceModelLatency } from '../../src/faceModelCard.ts'
import { cardText } from '../describe.ts'
import { readCard, updateCard } from '../modelFolder.ts'

const shipped = (weights: string): string => fileURLToPath(new URL(`../../weights/${weights}`, import.meta.url))

describe.each(['default', 'paper'])('the card of the %s weights', (weights) => {
  // When it fails: npm run -w packages/face-model card
  it('says the same in model.json, card.json and CARD.md', async () => {
    const card = await readCard(shipped(weights))
    expect(JSON.parse(await readFile(join(shipped(weights), 'card.json'), 'utf8'))).toEqual(card)
    expect(await readFile(join(shipped(weights), 'CARD.md'), 'utf8')).toBe(cardText(card))
  })
})

describe('updateCard', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emo-card-'))
    await cp(shipped('default'), folder, { recursive: true })
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('puts a measured latency on the card of a model that still loads', async () => {
    const latency: FaceModelLatency = {
      milliseconds: 1.25,
      batchMilliseconds: 0.75,
      frameMilliseconds: 40,
      peers: [{ name: 'another', milliseconds: 2.5, ratio: 0.5 }],
      runs: 200,
      machine: 'a machine',
      command: 'a command',
    }
    await updateCard(folder, (card) => ({ ...card, evaluation: { ...card.evaluation, latency } }))
    const file = (name: string): URL => pathToFileURL(join(folder, name))
    const model = await FaceEmotionModel.load({ weights: { modelJson: file('model.json'), weights: file('weights.bin') }, detector: false })
    expect(model.card.evaluation.latency).toEqual(latency)
    model.dispose()
    const text = await readFile(join(folder, 'CARD.md'), 'utf8')
    expect(text).toContain('`predict`, one face | **1.25 ms**')
    expect(text).toContain('another, one face | 2.50 ms; this model takes 0.50 of it')
  })
})
