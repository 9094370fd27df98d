// 10,000 predictions, batches, searches, followed frames, refused pictures and models loaded anew: the number of tensors and the heap before and after.
//   npm run face:leaks -w benchmarks        (status 1 if something stays)
import { readFileSync } from 'node:fs'
import { decodeImage } from '@emo/datasets'
import { FaceEmotionModel, FaceTracker } from '@emo/face-model'
import { compareMemory } from '../support/compareMemory.ts'

const photograph = await decodeImage(readFileSync(new URL('../../packages/face-model/src/__tests__/photos/astronaut.png', import.meta.url)))
const model = await FaceEmotionModel.load()

/** The astronaut's face, a little elsewhere in each of many calls. */
function face(index: number) {
  const side = 112
  const [left, top] = [164 + (index % 7), 76 + (index % 5)]
  const { data, width, channels } = photograph
  const cut = new Uint8Array(side * side * channels)
  for (let row = 0; row < side; row++) {
    const start = ((top + row) * width + left) * channels
    cut.set(data.subarray(start, start + side * channels), row * side * channels)
  }
  return { data: cut, width: side, height: side, channels }
}

compareMemory('10,000 predictions', 10_000, 200, (index) => void model.predict(face(index)))
const batch = Array.from({ length: 32 }, (_, index) => face(index))
compareMemory('100 batches of 32', 100, 10, () => void model.predictBatch(batch))
compareMemory('200 photographs searched for faces', 200, 10, () => void model.detect(photograph))
const tracker = new FaceTracker(model)
let frames = 0
compareMemory('500 frames of one face that is followed', 500, 40, () => void tracker.update(photograph, frames++ / 20))
const broken = { data: new Float32Array(48 * 48).fill(Number.NaN), width: 48, height: 48, channels: 1 }
compareMemory('1,000 pictures of NaN, refused', 1000, 50, () => {
  try {
    model.predict(broken)
  } catch {
    return
  }
  throw new Error('a picture of NaN was answered')
})
model.dispose()
