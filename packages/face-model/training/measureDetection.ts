import { parseArgs } from 'node:util'
import { officialSplit, openFer2013, readImage } from '@emo/datasets'
import { createRandom } from '@emo/runtime'
import { photo } from '../src/__tests__/photos.ts'
import type { DetectedFace } from '../src/faceDetector.ts'
import { intersectionOverUnion } from '../src/nonMaxSuppression.ts'
import { readPixels, type Pixels } from '../src/pixels.ts'
import { resample, type Box } from '../src/resample.ts'
import { TinyFaceDetector } from '../src/tinyFaceDetector.ts'
import { givenPath } from './givenPath.ts'

// How many faces does the detector find, how many things does it take for one, and how long does it look? The three faces of the test photographs are put into frames
// of 640 x 480, at sizes from the smallest that must be found on and at places drawn at random, three at a time of one size where there is room; frames without a face
// are parts of the photograph that has none, mirrored and turned, and noise. With --data the same for many people: pictures of FER2013's PublicTest, which show little but the
// face, in frames of noise, sixteen at a time. --noise N: standard deviation, in levels of grey, of noise that every frame gets as a camera's in little light.
// npm run -w packages/face-model measure:detection [-- --min 24 --seed 1 --noise 0 --data DIR]
const { values } = parseArgs({
  options: {
    min: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    noise: { type: 'string', default: '0' },
    data: { type: 'string' },
  },
})

const [width, height] = [640, 480]
const sizes = [24, 28, 34, 42, 56, 80, 120, 180]
const placesPerSize = 8
/** Of a face's box that is shown around it. */
const surroundings = 1.9
const emptyFrames = 160

interface Portrait {
  readonly pixels: Pixels
  readonly face: Box
}

const astronaut = readPixels(photo('astronaut.png'))
const women = readPixels(photo('image-2-women-on-phones.jpg'))
const water = readPixels(photo('image-4-woman-jumps-into-water.jpg'))

const random = createRandom(Number(values.seed), 'detection')
const grain = createRandom(Number(values.seed), 'grain')
const detector = await TinyFaceDetector.load({ minFaceSize: Number(values.min) })
// As a detector marks them in the photographs at full size, checked by eye; they must not depend on the one that is measured.
const portraits: readonly Portrait[] = [
  { pixels: astronaut, face: { x: 165, y: 77, width: 120, height: 107 } },
  { pixels: women, face: { x: 817, y: 100, width: 189, height: 172 } },
  { pixels: women, face: { x: 187, y: 243, width: 96, height: 98 } },
]

let milliseconds = 0
let looked = 0
let given = 0
let found = 0
let wrong = 0
for (const size of sizes) {
  let ofSize = 0
  for (let place = 0; place < placesPerSize; place++) {
    for (const group of size * surroundings * 3 < width ? [portraits] : portraits.map((portrait) => [portrait])) {
      const frame = background()
      const truth = group.map((portrait, index) => paste(frame, portrait, size, index, group.length))
      const { seen, besides } = compare(timed(frame), truth)
      ofSize += seen
      wrong += besides
      given += truth.length
    }
  }
  found += ofSize
  console.log(`${size} px: ${ofSize} of ${placesPerSize * portraits.length}`)
}
let empty = 0
for (let i = 0; i < emptyFrames; i++) empty += timed(i % 8 === 7 ? noise() : waterPart()).length
console.log(`found ${found} of ${given}; taken for faces beside them: ${wrong}; in ${emptyFrames} pictures without a face: ${empty}`)
console.log(`${(milliseconds / looked).toFixed(1)} ms of processor time a picture`)
if (values.data !== undefined) await measureCorpus(givenPath(values.data))
detector.dispose()

