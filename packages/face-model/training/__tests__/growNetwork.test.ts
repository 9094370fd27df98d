import { beforeAll, describe, expect, it } from 'vitest'
import { startBackend, tf } from '@emo/runtime'
import { buildFaceModel, type FaceModelBlock } from '../../src/buildFaceModel.ts'
import { growNetwork } from '../growNetwork.ts'

beforeAll(startBackend)

const blocks: readonly FaceModelBlock[] = [
  { filters: 8, stride: 1 },
  { filters: 16, stride: 2 },
]
const build = (all: readonly FaceModelBlock[], stem: readonly [number, number] = [4, 8]): tf.LayersModel => buildFaceModel({ inputSize: null, stem, blocks: all, dropout: 0 })
const answers = (model: tf.LayersModel, images: tf.Tensor): Float32Array => tf.tidy(() => (model.predict(images) as tf.Tensor).dataSync<'float32'>())

describe('growNetwork', () => {
  it.each([0, 1, 2])('gives a network with %i blocks more the same answers', (more) => {
    const trained = build(blocks)
    const grown = build([...blocks, ...Array.from({ length: more }, () => ({ filters: 16, stride: 1 }) as const)])
    const images = tf.randomNormal<tf.Rank.R4>([5, 48, 48, 1], 0, 1, 'float32', 3)
    growNetwork(trained, grown)
    const expected = answers(trained, images)
    answers(grown, images).forEach((value, i) => { expect(value).toBeCloseTo(expected[i], 5) })
    tf.dispose(images)
    for (const model of [trained, grown]) model.dispose()
  })

  it('refuses what cannot begin as the identity, and other shapes', () => {
    const trained = build(blocks)
    for (const other of [build([...blocks, { filters: 32, stride: 2 }]), build(blocks, [4, 6])]) {
      expect(() => { growNetwork(trained, other) }).toThrow(expect.objectContaining({ code: 'MODEL_MISMATCH' }))
      other.dispose()
    }
    trained.dispose()
  })
})
