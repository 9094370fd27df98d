import { beforeAll, describe, expect, it } from 'vitest'
import { startBackend, tf } from '@emo/runtime'
import { buildFaceModel, faceLogits } from '../buildFaceModel.ts'
import { buildPaperCnn } from '../buildPaperCnn.ts'
import { foldBatchNormalization } from '../foldBatchNormalization.ts'

beforeAll(startBackend)

describe('buildPaperCnn', () => {
  it('has convolutions with ReLU, dropout, a dense layer and softmax over seven emotions', () => {
    const model = buildPaperCnn()
    const kinds = model.layers.map((layer) => layer.getClassName())
    expect(kinds.filter((kind) => kind === 'Conv2D')).toHaveLength(3)
    expect(kinds).toContain('Dropout')
    expect(
      model.layers.filter((layer) => layer.getClassName() === 'Conv2D').every((layer) => layer.getConfig().activation === 'relu'),
    ).toBe(true)
    expect(model.layers[model.layers.length - 1].getConfig()).toMatchObject({ units: 7, activation: 'softmax' })
    expect(model.inputs[0].shape).toEqual([null, 48, 48, 1])
    model.dispose()
  })

  it('answers probabilities', () => {
    const model = buildPaperCnn({ filters: [4, 4], denseUnits: 8 })
    const values = tf.tidy(() => (model.apply(tf.randomNormal([3, 48, 48, 1])) as tf.Tensor).dataSync())
    for (let row = 0; row < 3; row++) {
      expect(Array.from(values.slice(row * 7, row * 7 + 7)).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
    }
    model.dispose()
  })

  it.each([{ inputSize: 0 }, { inputSize: 4 }, { filters: [1.5] }, { denseUnits: -1 }, { dropout: 1 }, { dropout: Number.NaN }])(
    'refuses %o',
    (options) => {
      expect(() => buildPaperCnn(options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
    },
  )
})

it('says what is wrong with no convolutions', () => {
  expect(() => buildPaperCnn({ filters: [] })).toThrow(
    expect.objectContaining({ code: 'OPTION_RANGE', message: expect.stringContaining('filters must be') as string }),
  )
})

describe('buildFaceModel', () => {
  it('has at most 1.2 million parameters and two heads on one trunk', () => {
    const model = buildFaceModel()
    expect(model.countParams()).toBeLessThanOrEqual(1_200_000)
    expect(model.outputs[0].shape).toEqual([null, faceLogits])
    expect(faceLogits).toBe(7 + 8)
    model.dispose()
  })

  it('takes pictures of any size when inputSize is null', () => {
    const model = buildFaceModel({ inputSize: null, stem: [2, 4], blocks: [{ filters: 4, stride: 2 }] })
    for (const size of [24, 33, 48]) {
      const shape = tf.tidy(() => (model.apply(tf.zeros([2, size, size, 1])) as tf.Tensor).shape)
      expect(shape).toEqual([2, faceLogits])
    }
    model.dispose()
  })

  it('consists of stock layers without batch normalisation', () => {
    const model = buildFaceModel({ batchNormalization: false })
    const stock = ['InputLayer', 'Conv2D', 'Add', 'Activation', 'GlobalAveragePooling2D', 'Dropout', 'Dense']
    for (const layer of model.layers) expect(stock).toContain(layer.getClassName())
    model.dispose()
  })

  it.each([
    { inputSize: 1.5 },
    { stem: [0, 4] as const },
    { stem: [16] as never },
    { stem: [16, 32, 32] as never },
    { dropout: -0.1 },
    { blocks: [{ filters: 0, stride: 1 as const }] },
  ])('refuses %o', (options) => {
    expect(() => buildFaceModel(options)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
  })
})

describe('foldBatchNormalization', () => {
  const options = {
    stem: [4, 8],
    blocks: [
      { filters: 8, stride: 1 },
      { filters: 16, stride: 2 },
    ],
  } as const

  it('gives the same answers as the trained model', () => {
    const trained = buildFaceModel({ ...options, inputSize: null })
    // As after training: no statistic and no scale is at its initial value.
    for (const layer of trained.layers.filter(({ name }) => name.endsWith('_normalization'))) {
      tf.tidy(() => {
        layer.setWeights(layer.getWeights().map((weight) => tf.randomUniform(weight.shape, 0.3, 1.7)))
      })
    }
    const folded = buildFaceModel({ ...options, inputSize: 48, batchNormalization: false })
    foldBatchNormalization(trained, folded)
    const [expected, actual] = tf.tidy(() => {
      const images = tf.randomNormal([5, 48, 48, 1])
      return [(trained.apply(images) as tf.Tensor).dataSync(), (folded.apply(images) as tf.Tensor).dataSync()]
    })
    const scale = Math.max(...expected.map(Math.abs))
    actual.forEach((value, index) => {
      expect(Math.abs(value - expected[index]) / scale).toBeLessThan(1e-5)
    })
    trained.dispose()
    folded.dispose()
  })

  it('refuses models with other blocks', () => {
    const trained = buildFaceModel({ ...options })
    const folded = buildFaceModel({ ...options, blocks: [...options.blocks, { filters: 16, stride: 1 }], batchNormalization: false })
    expect(() => {
      foldBatchNormalization(trained, folded)
    }).toThrow(expect.objectContaining({ code: 'MODEL_MISMATCH' }))
    trained.dispose()
    folded.dispose()
  })
})
