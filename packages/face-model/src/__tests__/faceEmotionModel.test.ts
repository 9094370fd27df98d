import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { tf } from '@emo/runtime'
import type { FaceDetector } from '../faceDetector.ts'
import { faceEmotions } from '../faceEmotions.ts'
import { FaceEmotionModel } from '../faceEmotionModel.ts'
import { intersectionOverUnion } from '../nonMaxSuppression.ts'
import { TinyFaceDetector } from '../tinyFaceDetector.ts'
import type { ImageInput, RawImage } from '../pixels.ts'
import { modelFiles } from '../weightFiles.ts'
import { photo } from './photos.ts'

let model: FaceEmotionModel

beforeAll(async () => {
  model = await FaceEmotionModel.load()
})

afterAll(() => {
  model.dispose()
})

/** Grey noise, the same each time. */
function noise(width: number, height: number): RawImage {
  let state = 1
  const data = Uint8Array.from({ length: width * height }, () => (state = (state * 1103515245 + 12345) % 2147483648) >> 16)
  return { data, width, height }
}

/** A picture in grey at a whole part of its size. */
function reduce({ data, width, height, channels = 1 }: RawImage, factor: number): { data: Uint8Array; width: number; height: number } {
  const [columns, rows] = [Math.floor(width / factor), Math.floor(height / factor)]
  const reduced = new Uint8Array(columns * rows)
  for (let i = 0; i < reduced.length; i++) {
    let sum = 0
    for (let v = 0; v < factor; v++) {
      const start = ((Math.floor(i / columns) * factor + v) * width + (i % columns) * factor) * channels
      for (let u = 0; u < factor * channels; u++) sum += data[start + u]
    }
    reduced[i] = sum / (factor * factor * channels)
  }
  return { data: reduced, width: columns, height: rows }
}

describe('predict', () => {
  it('answers one of the seven emotions, with probabilities that add up to one', () => {
    const { emotion, confidence, scores, uncertain } = model.predict(noise(48, 48))
    expect(Object.keys(scores)).toEqual([...faceEmotions])
    expect(Object.values(scores).reduce((sum, score) => sum + score, 0)).toBeCloseTo(1, 5)
    expect(scores[emotion]).toBe(confidence)
    expect(confidence).toBe(Math.max(...Object.values(scores)))
    expect(uncertain).toBe(confidence < model.uncertainBelow)
  })

  it('sees happiness in the astronaut', () => {
    const { data, width, height, channels } = photo('astronaut.png')
    const [box] = model.detect({ data, width, height, channels })
    expect(box.emotion).toBe('happiness')
    expect(box.uncertain).toBe(false)
  })

  it('does not depend on brightness, on colour channels or on the number format', () => {
    const image = noise(48, 48)
    const reference = model.predict(image).scores
    const data = image.data as Uint8Array
    const versions: RawImage[] = [
      { ...image, data: Uint8Array.from(data, (value) => value / 2 + 40) },
      { ...image, data: Uint8Array.from({ length: data.length * 3 }, (_, i) => data[Math.floor(i / 3)]), channels: 3 },
      { ...image, data: Uint8Array.from({ length: data.length * 4 }, (_, i) => (i % 4 === 3 ? 255 : data[i >> 2])), channels: 4 },
      { ...image, data: Uint16Array.from(data, (value) => value * 257) },
      { ...image, data: Float32Array.from(data, (value) => value / 255) },
    ]
    for (const version of versions) {
      const { scores } = model.predict(version)
      for (const emotion of faceEmotions) expect(Math.abs(scores[emotion] - reference[emotion])).toBeLessThan(0.05)
    }
  })

  it.each([
    [1, 1],
    [3, 200],
    [4000, 2],
  ])('answers a picture of %i x %i', (width, height) => {
    expect(Number.isFinite(model.predict(noise(width, height)).confidence)).toBe(true)
  })

  it('answers a picture of 100 megapixels', () => {
    const huge = { data: new Uint8Array(100_000_000), width: 10_000, height: 10_000 }
    expect(Number.isFinite(model.predict(huge).confidence)).toBe(true)
  })

  it('is unsure when broken weights answer no number', async () => {
    const broken = await model.copy()
    tf.tidy(() => {
      broken.network.setWeights(broken.network.getWeights().map(({ shape }) => tf.fill(shape, Number.NaN)))
    })
    expect(broken.predict(noise(48, 48))).toMatchObject({ confidence: Number.NaN, uncertain: true })
    broken.dispose()
  })

  it.each([
    ['an empty picture', { data: new Uint8Array(0), width: 0, height: 0 }, 'IMAGE_EMPTY'],
    ['NaN', { data: new Float32Array(16).fill(Number.NaN), width: 4, height: 4 }, 'IMAGE_NOT_FINITE'],
    ['a wrong size', { data: new Uint8Array(9), width: 4, height: 4 }, 'IMAGE_SIZE'],
  ])('refuses %s', (_, image, code) => {
    expect(() => model.predict(image)).toThrow(expect.objectContaining({ code }))
  })
})

