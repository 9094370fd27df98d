import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createRandom } from '@emo/runtime'
import { faceEmotions } from '../src/faceEmotions.ts'
import { FaceEmotionModel } from '../src/faceEmotionModel.ts'
import { readPixels, type RawImage } from '../src/pixels.ts'
import { resample, squareAround } from '../src/resample.ts'
import { TinyFaceDetector } from '../src/tinyFaceDetector.ts'
import { prepareFaceData } from './faceData.ts'
import { faceSize, loadFaceData } from './faceSet.ts'
import { givenPath } from './givenPath.ts'

// Which part around a detected face should be cut out? FER2013's pictures are cut out already: each is enlarged in the middle of a grey frame, where the detector has
// to find it again; then the frame is cut at several scales of the box it found, and the accuracy is compared.
const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    cache: { type: 'string', default: join(homedir(), '.cache/emo/face') },
    count: { type: 'string', default: '800' },
  },
})
if (values.data === undefined) throw new Error('usage: measureMargin.ts --data DIR [--count N]')

const enlarged = 144
const frameSize = 288
const border = (frameSize - enlarged) / 2
const scales = [0.9, 1, 1.1, 1.2, 1.3, 1.4, 1.5]

const { validation } = loadFaceData(await prepareFaceData(givenPath(values.data), givenPath(values.cache)))
const detector = await TinyFaceDetector.load({ minFaceSize: 40 })
const model = await FaceEmotionModel.load({ detector: false })
const rows = createRandom(1, 'margin')
  .shuffle(Array.from({ length: validation.count }, (_, row) => row))
  .slice(0, Number(values.count))
const right = scales.map(() => 0)
let given = 0
const sides: number[] = []
for (const row of rows) {
  const face = { data: validation.pixels.subarray(row * faceSize ** 2, (row + 1) * faceSize ** 2), width: faceSize, height: faceSize }
  const frame = frameAround(face)
  const [found] = detector.detect(frame)
  if (found === undefined) continue
  const emotion = faceEmotions[validation.labels[row]]
  sides.push(Math.max(found.box.width, found.box.height))
  if (model.predict(face).emotion === emotion) given++
  const cuts = scales.map((scale): RawImage => {
    const data = resample(readPixels(frame), squareAround(found.box, scale), faceSize, faceSize, 1)
    return { data, width: faceSize, height: faceSize }
  })
  model.predictBatch(cuts).forEach((answer, index) => {
    if (answer.emotion === emotion) right[index]++
  })
}
sides.sort((a, b) => a - b)
const percent = (count: number): string => `${((100 * count) / sides.length).toFixed(1)} %`
console.log(`faces found: ${sides.length} of ${rows.length}; picture / box, median: ${(enlarged / sides[sides.length >> 1]).toFixed(2)}`)
console.log(`accuracy on the picture itself: ${percent(given)}`)
scales.forEach((scale, index) => {
  console.log(`cut at ${scale.toFixed(1)} x box: ${percent(right[index])}`)
})

/** The picture, enlarged, in the middle of a frame of middle grey. */
function frameAround(face: RawImage): RawImage {
  const picture = resample(readPixels(face), { x: 0, y: 0, width: faceSize, height: faceSize }, enlarged, enlarged, 1)
  const data = new Float32Array(frameSize ** 2).fill(128)
  for (let y = 0; y < enlarged; y++) data.set(picture.subarray(y * enlarged, (y + 1) * enlarged), (y + border) * frameSize + border)
  return { data, width: frameSize, height: frameSize }
}
