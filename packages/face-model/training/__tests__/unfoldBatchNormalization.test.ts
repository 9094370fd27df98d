import { beforeAll, describe, expect, it } from 'vitest'
import { startBackend, tf } from '@emo/runtime'
import { buildFaceModel } from '../../src/buildFaceModel.ts'
import { foldBatchNormalization } from '../../src/foldBatchNormalization.ts'
import { unfoldBatchNormalization } from '../unfoldBatchNormalization.ts'

beforeAll(startBackend)

const blocks = [
  { filters: 8, stride: 1 },
  { filters: 16, stride: 2 },
] as const

describe('unfoldBatchNormalization', () => {
  it('gives a training network the answers of the folded one, in inference and, on the same images, in training', () => {
    const folded = buildFaceModel({ stem: [4, 8], blocks, batchNormalization: false })
    tf.tidy(() => {
      for (const layer of folded.layers.filter(({ weights }) => weights.length > 0)) {
        layer.setWeights(layer.getWeights().map((weight) => tf.mul(tf.randomNormal(weight.shape), 0.3)))
      }
    })
    const training = buildFaceModel({ inputSize: null, stem: [4, 8], blocks, dropout: 0 })
    const images = tf.randomNormal<tf.Rank.R4>([40, 48, 48, 1])
    const before = tf.memory().numTensors
    unfoldBatchNormalization(folded, training, images)
    expect(tf.memory().numTensors).toBe(before)

    const answers = (model: tf.LayersModel, isTraining: boolean): Float32Array =>
      tf.tidy(() => (model.apply(images, { training: isTraining }) as tf.Tensor).dataSync<'float32'>())
    const expected = answers(folded, false)
    const largest = Math.max(...expected.map(Math.abs))
    const distance = (values: Float32Array): number => Math.max(...values.map((value, i) => Math.abs(value - expected[i]))) / largest
    expect(distance(answers(training, false))).toBeLessThan(1e-4)
    expect(distance(answers(training, true))).toBeLessThan(1e-3)

    const again = buildFaceModel({ stem: [4, 8], blocks, batchNormalization: false })
    unfoldBatchNormalization(folded, training, images)
    foldBatchNormalization(training, again)
    expect(distance(answers(again, false))).toBeLessThan(1e-4)
    tf.dispose(images)
    for (const model of [folded, training, again]) model.dispose()
  })

  it('refuses another architecture', () => {
    const folded = buildFaceModel({ stem: [4, 8], blocks, batchNormalization: false })
    const training = buildFaceModel({ inputSize: null, stem: [4, 6], blocks })
    const images = tf.zeros<tf.Rank.R4>([1, 48, 48, 1])
    expect(() => {
      unfoldBatchNormalization(folded, training, images)
    }).toThrow(expect.objectContaining({ code: 'MODEL_MISMATCH' }))
    tf.dispose(images)
    folded.dispose()
    training.dispose()
  })
})
