import { beforeAll, expect, test } from 'vitest'
import { EMOTIONS } from '@emo/datasets'
import { startBackend, tf } from '@emo/runtime'
import { buildPaperLstm, buildSpeechModel } from '../index.ts'
import { cloneNetwork } from '../definitions/cloneNetwork.ts'
import { logitsModel } from '../definitions/logitsModel.ts'
import { memberLogits } from '../definitions/memberLogits.ts'

beforeAll(startBackend)

const layersOf = (model: tf.LayersModel) => model.layers.map((layer) => layer.getClassName())

test('the published network: LSTM 128, dense 64, 32, 8, a dropout after each of the first three', () => {
  const model = buildPaperLstm({ features: 42 })
  expect(layersOf(model)).toEqual([
    'InputLayer',
    'Masking',
    'FusedLSTM',
    'Dropout',
    'Dense',
    'Dropout',
    'Dense',
    'Dropout',
    'Dense',
    'Activation',
  ])
  const lstm = 4 * 128 * (42 + 128 + 1)
  expect(model.countParams()).toBe(lstm + (128 + 1) * 64 + (64 + 1) * 32 + (32 + 1) * 8)
  expect(model.outputs[0].shape).toEqual([null, 8])
  expect(model.inputs[0].shape).toEqual([null, null, 42])
  model.dispose()
})

test.each([
  ['no options', {}],
  ['no features', { features: 0 }],
  ['dropout of all', { features: 5, dropout: 1 }],
  ['half a class', { features: 5, classes: 1.5 }],
  ['no frames', { features: 5, frames: 0 }],
  ['frames below 0', { features: 5, frames: -1 }],
  ['half a frame', { features: 5, frames: 2.5 }],
])('%s: refused with a code', (_, options) => {
  for (const build of [buildPaperLstm, buildSpeechModel])
    expect(() => build(options as never)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
})

test.each([[undefined], [null], [42]])('%s for the options: refused with a code', (options) => {
  for (const build of [buildPaperLstm, buildSpeechModel])
    expect(() => build(options as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }))
})

test('options of the published network', () => {
  const model = buildPaperLstm({ features: 5, frames: 20, dropout: 0.1, classes: 6 })
  expect(model.inputs[0].shape).toEqual([null, 20, 5])
  expect(model.outputs[0].shape).toEqual([null, 6])
  expect(model.getLayer('lstm_dropout').getConfig()).toMatchObject({ rate: 0.1 })
  model.dispose()
})

test('the better model keeps to its budget of 200,000 parameters', () => {
  const model = buildSpeechModel({ features: 60 })
  const residual = 4 * 60 * (60 + 60 + 1) + 4 * 60
  const context = 2 * 4 * 64 * (60 + 64 + 1)
  expect(model.countParams()).toBe(residual + context + 128 + 4 * 128 + (128 + 1) * 8)
  expect(model.countParams()).toBeLessThan(200_000)
  model.dispose()
})

test.each([
  ['paper', () => buildPaperLstm({ features: 6 })],
  ['speech', () => buildSpeechModel({ features: 6, units: 8 })],
  ['speech, three members', () => buildSpeechModel({ features: 6, units: 8, members: 3 })],
  [
    'speech, one direction, attention with a hidden layer',
    () => buildSpeechModel({ features: 6, units: 8, bidirectional: false, attentionUnits: 5, heads: 3 }),
  ],
])('%s: probabilities, padding changes nothing, survives saving', async (_name, build) => {
  const model = build()
  const frames = 11
  const clip = tf.randomNormal([1, frames, 6], 0, 1, 'float32', 7)
  const padded = tf.concat([clip, tf.zeros([1, 5, 6])], 1)
  const scores = (model.predict(clip) as tf.Tensor).dataSync()
  expect(scores).toHaveLength(EMOTIONS.length)
  expect(Array.from(scores).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
  const withPadding = (model.predict(padded) as tf.Tensor).dataSync()
  withPadding.forEach((value, i) => expect(value).toBeCloseTo(scores[i], 5))
  const copy = await cloneNetwork(model)
  expect(Array.from((copy.predict(clip) as tf.Tensor).dataSync())).toEqual(Array.from(scores))
  copy.dispose()
  model.dispose()
})

test('normalisation ignores padded frames in training, too', () => {
  const model = buildSpeechModel({ features: 4, units: 4, dropout: 0 })
  const clip = tf.randomNormal([2, 9, 4], 1, 2, 'float32', 3)
  const apply = (x: tf.Tensor) => (model.apply(x, { training: true }) as tf.Tensor).dataSync()
  const plain = apply(clip)
  const padded = apply(tf.concat([clip, tf.zeros([2, 6, 4])], 1))
  padded.forEach((value, i) => expect(value).toBeCloseTo(plain[i], 4))
  model.dispose()
})

test.each([1, 2, 3])('%i members: the logits are the mean of theirs, and they differ', (members) => {
  const model = buildSpeechModel({ features: 5, units: 4, dropout: 0, members })
  const clip = tf.randomNormal<tf.Rank.R3>([6, 9, 5], 0, 1, 'float32', 11)
  const each = memberLogits(model, members)(clip)
  const mean = tf.div(tf.addN(each), members).dataSync()
  // In training mode, as the members are.
  const logits = (logitsModel(model).apply(clip, { training: true }) as tf.Tensor).dataSync()
  expect(each.map(({ shape }) => shape)).toEqual(Array.from({ length: members }, () => [6, 8]))
  logits.forEach((value, i) => expect(value).toBeCloseTo(mean[i], 4))
  if (members > 1) expect(tf.max(tf.abs(tf.sub(each[0], each[1]))).dataSync()[0]).toBeGreaterThan(0.01)
  model.dispose()
})

test('every member of the shipped size keeps within the budget of 200,000 parameters', () => {
  const model = buildSpeechModel({ features: 46, members: 2 })
  const one = buildSpeechModel({ features: 46 })
  // One bias for all.
  expect(model.countParams()).toBe(2 * one.countParams() - EMOTIONS.length)
  expect(model.countParams()).toBeLessThan(200_000)
  for (const network of [model, one]) network.dispose()
})
