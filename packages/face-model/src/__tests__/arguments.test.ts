import { startBackend, tf } from '@emo/runtime'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildFaceModel, type FaceModelBlock } from '../buildFaceModel.ts'
import { buildPaperCnn } from '../buildPaperCnn.ts'
import { FaceEmotionModel, type FaceModelLoadOptions } from '../faceEmotionModel.ts'
import { FaceTracker } from '../faceTracker.ts'
import { fineTune, type FaceExample } from '../fineTune.ts'
import { motionFeatures } from '../motionFeatures.ts'
import { opticalFlow, type Point } from '../opticalFlow.ts'
import { connectFaceWorker, type FaceWorker } from '../worker/connectFaceWorker.ts'

// What callers without types give: each gets a code and a sentence, never a TypeError from inside.

const picture = { data: new Uint8Array(48 * 48).map((_, index) => index * 7), width: 48, height: 48 }
const examples: readonly FaceExample[] = [{ image: picture, emotion: 'anger' }]

beforeAll(startBackend)

describe('load', () => {
  it.each([['paper'], [null], [5]])('options %j', async (options) => {
    await expect(FaceEmotionModel.load(options as never)).rejects.toMatchObject({ code: 'OPTIONS_NOT_OBJECT' })
  })

  it.each([[null], [true], ['tiny'], [{ detect: 5 }]])('detector %j', async (detector) => {
    await expect(FaceEmotionModel.load({ detector: detector as never })).rejects.toMatchObject({ code: 'DETECTOR_INVALID' })
  })

  it('paths instead of URLs', async () => {
    const weights = { modelJson: 'saved/model.json', weights: 'saved/weights.bin' } as never
    await expect(FaceEmotionModel.load({ weights })).rejects.toMatchObject({ code: 'MODEL_SOURCE_INVALID' })
  })

  it('mirrored that is neither true nor false', async () => {
    await expect(FaceEmotionModel.load({ mirrored: 1 as never })).rejects.toMatchObject({ code: 'OPTION_RANGE' })
  })

  it.each([
    ['the detector is refused', { detector: { minFaceSize: 0 } }, 'OPTION_RANGE'],
    ['the weights are refused', { weights: { modelJson: {}, weights: new Uint8Array(4) } }, 'MODEL_INVALID'],
  ])('leaves nothing behind when %s', async (_, options, code) => {
    const before = tf.memory().numTensors
    await expect(FaceEmotionModel.load(options as FaceModelLoadOptions)).rejects.toMatchObject({ code })
    // What had not ended by then would have by now.
    const whole = await FaceEmotionModel.load()
    whole.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('leaves nothing behind when the metadata is not a face model', async () => {
    const model = await FaceEmotionModel.load({ detector: false })
    const { modelJson, weights } = await model.save()
    model.dispose()
    const damaged = structuredClone(modelJson) as unknown as { userDefinedMetadata: { face: { temperature: number } } }
    damaged.userDefinedMetadata.face.temperature = 0
    const before = tf.memory().numTensors
    await expect(FaceEmotionModel.load({ weights: { modelJson: damaged, weights } })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('a loaded model', () => {
  let model: FaceEmotionModel
  beforeAll(async () => {
    model = await FaceEmotionModel.load({ detector: false })
  })

  it.each([[null], [picture]])('predictBatch of %j', (images) => {
    expect(() => model.predictBatch(images as never)).toThrow(expect.objectContaining({ code: 'IMAGES_NOT_LIST' }) as Error)
  })

  it.each<[string, unknown, unknown, unknown, string]>([
    ['no model', null, examples, {}, 'MODEL_EXPECTED'],
    ['no examples', undefined, null, {}, 'EXAMPLES_EMPTY'],
    ['an example that is none', undefined, [undefined], {}, 'IMAGE_UNSUPPORTED'],
    ['no options', undefined, examples, null, 'OPTIONS_NOT_OBJECT'],
    ['an infinite anchor', undefined, examples, { anchor: Infinity, epochs: 1 }, 'OPTION_RANGE'],
  ])('fineTune with %s', async (_, given, list, options, code) => {
    const before = tf.memory().numTensors
    const start = given === undefined ? model : given
    await expect(fineTune(start as FaceEmotionModel, list as readonly FaceExample[], options as object)).rejects.toMatchObject({ code })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('fineTune of one that was disposed of', async () => {
    const disposed = await model.copy()
    disposed.dispose()
    await expect(fineTune(disposed, examples, { epochs: 1 })).rejects.toMatchObject({ code: 'MODEL_DISPOSED' })
  })

  it('FaceTracker', () => {
    expect(() => new FaceTracker(null as never)).toThrow(expect.objectContaining({ code: 'MODEL_EXPECTED' }) as Error)
    expect(() => new FaceTracker(model, null as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }) as Error)
  })
})

describe('motion', () => {
  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'POINTS_NOT_LIST'],
    ['a point', { x: 1, y: 1 }, 'POINTS_NOT_LIST'],
    ['null among them', [null], 'POINT_NOT_FINITE'],
  ])('points: %s', (_, points, code) => {
    expect(() => opticalFlow(picture, picture, points as readonly Point[])).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('options and frames', () => {
    expect(() => opticalFlow(picture, picture, [], null as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }) as Error)
    for (const points of ['abcd', { length: 4 }, null]) {
      expect(() => motionFeatures([picture, picture], { points: points as never })).toThrow(
        expect.objectContaining({ code: 'POINTS_NOT_LIST' }) as Error,
      )
    }
    for (const options of [{ gridSize: 100_000 }, { bins: 1e9 }, { windowSize: 99_999 }]) {
      expect(() => motionFeatures([picture, picture], options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }) as Error)
    }
    expect(() => motionFeatures(null as never)).toThrow(expect.objectContaining({ code: 'FRAMES_NOT_LIST' }) as Error)
    expect(() => motionFeatures([picture, picture], null as never)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }) as Error,
    )
  })
})

describe('definitions', () => {
  it('options', () => {
    expect(() => buildFaceModel(null as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }) as Error)
    expect(() => buildPaperCnn(null as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }) as Error)
  })

  it('a stride that no block has', () => {
    const blocks = [{ filters: 8, stride: 3 }] as unknown as readonly FaceModelBlock[]
    expect(() => buildFaceModel({ blocks })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }) as Error)
  })
})

it('what is no worker', async () => {
  await expect(connectFaceWorker({} as FaceWorker)).rejects.toMatchObject({ code: 'WORKER_EXPECTED' })
  await expect(connectFaceWorker({} as FaceWorker, null as never)).rejects.toMatchObject({ code: 'OPTIONS_NOT_OBJECT' })
})