describe('pictures that are hardly any', () => {
  const calls = [
    ['predict', (image: ImageInput) => model.predict(image)],
    ['detect', (image: ImageInput) => model.detect(image)],
  ] as const

  it.each(calls)('%s refuses what is no picture, and keeps no tensor of it', (_, call) => {
    const before = tf.memory().numTensors
    for (const image of [{ data: new Uint8Array(0), width: 0, height: 0 }, tf.zeros([0, 0, 3])]) {
      expect(() => call(image)).toThrow(expect.objectContaining({ code: 'IMAGE_EMPTY' }))
      if ('dispose' in image) image.dispose()
    }
    for (const tensor of [
      tf.fill([64, 64], Number.NaN),
      tf.fill([64, 64, 3], Number.NaN),
      tf.fill([1, 64, 64, 1], Number.POSITIVE_INFINITY),
    ]) {
      expect(() => call(tensor)).toThrow(expect.objectContaining({ code: 'IMAGE_NOT_FINITE' }))
      tensor.dispose()
    }
    expect(() => call({ data: new Float32Array(100 * 100).fill(Number.NaN), width: 100, height: 100 })).toThrow(
      expect.objectContaining({ code: 'IMAGE_NOT_FINITE' }),
    )
    for (const tensor of [tf.scalar(1), tf.zeros([2, 8, 8, 1]), tf.zeros([8, 8, 5])]) {
      expect(() => call(tensor)).toThrow(expect.objectContaining({ code: 'IMAGE_SIZE' }))
      tensor.dispose()
    }
    expect(tf.memory().numTensors).toBe(before)
  })

  it('answers an invisible picture as the white that it is shown on: unsure, and without a face', () => {
    const invisible = { data: new Uint8ClampedArray(120 * 120 * 4), width: 120, height: 120 }
    const white = { data: new Uint8Array(120 * 120).fill(255), width: 120, height: 120 }
    expect(model.predict(invisible)).toEqual(model.predict(white))
    expect(model.predict(invisible).uncertain).toBe(true)
    expect(model.detect(invisible)).toEqual([])
  })

  it('gives the same answer to 8 bits, 16 bits and tensors of two to four dimensions, integer or not', () => {
    const { data, width, height } = reduce(photo('astronaut.png'), 4)
    const values = Array.from(data)
    const same: ImageInput[] = [
      { data: Uint16Array.from(data, (value) => value * 257), width, height },
      tf.tensor2d(values, [height, width], 'int32'),
      tf.tensor3d(values, [height, width, 1], 'int32'),
      tf.tensor4d(values, [1, height, width, 1], 'float32'),
      tf.tensor2d(
        values.map((value) => value / 255),
        [height, width],
      ),
    ]
    const expected = model.detect({ data, width, height })
    expect(expected).toHaveLength(1)
    for (const image of same) {
      const found = model.detect(image)
      expect(found).toHaveLength(1)
      expect(intersectionOverUnion(found[0].box, expected[0].box)).toBeGreaterThan(0.99)
      for (const emotion of faceEmotions) expect(found[0].scores[emotion]).toBeCloseTo(expected[0].scores[emotion], 3)
      if ('dispose' in image) image.dispose()
    }
  })
})

