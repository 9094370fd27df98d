import { connectFaceWorker, FaceEmotionModel } from '@emo/face-model'
import { connectSpeechWorker } from '@emo/speech-model'
import { face, predictBoth, voice } from './models.js'

async function run() {
  const both = await predictBoth()
  const photograph = await createImageBitmap(await (await fetch('/astronaut.jpg')).blob())
  const faceModel = await FaceEmotionModel.load()
  const detected = await faceModel.detect(photograph)
  const speechWorker = await connectSpeechWorker(new Worker(new URL('./speechWorker.js', import.meta.url), { type: 'module' }))
  const faceWorker = await connectFaceWorker(new Worker(new URL('./faceWorker.js', import.meta.url), { type: 'module' }))
  const inWorker = {
    speech: await speechWorker.predict({ samples: voice(22050), sampleRate: 22050 }),
    face: await faceWorker.predict({ data: face(48), width: 48, height: 48, channels: 1 }),
  }
  const otherwise = await detectOtherwise(faceModel, faceWorker, photograph)
  return { both, detected, otherwise, inWorker }
}

/** The same photograph as other things that a browser draws, here and in a worker. */
async function detectOtherwise(faceModel, faceWorker, photograph) {
  const canvas = new OffscreenCanvas(photograph.width, photograph.height)
  canvas.getContext('2d').drawImage(photograph, 0, 0)
  const frame = new VideoFrame(photograph, { timestamp: 0 })
  const faces = {
    canvas: faceModel.detect(canvas),
    frame: faceModel.detect(frame),
    bitmapInWorker: await faceWorker.detect(photograph),
    frameInWorker: await faceWorker.detect(frame),
    // What the worker closes is its own.
    bitmapAgain: faceModel.detect(photograph),
    frameAgain: faceModel.detect(frame),
  }
  frame.close()
  const codes = [await codeOf(() => faceModel.detect(frame)), await codeOf(() => faceWorker.detect({ draw: () => undefined }))]
  return { faces, codes }
}

async function codeOf(call) {
  try {
    await call()
  } catch (error) {
    return error.code
  }
}

run().then(
  (answer) => (globalThis.answer = { answer }),
  (error) => (globalThis.answer = { error: `${error.code ?? ''} ${error.stack ?? error}` }),
)
