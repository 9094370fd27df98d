// 10,000 predictions and 1,000 streams opened, fed and closed: the number of tensors and the heap before and after.
//   npm run speech:leaks -w benchmarks        (status 1 if something stays)
import { SpeechEmotionModel } from '@emo/speech-model'
import { compareMemory } from '../support/compareMemory.ts'
import { recording } from './recording.ts'

const model = await SpeechEmotionModel.load()
const clip = await recording(1)
// Short, so that ten thousand take a minute: what a prediction leaves behind does not depend on its length.
const short = { ...clip, samples: clip.samples.subarray(clip.sampleRate / 2, clip.sampleRate) }

compareMemory('10,000 predictions', 10_000, 200, () => void model.predict(short))
compareMemory('1,000 streams', 1000, 50, () => {
  const stream = model.createStream({ sampleRate: clip.sampleRate })
  stream.push(clip.samples)
  stream.close()
})
model.dispose()