describe('predictBatch', () => {
  it('gives the answers of predict, whatever the number of pictures', () => {
    const images = Array.from({ length: 40 }, (_, i) => noise(20 + i, 48))
    const together = model.predictBatch(images)
    expect(together).toHaveLength(40)
    for (const index of [0, 31, 32, 39]) {
      const alone = model.predict(images[index])
      for (const emotion of faceEmotions) expect(together[index].scores[emotion]).toBeCloseTo(alone.scores[emotion], 4)
    }
    expect(model.predictBatch([])).toEqual([])
  })
})

describe('mirrored', () => {
  /** A grey face-sized picture, left and right exchanged. */
  const turned = ({ data, ...image }: RawImage): RawImage => ({
    ...image,
    data: Uint8Array.from(data, (_, i) => data[i - (i % image.width) + image.width - 1 - (i % image.width)]),
  })

  it('gives a picture and its mirror image one answer, between those of the two', async () => {
    const both = await FaceEmotionModel.load({ mirrored: true, detector: false })
    const images = Array.from({ length: 20 }, () => noise(48, 48))
    const answers = both.predictBatch(images)
    both.predictBatch(images.map(turned)).forEach(({ scores }, index) => {
      for (const emotion of faceEmotions) expect(scores[emotion]).toBeCloseTo(answers[index].scores[emotion], 5)
    })
    images.forEach((image, index) => {
      const [one, other] = model.predictBatch([image, turned(image)])
      // Outputs are averaged, so their odds are, but for the FERPlus head's part in the answer.
      const [first, second] = faceEmotions
      const odds = ({ scores }: typeof one): number => Math.log(scores[first] / scores[second])
      expect(odds(answers[index])).toBeGreaterThanOrEqual(Math.min(odds(one), odds(other)) - 0.3)
      expect(odds(answers[index])).toBeLessThanOrEqual(Math.max(odds(one), odds(other)) + 0.3)
    })
    both.dispose()
  })

  it('is kept by a copy and by saved weights, and can be undone', async () => {
    const both = await FaceEmotionModel.load({ mirrored: true, detector: false })
    const image = noise(48, 48)
    const expected = both.predict(image)
    const copy = await both.copy()
    const again = await FaceEmotionModel.load({ weights: await both.save(), detector: false })
    const single = await FaceEmotionModel.load({ weights: await both.save(), detector: false, mirrored: false })
    expect([copy.predict(image), again.predict(image).scores.fear]).toEqual([expected, expect.closeTo(expected.scores.fear, 5)])
    expect(single.predict(image).scores.fear).toBeCloseTo(model.predict(image).scores.fear, 5)
    expect(single.predict(image)).not.toEqual(expected)
    for (const loaded of [both, copy, again, single]) loaded.dispose()
  })
})

/** The astronaut, `side` pixels wide and high, at (`x`, `y`) of a grey frame of 640 x 480. */
function portraitFrame(side: number, x: number, y: number): RawImage {
  const { data, width, height, channels = 3 } = photo('astronaut.png')
  const frame = new Uint8Array(640 * 480 * 3).fill(128)
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const from = (Math.floor(((row + 0.5) * height) / side) * width + Math.floor(((column + 0.5) * width) / side)) * channels
      frame.set((data as Uint8Array).subarray(from, from + 3), ((row + y) * 640 + column + x) * 3)
    }
  }
  return { data: frame, width: 640, height: 480, channels: 3 }
}

