// The speech model's LSTM (100 frames of 40 -> 128, dense 64, 32, 8; batch 1) on three runtimes, same weights, one thread, one run;
// and one training step of batch 64 against stock tfjs-layers.
//   npx tsx --conditions=@emo/source benchmarks/kernels/lstm.ts
import { setFlagsFromString } from 'node:v8'
import * as ort from 'onnxruntime-web/wasm'
import { FusedLSTM, lstm, startBackend, tf } from '@emo/runtime'
import { lstmToOnnx } from './lstmModel.ts'

// What a training command turns on; later versions of Node have it on.
if (!process.argv.includes('--no-relaxed-simd')) setFlagsFromString('--experimental-wasm-relaxed-simd')
await startBackend()

const time = 100
const features = 40
const units = 128
const initializer = 'glorotUniform'
const build = (first: tf.layers.Layer) =>
  tf.sequential({
    layers: [
      first,
      tf.layers.dense({ units: 64, activation: 'relu' }),
      tf.layers.dense({ units: 32, activation: 'relu' }),
      tf.layers.dense({ units: 8, activation: 'softmax' }),
    ],
  })
const options = { units, inputShape: [time, features], recurrentActivation: 'sigmoid' } as const
const stock = build(tf.layers.lstm({ ...options, kernelInitializer: initializer, recurrentInitializer: initializer }))
const fused = build(new FusedLSTM(options))
fused.setWeights(stock.getWeights())

const weights = stock.getWeights().map((tensor) => tensor.dataSync() as Float32Array)
ort.env.wasm.numThreads = 1
const session = await ort.InferenceSession.create(
  lstmToOnnx({
    time,
    features,
    units,
    lstm: [weights[0], weights[1], weights[2]],
    dense: [
      [weights[3], weights[4]],
      [weights[5], weights[6]],
      [weights[7], weights[8]],
    ],
  }),
  { executionProviders: ['wasm'], graphOptimizationLevel: 'all' },
)

const clip = tf.randomNormal<tf.Rank.R3>([1, time, features])
const values = clip.dataSync() as Float32Array
const runFused = () => tf.tidy(() => (fused.apply(clip) as tf.Tensor).dataSync()) as Float32Array
const runBare = () => tf.tidy(() => lstm(clip, ...(bare as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D])).dataSync()) as Float32Array
const bare = stock.getWeights().slice(0, 3)
const runStock = () => tf.tidy(() => (stock.apply(clip) as tf.Tensor).dataSync()) as Float32Array
const runOrt = async () => {
  const { y } = await session.run({ x: new ort.Tensor('float32', values, [time, 1, features]) })
  return y.data as Float32Array
}

const difference = (a: Float32Array, b: Float32Array) => Math.max(...a.map((value, i) => Math.abs(value - b[i])))
console.log(`largest difference to stock: fused ${difference(runFused(), runStock()).toExponential(1)}, onnxruntime-web ${difference(await runOrt(), runStock()).toExponential(1)}`)

/** Median and shortest milliseconds; the contenders take turns, so that the machine's other work hits all of them. */
async function compare(contenders: Record<string, () => unknown>, rounds: number, repeats: number) {
  const times = new Map(Object.keys(contenders).map((name) => [name, [] as number[]]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      for (let i = 0; i < repeats; i++) {
        const start = performance.now()
        await run()
        times.get(name)!.push(performance.now() - start)
      }
    }
  }
  return new Map(
    [...times].map(([name, list]) => {
      const sorted = list.sort((a, b) => a - b)
      return [name, { median: sorted[sorted.length >> 1], shortest: sorted[0] }]
    }),
  )
}

function print(title: string, results: Map<string, { median: number; shortest: number }>, base: string) {
  console.log(title)
  for (const [name, { median, shortest }] of results) {
    const ratio = median / results.get(base)!.median
    console.log(`  ${name.padEnd(44)} median ${median.toFixed(2).padStart(9)} ms   shortest ${shortest.toFixed(2).padStart(9)} ms   ${ratio.toFixed(2)} x ${base}`)
  }
}

for (let i = 0; i < 200; i++) {
  runFused()
  await runOrt()
}
print(
  'forward, batch 1',
  await compare({ 'onnxruntime-web': runOrt, '@emo/runtime': runFused, '@emo/runtime, the LSTM alone': runBare, 'tfjs-layers': runStock }, 12, 12),
  'onnxruntime-web',
)

const batch = tf.randomNormal<tf.Rank.R3>([64, time, features])
const labels = tf.oneHot(tf.randomUniform([64], 0, 8, 'int32') as tf.Tensor1D, 8)
const trainer = (model: tf.Sequential) => {
  const optimizer = tf.train.adam(1e-3)
  return () => {
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy(labels, model.apply(batch, { training: true }) as tf.Tensor) as tf.Scalar,
      true,
    )!
    loss.dataSync()
    loss.dispose()
  }
}
const [stepFused, stepStock] = [trainer(fused), trainer(stock)]
stepFused()
stepStock()
print('training step, batch 64', await compare({ '@emo/runtime': stepFused, 'tfjs-layers': stepStock }, 4, 1), '@emo/runtime')
