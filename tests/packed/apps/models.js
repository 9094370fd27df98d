// The same calls in Node and behind each bundler; the answers have to agree.
import { FaceEmotionModel } from '@emo/face-model'
import { startBackend, tf } from '@emo/runtime'
import { SpeechEmotionModel } from '@emo/speech-model'

/** A voice-like second and a half: a gliding pulse train with two resonances. */
function voice(sampleRate) {
  const samples = new Float32Array(sampleRate * 1.5)
  let phase = 0
  for (let i = 0; i < samples.length; i++) {
    const t = i / sampleRate
    phase += (150 + 60 * Math.sin(2 * Math.PI * 1.5 * t)) / sampleRate
    let value = 0
    for (let k = 1; k <= 20; k++) value += Math.sin(2 * Math.PI * k * phase) / (1 + Math.abs(k - 4) + Math.abs(k - 12) / 2)
    samples[i] = 0.05 * value * (0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * t))
  }
  return samples
}

/** A drawn face: two eyes, a mouth, some texture. */
function face(size) {
  const data = new Uint8ClampedArray(size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const near = (cx, cy, rx, ry) => ((x / size - cx) / rx) ** 2 + ((y / size - cy) / ry) ** 2 < 1
      const dark = near(0.3, 0.4, 0.09, 0.06) || near(0.7, 0.4, 0.09, 0.06) || near(0.5, 0.75, 0.2, 0.07)
      data[y * size + x] = (dark ? 40 : near(0.5, 0.5, 0.45, 0.6) ? 190 : 90) + ((x * 7 + y * 13) % 11)
    }
  }
  return data
}

export async function predictBoth() {
  await startBackend()
  const speechModel = await SpeechEmotionModel.load()
  const faceModel = await FaceEmotionModel.load()
  const speech = await speechModel.predict({ samples: voice(22050), sampleRate: 22050 })
  const expression = await faceModel.predict({ data: face(48), width: 48, height: 48, channels: 1 })
  const answer = { backend: tf.getBackend(), speech, face: expression }
  speechModel.dispose()
  faceModel.dispose()
  return answer
}

export { face, voice }
