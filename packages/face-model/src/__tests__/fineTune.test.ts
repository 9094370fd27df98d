import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tf } from '@emo/runtime'
import { FaceEmotionModel } from '../faceEmotionModel.ts'
import { fineTune, type FaceExample } from '../fineTune.ts'
import type { RawImage } from '../pixels.ts'

let model: FaceEmotionModel

beforeAll(async () => {
  model = await FaceEmotionModel.load({ detector: false })
})

afterAll(() => {
  model.dispose()
})

/** Stripes across or along: two "expressions" that nobody has seen before. */
function stripes(across: boolean, phase: number): RawImage {
  const data = Uint8Array.from({ length: 48 * 48 }, (_, i) => 128 + 100 * Math.sin((across ? i % 48 : i / 48) * 0.8 + phase))
  return { data, width: 48, height: 48 }
}

const examples: FaceExample[] = [0, 1, 2, 3].flatMap((phase) => [
  { image: stripes(true, phase), emotion: 'disgust' },
  { image: stripes(false, phase), emotion: 'surprise' },
])

describe('fineTune', () => {
  it('learns new examples, also of another phase, and leaves the model as it was, and can be saved', async () => {
    const before = model.predict(examples[0].image)
    const losses: number[] = []
    const tuned = await fineTune(model, examples, { epochs: 40, copies: 4, onProgress: ({ loss }) => losses.push(loss) })
    expect(tuned.predict(stripes(true, 0.5)).emotion).toBe('disgust')
    expect(tuned.predict(stripes(false, 0.5)).emotion).toBe('surprise')
    expect(losses).toHaveLength(40)
    expect(losses.at(-1)).toBeLessThan(losses[0])
    expect(model.predict(examples[0].image)).toEqual(before)

    const again = await FaceEmotionModel.load({ weights: await tuned.save(), detector: false })
    expect(again.predict(stripes(true, 0.5))).toEqual(tuned.predict(stripes(true, 0.5)))
    again.dispose()
    tuned.dispose()
  })

  it('gives the same model for the same seed, and leaves no tensors behind', async () => {
    const tensors = tf.memory().numTensors
    const [a, b] = [await fineTune(model, examples, { epochs: 2, copies: 2 }), await fineTune(model, examples, { epochs: 2, copies: 2 })]
    expect(a.predict(examples[0].image)).toEqual(b.predict(examples[0].image))
    a.dispose()
    b.dispose()
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('stops when asked, without leaving tensors behind', async () => {
    const tensors = tf.memory().numTensors
    const controller = new AbortController()
    const run = fineTune(model, examples, {
      copies: 1,
      signal: controller.signal,
      onProgress: () => {
        controller.abort()
      },
    })
    await expect(run).rejects.toMatchObject({ code: 'FINE_TUNE_ABORTED' })
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it('lets other work go on while it prepares, and stops then, too', async () => {
    const tensors = tf.memory().numTensors
    const controller = new AbortController()
    setTimeout(() => controller.abort('enough'), 0)
    let read = 0
    const many = Array.from({ length: 400 }, (_, index): FaceExample => ({
      get image() {
        read++
        return stripes(true, index)
      },
      emotion: 'disgust',
    }))
    await expect(fineTune(model, many, { signal: controller.signal })).rejects.toMatchObject({ code: 'FINE_TUNE_ABORTED', cause: 'enough' })
    expect(read).toBeLessThan(many.length)
    expect(tf.memory().numTensors).toBe(tensors)
  })

  it.each([
    ['no examples', [], {}, 'EXAMPLES_EMPTY'],
    ['examples left out', undefined as never, {}, 'EXAMPLES_EMPTY'],
    ['an unknown emotion', [{ image: stripes(true, 0), emotion: 'calm' }], {}, 'EMOTION_UNKNOWN'],
    ['no epochs', examples, { epochs: 0 }, 'OPTION_RANGE'],
    ['a learning rate of NaN', examples, { learningRate: Number.NaN }, 'OPTION_RANGE'],
  ])('refuses %s', async (_, bad, options, code) => {
    await expect(fineTune(model, bad as FaceExample[], options)).rejects.toMatchObject({ code })
  })
})
