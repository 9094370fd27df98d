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
  return { both, detected, inWorker }
}

run().then(
  (answer) => (globalThis.answer = { answer }),
  (error) => (globalThis.answer = { error: `${error.code ?? ''} ${error.stack ?? error}` }),
)
