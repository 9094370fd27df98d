import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SpeechEmotionModel } from '../index.ts'
import { bundledWeights } from '../weightFiles.ts'
import { cardMarkdown } from '../../training/cardText.ts'

const names = ['default', 'paper'] as const
const fileOf = (name: string, file: string) => new URL(`../../weights/${name}/${file}`, import.meta.url)
const readJson = (name: string, file: string) => JSON.parse(readFileSync(fileOf(name, file), 'utf8')) as Record<string, unknown>

describe.each(names)('weights %s', (name) => {
  test('are the file that model.json was written with, float16, at most 500 kB', () => {
    const bytes = readFileSync(fileOf(name, 'weights.bin'))
    const json = readJson(name, 'model.json') as {
      userDefinedMetadata: { weights: { sha256: string; bytes: number } }
      weightsManifest: { weights: { quantization?: { dtype: string } }[] }[]
    }
    expect(json.userDefinedMetadata.weights).toEqual({ sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length })
    expect(bytes.length).toBeLessThanOrEqual(500_000)
    for (const { quantization } of json.weightsManifest.flatMap((group) => group.weights)) expect(quantization?.dtype).toBe('float16')
    expect(statSync(fileOf(name, 'weights.bin')).size).toBe(bytes.length)
  })

  test('carry their card, and card.json and MODEL_CARD.md say the same', async () => {
    const model = await SpeechEmotionModel.load({ weights: name })
    const { card } = model
    model.dispose()
    expect(card).toEqual(readJson(name, 'card.json'))
    expect(readFileSync(fileOf(name, 'MODEL_CARD.md'), 'utf8')).toBe(cardMarkdown(name, card))
    expect(card.parameters).toBeLessThanOrEqual(200_000)
    const { ravdess, randomSplit, savee } = card.evaluation
    if (name === 'paper') expect(randomSplit?.accuracy.mean).toBeGreaterThan(0.5)
    if (!ravdess || !savee) throw new Error('the card lacks its figures')
    expect(ravdess.folds).toHaveLength(5)
    expect(ravdess.uar.mean).toBeCloseTo(ravdess.folds.reduce((sum, value) => sum + value, 0) / 5, 6)
    expect(ravdess.classes.reduce((sum, row) => sum + row.support, 0)).toBe(1440 * ravdess.uar.runs)
    expect(savee.clips).toBe(480)
  })

  test('one changed byte is refused', async () => {
    const { modelJson } = bundledWeights(name)
    const weights = new Uint8Array(readFileSync(fileOf(name, 'weights.bin')))
    weights[1000] ^= 1
    await expect(SpeechEmotionModel.load({ weights: { modelJson, weights } })).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' })
  })

  test('a truncated file is refused', async () => {
    const { modelJson } = bundledWeights(name)
    const weights = new Uint8Array(readFileSync(fileOf(name, 'weights.bin')).subarray(0, 5000))
    await expect(SpeechEmotionModel.load({ weights: { modelJson, weights } })).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' })
  })
})

test('an unknown name and a model of something else are refused', async () => {
  await expect(SpeechEmotionModel.load({ weights: 'best' as never })).rejects.toMatchObject({ code: 'WEIGHTS_UNKNOWN' })
  const { weights } = bundledWeights('default')
  const json = readJson('default', 'model.json') as { userDefinedMetadata: Record<string, unknown> }
  const foreign = { ...json, userDefinedMetadata: { weights: json.userDefinedMetadata.weights } }
  await expect(SpeechEmotionModel.load({ weights: { modelJson: foreign, weights } })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
})

test('loading reports its progress', async () => {
  const seen: [number, number | undefined][] = []
  const model = await SpeechEmotionModel.load({ onProgress: (loaded, total) => seen.push([loaded, total]) })
  model.dispose()
  const size = statSync(fileOf('default', 'weights.bin')).size
  expect(seen.at(-1)).toEqual([size, size])
})
