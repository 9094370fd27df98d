import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { createRandom, startBackend, tf } from '@emo/runtime'
import { FaceEmotionModel } from '../../src/faceEmotionModel.ts'
import { mixHeads } from '../../src/facePrediction.ts'
import type { FaceBatch } from '../recipe.ts'
import { loadTeachers } from '../teachers.ts'

const weights = fileURLToPath(new URL('../../weights/default', import.meta.url))

beforeAll(startBackend)

function batch(size: number): FaceBatch {
  const count = 3
  const random = createRandom('faces')
  return {
    size,
    count,
    images: Float32Array.from({ length: count * size * size }, () => random.normal()),
    labels: new Uint8Array(count),
    targets: Float32Array.from({ length: count * 7 }, (_, i) => (i % 7 === 0 ? 1 : 0)),
    votes: Float32Array.from({ length: count * 8 }, (_, i) => (i % 8 === 0 ? 1 : 0)),
    hasVotes: new Float32Array(count).fill(1),
  }
}

describe('loadTeachers', () => {
  it('makes half of the targets what the network answers to the same pictures and their mirror images', async () => {
    const before = tf.memory().numTensors
    const teach = await loadTeachers([weights])
    const kept = tf.memory().numTensors
    const { images, targets, votes, size, count, ...rest } = batch(48)
    teach({ images, targets, votes, size, count, ...rest })
    expect(tf.memory().numTensors).toBe(kept)
    expect(kept).toBeGreaterThan(before)

    const model = await FaceEmotionModel.load({ detector: false })
    const logits = tf.tidy(() => {
      const faces = tf.tensor4d(images, [count, size, size, 1])
      const [plain, mirrored] = [faces, tf.reverse4d(faces, 2)].map((view) => model.network.apply(view) as tf.Tensor)
      return tf.div(tf.add(plain, mirrored), 2).dataSync<'float32'>()
    })
    for (let row = 0; row < count; row++) {
      const answer = mixHeads(logits.slice(row * 15, (row + 1) * 15), 'logits', 0)
      targets.slice(row * 7, (row + 1) * 7).forEach((target, k) => {
        expect(target).toBeCloseTo((k === 0 ? 0.5 : 0) + 0.5 * answer[k], 4)
      })
      expect(votes.slice(row * 8, (row + 1) * 8).reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
      expect(votes[row * 8]).toBeGreaterThan(0.5)
    }
    model.dispose()
  })

  it('leaves pictures of less than full size alone, and all without a teacher', async () => {
    for (const [teach, size] of [
      [await loadTeachers([weights]), 32],
      [await loadTeachers([]), 48],
    ] as const) {
      const given = batch(size)
      teach(given)
      expect([given.targets, given.votes]).toEqual([batch(size).targets, batch(size).votes])
    }
  })
})
