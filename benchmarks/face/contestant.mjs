// One library in a process of its own: prints one line of JSON.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { decode } from 'fast-png'

const require = createRequire(import.meta.url)
const [name, runs, data] = process.argv.slice(2)
const size = 48

/** A grey face of 48 x 48 that is the same for everybody. */
function someFace(seed) {
  let state = seed
  return Uint8Array.from({ length: size * size }, () => (state = (state * 1103515245 + 12345) % 2147483648) >> 16)
}

async function own(options) {
  const { FaceEmotionModel } = await import('@emo/face-model')
  const model = await FaceEmotionModel.load(options)
  const image = (face) => ({ data: face, width: size, height: size, channels: 1 })
  return {
    predict: (face) => model.predict(image(face)).emotion,
    predictBatch: (faces) => model.predictBatch(faces.map(image)),
  }
}

const contestants = {
  async emo() {
    const { FaceEmotionModel, FaceTracker } = await import('@emo/face-model')
    return { ...(await own()), frame: await frames(FaceEmotionModel, FaceTracker) }
  },

  'emo, mirrored': () => own({ mirrored: true }),

  // Its emotion network on its own, run as src/gear/emotion.ts runs it, on stock TensorFlow.js.
  async human() {
    const tf = await startStock()
    const { loadGraphModel } = require('@tensorflow/tfjs-converter')
    const folder = join(dirname(require.resolve('@vladmandic/human')), '../models')
    const json = JSON.parse(readFileSync(join(folder, 'emotion.json'), 'utf8'))
    const weights = readFileSync(join(folder, 'emotion.bin'))
    const model = await loadGraphModel({
      load: () =>
        Promise.resolve({
          modelTopology: json.modelTopology,
          weightSpecs: json.weightsManifest.flatMap((group) => group.weights),
          weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
        }),
    })
    const emotions = ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral']
    const rgb = tf.tensor1d([0.2989, 0.587, 0.114])
    const run = (faces) =>
      tf.tidy(() => {
        const image = tf.div(toRgb(tf, faces), 255)
        const resized = tf.image.resizeBilinear(image, [64, 64], false)
        const grey = tf.sum(tf.mul(resized, rgb), 3, true)
        return model.execute(tf.mul(tf.sub(grey, 0.5), 2)).dataSync()
      })
    return { predict: (face) => emotions[best(run([face]))], predictBatch: run }
  },

  async 'face-api'() {
    const tf = await startStock()
    const faceApi = require('@vladmandic/face-api/dist/face-api.node-wasm.js')
    await faceApi.nets.faceExpressionNet.loadFromDisk(join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model'))
    const emotions = {
      angry: 'anger',
      disgusted: 'disgust',
      fearful: 'fear',
      happy: 'happiness',
      sad: 'sadness',
      surprised: 'surprise',
      neutral: 'neutral',
    }
    const run = (faces) =>
      tf.tidy(() => {
        const image = toRgb(tf, faces)
        return tf.tidy(() => faceApi.nets.faceExpressionNet.forwardInput(new faceApi.NetInput(tf.unstack(image))).dataSync())
      })
    const order = ['neutral', 'happy', 'sad', 'angry', 'fearful', 'disgusted', 'surprised']
    return { predict: (face) => emotions[order[best(run([face]))]], predictBatch: run }
  },
}

/** TensorFlow.js as the peers use it: its own WASM backend with SIMD; one thread, which is all it has in Node. */
async function startStock() {
  const tf = require('@tensorflow/tfjs')
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`)
  await tf.setBackend('wasm')
  await tf.ready()
  return tf
}

function toRgb(tf, faces) {
  const values = new Float32Array(faces.length * size * size * 3)
  faces.forEach((face, index) => {
    for (let i = 0, write = index * face.length * 3; i < face.length; i++) for (let c = 0; c < 3; c++) values[write++] = face[i]
  })
  return tf.tensor4d(values, [faces.length, size, size, 3])
}

function best(values) {
  let index = 0
  for (let i = 1; i < values.length; i++) if (values[i] > values[index]) index = i
  return index
}

function median(times) {
  return [...times].sort((a, b) => a - b)[times.length >> 1]
}

function mean(times) {
  return times.reduce((sum, value) => sum + value, 0) / times.length
}

function time(count, run) {
  for (let i = 0; i < Math.min(20, count); i++) run(i)
  return Array.from({ length: count }, (_, i) => {
    const start = performance.now()
    run(i)
    return performance.now() - start
  })
}

/** Milliseconds of processor time of each run, which other programs do not add to. */
function processorTimes(count, run) {
  const busy = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  return Array.from({ length: count }, (_, i) => {
    const start = busy()
    run(i)
    return busy() - start
  })
}

function processorTime(count, run) {
  return median(processorTimes(count, run))
}

/** A frame of 640 x 480 with one face, detection included. */
async function frames(FaceEmotionModel, FaceTracker) {
  const photo = decode(readFileSync(new URL('../../packages/face-model/src/__tests__/photos/astronaut.png', import.meta.url)))
  const frame = { data: new Uint8ClampedArray(640 * 480 * 4).fill(128), width: 640, height: 480, channels: 4 }
  // A camera's frames are opaque.
  for (let i = 3; i < frame.data.length; i += 4) frame.data[i] = 255
  for (let y = 0; y < 480; y++) {
    for (let x = 0; x < 512; x++) {
      for (let c = 0; c < 3; c++) frame.data[(y * 640 + x + 64) * 4 + c] = photo.data[(y * photo.width + x) * photo.channels + c]
    }
  }
  const results = {}
  for (const minFaceSize of [24, 48, 96]) {
    const model = await FaceEmotionModel.load({ detector: { minFaceSize } })
    const faces = model.detect(frame).length
    results[`faces from ${minFaceSize} px on (${faces} found)`] = {
      milliseconds: median(time(30, () => model.detect(frame))),
      busy: processorTime(30, () => model.detect(frame)),
    }
    model.dispose()
  }
  // Twenty frames a second of video time: one of ten searches the whole picture.
  const model = await FaceEmotionModel.load()
  const tracker = new FaceTracker(model)
  let frames = 0
  const times = time(60, () => tracker.update(frame, frames++ / 20))
  const busyTimes = processorTimes(60, () => tracker.update(frame, frames++ / 20))
  results['FaceTracker, faces from 24 px on, mean'] = { milliseconds: mean(times), busy: mean(busyTimes) }
  model.dispose()
  return results
}

/** Accuracy over FER2013's PublicTest, one picture at a time. */
async function measureAccuracy(predict) {
  const { officialSplit, openFer2013, readImage } = await import('@emo/datasets')
  const { validation } = officialSplit(await openFer2013(data))
  let right = 0
  for (const sample of validation) if (predict((await readImage(sample)).data) === sample.emotion) right++
  return right / validation.length
}

const { predict, predictBatch, frame } = await contestants[name]()
const faces = Array.from({ length: 32 }, (_, i) => someFace(i + 1))
const singles = time(Number(runs), (i) => predict(faces[i % 32]))
const busySingle = processorTime(Number(runs), (i) => predict(faces[i % 32]))
const busyBatch = processorTime(Math.ceil(Number(runs) / 10), () => predictBatch(faces))
const batches = time(Math.ceil(Number(runs) / 10), () => predictBatch(faces))
console.log(
  JSON.stringify({
    name,
    single: median(singles),
    least: Math.min(...singles),
    batch: median(batches) / 32,
    busySingle,
    busyBatch: busyBatch / 32,
    frame,
    accuracy: data ? await measureAccuracy(predict) : undefined,
  }),
)