/** Prints how many pictures of a corpus of faces are found, at several sizes. */
async function measureCorpus(folder: string): Promise<void> {
  const { validation } = officialSplit(await openFer2013(folder))
  const [columns, rows] = [4, 4]
  const [cellWidth, cellHeight] = [width / columns, height / rows]
  for (const size of [28, 36, 48, 72, 96]) {
    const places = createRandom(Number(values.seed), 'corpus')
    const samples = places.shuffle([...validation]).slice(0, 320)
    let ofSize = 0
    let wrong = 0
    for (let start = 0; start < samples.length; start += columns * rows) {
      const level = 60 + 120 * places.next()
      const frame = Float32Array.from({ length: width * height * 3 }, () => level + 10 * places.next())
      const truth: Box[] = []
      for (const [index, sample] of samples.slice(start, start + columns * rows).entries()) {
        const pixels = readPixels(await readImage(sample))
        const face = resample(pixels, { x: 0, y: 0, width: pixels.width, height: pixels.height }, size, size, 3)
        const x = Math.floor((index % columns) * cellWidth + places.next() * (cellWidth - size))
        const y = Math.floor(Math.floor(index / columns) * cellHeight + places.next() * (cellHeight - size))
        copyInto(frame, face, size, x, y)
        truth.push({ x, y, width: size, height: size })
      }
      const { seen, besides } = compare(timed(frame), truth)
      ofSize += seen
      wrong += besides
    }
    console.log(`FER2013's pictures as ${size} px: ${ofSize} of ${samples.length}; taken for faces beside them: ${wrong}`)
  }
}

/** How many of the faces that are there were seen, and how many things beside them were taken for one. */
function compare(answers: readonly DetectedFace[], truth: readonly Box[]): { readonly seen: number; readonly besides: number } {
  const faces = answers.filter(({ score }) => score > 0.5)
  return {
    seen: truth.filter((box) => faces.some((face) => intersectionOverUnion(face.box, box) > 0.35)).length,
    besides: faces.filter((face) => truth.every((box) => intersectionOverUnion(face.box, box) < 0.1)).length,
  }
}

function timed(frame: Float32Array): DetectedFace[] {
  const data = withNoise(frame)
  const before = process.cpuUsage()
  const faces = detector.detect({ data, width, height, channels: 3 })
  const { user, system } = process.cpuUsage(before)
  looked++
  milliseconds += (user + system) / 1000
  return faces
}

/** As bytes. */
function withNoise(frame: Float32Array): Uint8Array {
  const deviation = Number(values.noise)
  const bytes = new Uint8ClampedArray(frame)
  if (deviation > 0) {
    for (let i = 0; i < frame.length; i += 3) {
      const change = deviation * grain.normal()
      for (let c = 0; c < 3; c++) bytes[i + c] = frame[i + c] + change
    }
  }
  return new Uint8Array(bytes.buffer)
}

/** Grey with a little noise, or a part of a photograph without faces. */
function background(): Float32Array {
  if (random.next() < 0.5) return waterPart()
  const level = 60 + 120 * random.next()
  return Float32Array.from({ length: width * height * 3 }, () => level + 10 * random.next())
}

function noise(): Float32Array {
  return Float32Array.from({ length: width * height * 3 }, () => 255 * random.next())
}

/** Around the jump: sky, water and a rock, at any size. */
function waterPart(): Float32Array {
  const scale = 0.25 + 0.6 * random.next()
  const side = Math.min(water.width / 4, water.height / 3) * scale
  const box = {
    width: 4 * side,
    height: 3 * side,
    x: random.next() * (water.width - 4 * side),
    y: random.next() * (water.height - 3 * side),
  }
  return resample(water, box, width, height, 3)
}

/** A face of `size` pixels, in its part of the frame. */
function paste(frame: Float32Array, { pixels, face }: Portrait, size: number, part: number, parts: number): Box {
  const longer = Math.max(face.width, face.height)
  const side = Math.min(Math.round(size * surroundings), height)
  const from = (side * longer) / size
  const source = { x: face.x + face.width / 2 - from / 2, y: face.y + face.height / 2 - from / 2, width: from, height: from }
  const patch = resample(pixels, source, side, side, 3)
  const x = Math.floor((part * width) / parts + random.next() * (width / parts - side))
  const y = Math.floor(random.next() * (height - side))
  const brightness = 0.6 + 0.4 * random.next()
  copyInto(
    frame,
    patch.map((value) => value * brightness),
    side,
    x,
    y,
  )
  const scale = size / longer
  const box = { width: face.width * scale, height: face.height * scale }
  return { ...box, x: x + (side - box.width) / 2, y: y + (side - box.height) / 2 }
}

/** Puts a square of colours into a frame. */
function copyInto(frame: Float32Array, square: Float32Array, side: number, x: number, y: number): void {
  for (let row = 0; row < side; row++) frame.set(square.subarray(row * side * 3, (row + 1) * side * 3), ((y + row) * width + x) * 3)
}
