import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { serializeModel, startBackend, tf, type ModelSource } from '@emo/runtime'
import { buildPaperLstm, SpeechEmotionModel, type SpeechModelMetadata } from '../index.ts'
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

test.each<[string, () => unknown, string, string]>([
  ['a name for the options', () => 'paper', 'OPTIONS_NOT_OBJECT', "{ weights: 'paper' }"],
  ['null for the options', () => null, 'OPTIONS_NOT_OBJECT', 'options is null'],
  ['a path', () => ({ weights: 'saved/model.json' }), 'WEIGHTS_UNKNOWN', 'as URLs'],
  [
    'two paths',
    () => ({ weights: { modelJson: 'saved/model.json', weights: 'saved/weights.bin' } }),
    'MODEL_SOURCE_INVALID',
    'pathToFileURL',
  ],
  ['null', () => ({ weights: null }), 'MODEL_SOURCE_INVALID', 'source is null'],
  ['a number', () => ({ weights: 5 }), 'MODEL_SOURCE_INVALID', 'source is 5'],
  ['no files', () => ({ weights: {} }), 'MODEL_SOURCE_INVALID', 'modelJson is undefined'],
])('load refuses %s', async (_name, options, code, message) => {
  await expect(SpeechEmotionModel.load(options() as never)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(message) as string,
  })
})

describe('a model whose metadata are wrong is refused when it is loaded, and leaves no tensor behind', () => {
  const { weights } = bundledWeights('paper')
  const json = readJson('paper', 'model.json') as { userDefinedMetadata: { speech: SpeechModelMetadata } }
  const { speech } = json.userDefinedMetadata
  const refused = async (source: ModelSource, message: string) => {
    await startBackend()
    const before = tf.memory().numTensors
    await expect(SpeechEmotionModel.load({ weights: source })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(message) as string,
    })
    expect(tf.memory().numTensors).toBe(before)
  }

  test.each<[string, object]>([
    ['classes', { emotions: [...speech.emotions].reverse() }],
    ['classes', { emotions: 'anger' }],
    ['temperature', { temperature: 0 }],
    ['temperature', { temperature: '1' }],
    ['uncertainBelow', { uncertainBelow: null }],
    ['card', { card: undefined }],
    ['statistics', { statistics: undefined }],
    ['statistics', { statistics: {} }],
    ['statistics', { statistics: { ...speech.statistics, mean: ['x', ...speech.statistics.mean.slice(1)] } }],
    ['statistics', { statistics: { ...speech.statistics, deviation: speech.statistics.deviation.map(() => 0) } }],
    ['statistics', { statistics: { ...speech.statistics, mean: speech.statistics.mean.slice(1) } }],
    ['features', { features: undefined }],
    ['features', { features: { ...speech.features, extras: undefined } }],
    ['features', { features: { ...speech.features, extras: ['toString'] } }],
    ['features', { features: { ...speech.features, hopLength: 0 } }],
    ['features', { features: { ...speech.features, nMfcc: -1 } }],
    ['features', { features: { ...speech.features, melBands: 129 } }],
    ['features', { features: { ...speech.features, topDb: '80' } }],
    ['features', { features: { ...speech.features, level: 'loud' } }],
    ['features', { features: { ...speech.features, trim: undefined } }],
    ['features', { features: { ...speech.features, trim: { topDb: 30 } } }],
    ['views', { views: [] }],
  ])('%s: %j', async (part, wrong) => {
    const metadata = { ...json.userDefinedMetadata, speech: { ...speech, ...wrong } }
    // As a file has it: without what is undefined.
    const modelJson = JSON.parse(JSON.stringify({ ...json, userDefinedMetadata: metadata })) as object
    await refused({ modelJson, weights }, part)
  })

  test.each<[string, () => tf.LayersModel]>([
    ['[null,null,15]', () => buildPaperLstm({ features: 15 })],
    ['logits', () => buildPaperLstm({ features: speech.statistics.mean.length, classes: 5 })],
    ['logits', () => tf.sequential({ layers: [tf.layers.dense({ units: 8, inputShape: [20, speech.statistics.mean.length] })] })],
  ])('a network that does not fit them: %s', async (part, build) => {
    await startBackend()
    const network = build()
    const source = await serializeModel(network, { metadata: { speech }, dtype: 'float32' })
    network.dispose()
    await refused(source, part)
  })
})

test('loading reports its progress', async () => {
  const seen: [number, number | undefined][] = []
  const model = await SpeechEmotionModel.load({ onProgress: (loaded, total) => seen.push([loaded, total]) })
  model.dispose()
  const size = statSync(fileOf('default', 'weights.bin')).size
  expect(seen.at(-1)).toEqual([size, size])
})
