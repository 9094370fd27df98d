// 10,000 predictions and 1,000 streams opened, fed and closed: the number of tensors and the heap before and after.
//   npm run speech:leaks -w benchmarks        (status 1 if a tensor or more than 2 MiB of heap stays)
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { tf } from '@emo/runtime'
import { SpeechEmotionModel } from '@emo/speech-model'
import { recording } from './recording.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const model = await SpeechEmotionModel.load()
const clip = await recording(1)
// Short, so that ten thousand take a minute: what a prediction leaves behind does not depend on its length.
const short = { ...clip, samples: clip.samples.subarray(clip.sampleRate / 2, clip.sampleRate) }

/** Tensors, their bytes and the heap (MiB) after a full collection. */
function measure() {
  collect()
  collect()
  const { numTensors, numBytes } = tf.memory()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return { tensors: numTensors, tensorBytes: numBytes, heap: heapUsed / 2 ** 20, buffers: arrayBuffers / 2 ** 20 }
}

function compare(title: string, count: number, warmUp: number, run: () => void): void {
  for (let i = 0; i < warmUp; i++) run()
  const before = measure()
  for (let i = 0; i < count; i++) run()
  const after = measure()
  console.log(
    `${title}: tensors ${before.tensors} -> ${after.tensors}, their bytes ${before.tensorBytes} -> ${after.tensorBytes}, heap ${before.heap.toFixed(2)} -> ${after.heap.toFixed(2)} MiB, buffers ${before.buffers.toFixed(2)} -> ${after.buffers.toFixed(2)} MiB`,
  )
  if (after.tensors !== before.tensors || after.tensorBytes !== before.tensorBytes || after.heap + after.buffers > before.heap + before.buffers + 2) {
    process.exitCode = 1
  }
}

compare('10,000 predictions', 10_000, 200, () => void model.predict(short))
compare('1,000 streams', 1000, 50, () => {
  const stream = model.createStream({ sampleRate: clip.sampleRate })
  stream.push(clip.samples)
  stream.close()
})
model.dispose()
