import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Emotion } from '@emo/datasets'
import { tf } from '@emo/runtime'
import { fineTune, SpeechEmotionModel, type FineTuneProgress, type SpeechExample } from '../index.ts'
import { noise, readClip, vowel } from './audio.ts'

let model: SpeechEmotionModel
let examples: SpeechExample[]
beforeAll(async () => {
  model = await SpeechEmotionModel.load()
  // Labels that no model would give by itself: two made voices and a real one.
  const made = (pitch: number, formants: [number, number], emotion: Emotion): SpeechExample => ({
    samples: vowel(1.2, 16000, pitch, formants),
    sampleRate: 16000,
    emotion,
  })
  examples = [
    made(100, [500, 1000], 'surprise'),
    made(110, [500, 1100], 'surprise'),
    made(240, [800, 2400], 'sadness'),
    made(250, [800, 2300], 'sadness'),
    { ...(await readClip('1001_IOM_NEU_XX.wav')), emotion: 'disgust' },
  ]
})
afterAll(() => model.dispose())

const right = (tuned: SpeechEmotionModel) => examples.filter((example) => tuned.predict(example).emotion === example.emotion).length

test.each(['head', 'all'] as const)('learns its examples (%s), leaves the given model alone, and no tensors behind', async (layers) => {
  const before = { answers: model.predictBatch(examples), right: right(model), tensors: tf.memory().numTensors }
  const progress: FineTuneProgress[] = []
  const tuned = await fineTune(model, examples, {
    layers,
    anchor: 0,
    ...(layers === 'all' ? { epochs: 25, learningRate: 0.005 } : { epochs: 120 }),
    onProgress: (step) => progress.push(step),
  })
  expect(right(tuned)).toBe(examples.length)
  expect(before.right).toBeLessThan(examples.length)
  expect(progress).toHaveLength(layers === 'all' ? 25 : 120)
  expect(progress.at(-1)!.loss).toBeLessThan(progress[0].loss)
  expect(progress.at(-1)).toMatchObject({ epoch: progress.length, epochs: progress.length })
  expect(model.predictBatch(examples)).toEqual(before.answers)
  tuned.dispose()
  expect(tf.memory().numTensors).toBe(before.tensors)
})

test('what was saved answers as what was tuned', async () => {
  const tuned = await fineTune(model, examples, { epochs: 20 })
  const saved = await tuned.save()
  const loaded = await SpeechEmotionModel.load({
    weights: { modelJson: JSON.parse(JSON.stringify(saved.modelJson)) as object, weights: saved.weights },
  })
  expect(loaded.predictBatch(examples)).toEqual(tuned.predictBatch(examples))
  const damaged = saved.weights.slice()
  damaged[77] ^= 4
  await expect(SpeechEmotionModel.load({ weights: { modelJson: saved.modelJson, weights: damaged } })).rejects.toMatchObject({
    code: 'WEIGHTS_DAMAGED',
  })
  tuned.dispose()
  loaded.dispose()
})

test('the same seed gives the same model', async () => {
  const [a, b] = [await fineTune(model, examples, { epochs: 3 }), await fineTune(model, examples, { epochs: 3 })]
  expect(a.predictBatch(examples)).toEqual(b.predictBatch(examples))
  a.dispose()
  b.dispose()
})

test.each<[string, () => Promise<unknown>, string]>([
  ['no examples', () => fineTune(model, []), 'EXAMPLES_EMPTY'],
  ['examples left out', () => fineTune(model, undefined as never), 'EXAMPLES_EMPTY'],
  ['an unknown emotion', () => fineTune(model, [{ ...examples[0], emotion: 'boredom' as never }]), 'EMOTION_UNKNOWN'],
  [
    'an example without speech',
    () => fineTune(model, [{ samples: noise(1, 16000, 0.2), sampleRate: 16000, emotion: 'calm' }]),
    'EXAMPLE_WITHOUT_SPEECH',
  ],
  ['bad audio', () => fineTune(model, [{ samples: new Float32Array(10), sampleRate: 16000, emotion: 'calm' }]), 'AUDIO_TOO_SHORT'],
  ['an example left out', () => fineTune(model, [undefined as never]), 'AUDIO_INVALID'],
  ['a model left out', () => fineTune(undefined as never, examples), 'MODEL_EXPECTED'],
  ['no model', () => fineTune({} as never, examples), 'MODEL_EXPECTED'],
  ['null for the options', () => fineTune(model, examples, null as never), 'OPTIONS_NOT_OBJECT'],
  ['an endless pull back', () => fineTune(model, examples, { anchor: Infinity }), 'OPTION_INVALID'],
  ['a bad option', () => fineTune(model, examples, { epochs: 0 }), 'OPTION_INVALID'],
  ['unknown layers', () => fineTune(model, examples, { layers: 'body' as never }), 'OPTION_INVALID'],
  ['an aborted signal', () => fineTune(model, examples, { signal: AbortSignal.abort() }), 'FINE_TUNE_ABORTED'],
])('%s: refused with a code, nothing left behind', async (_name, call, code) => {
  const before = tf.memory().numTensors
  await expect(call()).rejects.toMatchObject({ code })
  expect(tf.memory().numTensors).toBe(before)
})

test('gives way to other work while it prepares, and can be stopped there', async () => {
  const before = tf.memory().numTensors
  const controller = new AbortController()
  let epochs = 0
  setTimeout(() => controller.abort(), 0)
  const many = Array.from({ length: 20 }, () => examples).flat()
  const tuning = fineTune(model, many, { epochs: 1, signal: controller.signal, onProgress: () => epochs++ })
  await expect(tuning).rejects.toMatchObject({ code: 'FINE_TUNE_ABORTED' })
  expect(epochs).toBe(0)
  expect(tf.memory().numTensors).toBe(before)
})

test('a disposed model says so', async () => {
  const other = await SpeechEmotionModel.load()
  other.dispose()
  await expect(fineTune(other, examples)).rejects.toMatchObject({ code: 'MODEL_DISPOSED' })
})
