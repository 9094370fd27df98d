import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, tf } from '@emo/runtime'
import { buildFaceModel, type FaceModelOptions } from '../../src/buildFaceModel.ts'
import { readStart, writeStart } from '../startWeights.ts'

let folder: string

beforeAll(async () => {
  await startBackend()
  folder = await mkdtemp(join(tmpdir(), 'emo-face-start-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

const small: FaceModelOptions = { stem: [4, 8], blocks: [{ filters: 8, stride: 2 }] }

function answers(model: tf.LayersModel, images: tf.Tensor4D): Float32Array {
  return tf.tidy(() => (model.apply(images) as tf.Tensor).dataSync<'float32'>())
}

describe('readStart', () => {
  it.each([0, 1, 3])('gives a network with %i pooling maps the answers of one with the plain mean', (poolingMaps) => {
    const [before, after] = [buildFaceModel({ ...small, inputSize: null }), buildFaceModel({ ...small, poolingMaps })]
    const path = join(folder, `${poolingMaps}.weights`)
    writeStart(before, path)
    const tensors = tf.memory().numTensors
    readStart(after, path)
    expect(tf.memory().numTensors).toBe(tensors)
    const images = tf.randomNormal<tf.Rank.R4>([3, 48, 48, 1])
    const expected = answers(before, images)
    answers(after, images).forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index], 4)
    })
    tf.dispose([images])
    for (const model of [before, after]) model.dispose()
  })

  it('refuses the weights of another network', () => {
    const [before, after] = [buildFaceModel({ ...small, stem: [4, 4] }), buildFaceModel(small)]
    const path = join(folder, 'other.weights')
    writeStart(before, path)
    expect(() => {
      readStart(after, path)
    }).toThrow(expect.objectContaining({ code: 'MODEL_MISMATCH' }))
    for (const model of [before, after]) model.dispose()
  })
})