describe('detect', () => {
  it('finds the astronaut', () => {
    const faces = model.detect(photo('astronaut.png'))
    expect(faces).toHaveLength(1)
    const { box, faceScore } = faces[0]
    // Between brows and chin, ear and ear, as a person would mark them: about (172, 78) to (275, 185).
    expect(box.x).toBeGreaterThan(140)
    expect(box.y).toBeGreaterThan(50)
    expect(box.x + box.width).toBeLessThan(305)
    expect(box.y + box.height).toBeLessThan(215)
    expect(Math.min(box.width, box.height)).toBeGreaterThan(85)
    expect(faceScore).toBeGreaterThan(0.5)
  })

  it('finds two women', () => {
    expect(model.detect(photo('image-2-women-on-phones.jpg'))).toHaveLength(2)
  })

  it('finds no face in the water, or is uncertain about it', () => {
    expect(model.detect(photo('image-4-woman-jumps-into-water.jpg')).filter(({ uncertain }) => !uncertain)).toEqual([])
  })

  it.each([noise(320, 240), { data: new Uint8Array(64 * 64), width: 64, height: 64 }, noise(1, 1), noise(2000, 3)])(
    'gives an empty list for pictures without a face',
    (image) => {
      expect(model.detect(image)).toEqual([])
    },
  )

  it('finds a face of 24 pixels', () => {
    const { data, width, channels = 3 } = photo('astronaut.png')
    // The astronaut's face is about 105 pixels wide; a canvas of 640 x 480 with the portrait reduced to a quarter.
    const small = 117
    const frame = new Uint8Array(640 * 480 * 3).fill(128)
    for (let row = 0; row < small; row++) {
      for (let column = 0; column < small; column++) {
        for (let c = 0; c < 3; c++) {
          let sum = 0
          for (let v = 0; v < 4; v++) {
            for (let u = 0; u < 4; u++) sum += data[((row * 4 + v) * width + column * 4 + u) * channels + c]
          }
          frame[((row + 200) * 640 + column + 300) * 3 + c] = sum / 16
        }
      }
    }
    const faces = model.detect({ data: frame, width: 640, height: 480, channels: 3 })
    expect(faces).toHaveLength(1)
    const { box } = faces[0]
    expect(box.x + box.width / 2).toBeGreaterThan(345)
    expect(box.x + box.width / 2).toBeLessThan(367)
  })

  it('finds the same face near where it was', () => {
    const image = photo('image-2-women-on-phones.jpg')
    const before = model.detect(image)
    const after = model.detect(image, { near: before.map(({ box }) => ({ ...box, x: box.x + 15, y: box.y - 10 })) })
    for (const { box } of before) {
      expect(Math.max(...after.map((face) => intersectionOverUnion(face.box, box)))).toBeGreaterThan(0.5)
    }
  })

  it.each([5, 6])('takes nothing for a new face by one coarse look: the suit of the astronaut, %i pixels from the middle', (shift) => {
    const near = [{ x: 225 + shift, y: 75, width: 125, height: 112 }]
    expect(model.detect(portraitFrame(451, 94 + shift, 14), { near })).toHaveLength(1)
  })

  it('takes nothing for a face by the only look that must show it: the suit once more', async () => {
    const detector = await TinyFaceDetector.load({ minFaceSize: 96 })
    const faces = detector.detect(portraitFrame(420, 0, 0))
    expect(faces.map(({ box }) => box.y < 100)).toEqual([true])
    detector.dispose()
  })

  it('follows a faint hint of a face of 24 pixels', () => {
    expect(model.detect(portraitFrame(102, 20, 180))).toHaveLength(1)
    expect(model.detect(portraitFrame(102, 116, 252))).toHaveLength(1)
  })

  it('cuts boxes at the edge of the picture', () => {
    const { data, width, height, channels = 3 } = photo('astronaut.png')
    // The portrait without its left 190 columns: the face begins at the edge.
    const from = 190
    const cut = new Uint8Array((width - from) * height * channels)
    for (let row = 0; row < height; row++) {
      cut.set((data as Uint8Array).subarray((row * width + from) * channels, (row + 1) * width * channels), row * (width - from) * channels)
    }
    for (const { box } of model.detect({ data: cut, width: width - from, height, channels })) {
      expect(box.x).toBeGreaterThanOrEqual(0)
      expect(box.y).toBeGreaterThanOrEqual(0)
      expect(box.x + box.width).toBeLessThanOrEqual(width - from)
      expect(box.y + box.height).toBeLessThanOrEqual(height)
    }
  })

  it('takes another detector, one with promises through detectAsync', async () => {
    const face = { box: { x: 160, y: 75, width: 120, height: 115 }, score: 0.9 }
    const own: FaceDetector = { detect: () => [face] }
    const later: FaceDetector = { detect: () => Promise.resolve([face]) }
    const [first, second] = await Promise.all([own, later].map((detector) => FaceEmotionModel.load({ detector })))
    const image = photo('astronaut.png')
    const expected = first.detect(image)
    expect(expected[0].box).toEqual(face.box)
    expect(() => second.detect(image)).toThrow(expect.objectContaining({ code: 'DETECTOR_ASYNC' }))
    expect(await second.detectAsync(image)).toEqual(expected)
    first.dispose()
    second.dispose()
  })

  it('answers the picture as it was when it was given', async () => {
    const box = { x: 160, y: 75, width: 120, height: 115 }
    const seen: unknown[] = []
    const later: FaceDetector = {
      detect: async (picture) => {
        await Promise.resolve()
        seen.push(model.predict(picture))
        return [{ box, score: 0.9 }]
      },
    }
    const slow = await FaceEmotionModel.load({ detector: later })
    const { data, ...rest } = photo('astronaut.png')
    // As Node's own decoders give it: its slices are no copies.
    const frame = { data: Buffer.from(data as Uint8Array), ...rest }
    const whole = model.predict(frame)
    const expected = await slow.detectAsync(frame)
    const answer = slow.detectAsync(frame)
    frame.data.fill(0)
    expect(await answer).toEqual(expected)
    expect(seen).toEqual([whole, whole])
    slow.dispose()
  })

  it('says so when it is disposed of while a detector looks', async () => {
    const slow = await FaceEmotionModel.load({ detector: { detect: () => Promise.resolve([]) } })
    const answer = slow.detectAsync(noise(9, 9))
    slow.dispose()
    await expect(answer).rejects.toMatchObject({ code: 'MODEL_DISPOSED' })
  })

  const endless: Record<string, unknown> = {}
  endless.self = endless

  it.each([
    [
      'throws',
      () => {
        throw new TypeError('no camera')
      },
    ],
    [
      'throws something without end',
      () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- what a library may do
        throw endless
      },
    ],
    ['answers nothing', () => undefined],
    ['answers something without end', () => endless],
    ['answers a face without end', () => [endless]],
    ['answers big integers', () => [{ box: { x: 1n, y: 0, width: 9, height: 9 }, score: 1 }]],
    ['answers null for a face', () => [null]],
    ['skips a face', () => new Array<unknown>(1)],
    ['answers a face without a box', () => [{ score: 1 }]],
    ['answers NaN', () => [{ box: { x: Number.NaN, y: 0, width: 9, height: 9 }, score: 1 }]],
    ['answers an empty box', () => [{ box: { x: 5, y: 5, width: 0, height: 9 }, score: 1 }]],
    ['answers a box without end', () => [{ box: { x: 5, y: 5, width: Number.POSITIVE_INFINITY, height: 9 }, score: 1 }]],
  ])('says so when a detector %s, at once or later', async (_, answer) => {
    const broken = await FaceEmotionModel.load({ detector: { detect: answer as never } })
    const late = await FaceEmotionModel.load({ detector: { detect: () => Promise.resolve().then(answer as never) } })
    const image = noise(40, 30)
    expect(() => broken.detect(image)).toThrow(expect.objectContaining({ code: 'DETECTOR_FAILED' }))
    await expect(broken.detectAsync(image)).rejects.toMatchObject({ code: 'DETECTOR_FAILED' })
    await expect(late.detectAsync(image)).rejects.toMatchObject({ code: 'DETECTOR_FAILED' })
    broken.dispose()
    late.dispose()
  })

  it("keeps a detector's own error as the cause", async () => {
    const cause = new TypeError('no camera')
    const broken = await FaceEmotionModel.load({
      detector: {
        detect: () => {
          throw cause
        },
      },
    })
    expect(() => broken.detect(noise(4, 4))).toThrow(expect.objectContaining({ cause, message: 'The face detector failed: no camera' }))
    broken.dispose()
  })

  it('leaves out faces that a detector sees wholly outside the picture', async () => {
    const box = { x: 41, y: 3, width: 9, height: 9 }
    const far = await FaceEmotionModel.load({
      detector: {
        detect: () => [
          { box, score: 1 },
          { box: { ...box, x: 35 }, score: 0.5 },
        ],
      },
    })
    expect(far.detect(noise(40, 30)).map((face) => face.box)).toEqual([{ ...box, x: 35, width: 5 }])
    far.dispose()
  })

  it("answers in the order of the detector's confidence", async () => {
    const face = (x: number, score: number) => ({ box: { x, y: 0, width: 9, height: 9 }, score })
    const detector = { detect: () => [face(0, 0.2), face(9, 0.9), face(18, 0.5)] }
    const unsorted = await FaceEmotionModel.load({ detector })
    expect(unsorted.detect(noise(40, 30)).map(({ faceScore, box }) => [faceScore, box.x])).toEqual([
      [0.9, 9],
      [0.5, 18],
      [0.2, 0],
    ])
    unsorted.dispose()
  })

  it('says so when there is no detector', async () => {
    const blind = await FaceEmotionModel.load({ detector: false })
    expect(() => blind.detect(noise(9, 9))).toThrow(expect.objectContaining({ code: 'DETECTOR_MISSING' }))
    blind.dispose()
  })
})

