// What predict costs beside its own network, and an hour-long recording: one run, one thread, the contenders in turns.
//   npm run speech -w benchmarks
import { memoryUsage } from 'node:process'
import { startBackend, tf } from '@emo/runtime'
import { featureColumns, padFeatures, SpeechEmotionModel } from '@emo/speech-model'
import { recording } from './recording.ts'

const rounds = 40
const repeats = 5

await startBackend()
const clip = await recording(3)
for (const weights of ['default', 'paper'] as const) {
  const model = await SpeechEmotionModel.load({ weights })
  // The views of one clip, the shorter ones padded, as predict puts them through the network.
  const views = model.extractFeatures(clip)
  const columns = featureColumns(model.metadata.features)
  const { frames, values } = padFeatures(views, columns)
  const input = tf.tensor3d(values, [views.length, frames, columns])
  const contenders = {
    network: () => tf.tidy(() => (model.network.apply(input) as tf.Tensor).dataSync()),
    features: () => model.extractFeatures(clip),
    predict: () => model.predict(clip),
  }
  const names = Object.keys(contenders) as (keyof typeof contenders)[]
  const times = { network: [] as number[], features: [] as number[], predict: [] as number[] }
  const processor = { network: 0, features: 0, predict: 0 }
  for (let round = -3; round < rounds; round++) {
    for (const name of names) {
      const before = process.cpuUsage()
      for (let i = 0; i < repeats; i++) {
        const start = performance.now()
        contenders[name]()
        if (round >= 0) times[name].push(performance.now() - start)
      }
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) processor[name] += (user + system) / 1000 / rounds / repeats
    }
  }
  const median = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1]
  console.log(
    `\n${weights}: 3 s of speech, ${views.length} views of ${frames} frames     median ms   processor ms   x network (median, processor)`,
  )
  for (const name of names) {
    const ratios = [median(times[name]) / median(times.network), processor[name] / processor.network]
    console.log(
      `  ${name.padEnd(36)} ${median(times[name]).toFixed(2).padStart(9)} ${processor[name].toFixed(2).padStart(14)}   ${ratios.map((ratio) => ratio.toFixed(2)).join(', ')}`,
    )
  }
  input.dispose()
  model.dispose()
}

const model = await SpeechEmotionModel.load()
const hour = await recording(3600)
model.predict(await recording(60))
const before = memoryUsage().rss
const start = performance.now()
const used = process.cpuUsage()
model.predict(hour)
const { user } = process.cpuUsage(used)
const seconds = (performance.now() - start) / 1000
const mebibytes = (bytes: number) => (bytes / 2 ** 20).toFixed(0)
console.log(
  `\nan hour: ${seconds.toFixed(1)} s (${(3600 / seconds).toFixed(0)} x real time), ${(user / 1e6).toFixed(1)} s of processor; resident memory ${mebibytes(before)} MiB before, ${mebibytes(memoryUsage().rss)} MiB after, peak ${mebibytes(process.resourceUsage().maxRSS * 1024)} MiB (the recording itself: ${mebibytes(hour.samples.byteLength)} MiB)`,
)
model.dispose()