describe('load and dispose', () => {
  it('tells where the weights come from', () => {
    expect(model.card.training.leftOut.alsoInTest).toBe(692)
    expect(model.card.evaluation.publicTest.images).toBe(3579)
    expect(model.card.parameters).toBe(model.network.countParams())
  })

  it('refuses damaged weights', async () => {
    const weights = new Uint8Array(readFileSync(modelFiles.default.weights))
    weights[1000] ^= 1
    for (const damaged of [weights, weights.slice(0, 1000), new Uint8Array(0)]) {
      await expect(FaceEmotionModel.load({ weights: { modelJson: modelFiles.default.modelJson, weights: damaged } })).rejects.toMatchObject(
        { code: 'WEIGHTS_DAMAGED' },
      )
    }
  })

  it('refuses weights that it does not have, or that are no face model', async () => {
    await expect(FaceEmotionModel.load({ weights: 'huge' as never })).rejects.toMatchObject({ code: 'WEIGHTS_UNKNOWN' })
    const json = JSON.parse(readFileSync(modelFiles.default.modelJson, 'utf8')) as { userDefinedMetadata: Record<string, unknown> }
    delete json.userDefinedMetadata.face
    await expect(FaceEmotionModel.load({ weights: { modelJson: json, weights: modelFiles.default.weights } })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
    })
  })

  it('frees everything, and says so afterwards', async () => {
    const before = tf.memory().numTensors
    const other = await FaceEmotionModel.load()
    other.detect(photo('astronaut.png'))
    other.dispose()
    other.dispose()
    expect(tf.memory().numTensors).toBe(before)
    expect(() => other.predict(noise(4, 4))).toThrow(expect.objectContaining({ code: 'MODEL_DISPOSED' }))
  })

  it('shares the detector with copies: the last one frees it', async () => {
    const before = tf.memory().numTensors
    const first = await FaceEmotionModel.load()
    const image = photo('astronaut.png')
    const expected = first.detect(image)
    const [copy, later] = [await first.copy(), first.copy()]
    first.dispose()
    expect(copy.detect(image)).toEqual(expected)
    copy.dispose()
    const last = await later
    expect(last.detect(image)).toEqual(expected)
    last.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('leaves nothing behind when a copy is refused', async () => {
    const before = tf.memory().numTensors
    await expect(model.copy({ temperature: 0 })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    expect(tf.memory().numTensors).toBe(before)
    expect(model.detect(photo('astronaut.png'))).toHaveLength(1)
  })

  it("leaves a caller's detector alone", async () => {
    let disposed = 0
    const own = await FaceEmotionModel.load({ detector: { detect: () => [], dispose: () => disposed++ } })
    const copy = await own.copy()
    own.dispose()
    copy.dispose()
    expect(disposed).toBe(0)
  })

  // The full number: npm run -w packages/face-model measure:leak
  it('keeps the number of tensors over many predictions', () => {
    const image = noise(48, 48)
    model.predict(image)
    const before = tf.memory().numTensors
    for (let i = 0; i < 200; i++) model.predict(image)
    model.detect(photo('astronaut.png'))
    expect(() => model.predict({ data: Float32Array.of(Number.NaN), width: 1, height: 1 })).toThrow()
    expect(tf.memory().numTensors).toBe(before)
  })
})
