// The speech model's LSTM (100 frames of 40 -> 128, dense 64, 32, 8; batch 1) on three runtimes, same weights, one thread, one run;
// and one training step of batch 64 against stock tfjs-layers.
//   npx tsx --conditions=@emo/source benchmarks/kernels/lstm.ts [--no-relaxed-simd]
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import * as ort from 'onnxruntime-web/wasm'
import { FusedLSTM, lstm, startBackend, tf } from '@emo/runtime'
import { lstmToOnnx } from './lstmModel.ts'
import { lstmOptions, measure, network, summarize, trainingStep, type Timing } from './lstmTask.ts'

// What a training command turns on; later versions of Node have it on.
if (!process.argv.includes('--no-relaxed-simd')) setFlagsFromString('--experimental-wasm-relaxed-simd')
await startBackend()

const [time, features] = lstmOptions.inputShape
const { units } = lstmOptions
const model = network(tf, (options) => new FusedLSTM(options))
const weights = model.getWeights().map((tensor) => tensor.dataSync() as Float32Array)
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
const lstmWeights = model.getWeights().slice(0, 3) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D]
const contenders = {
  'onnxruntime-web': async () => {
    const { y } = await session.run({ x: new ort.Tensor('float32', values, [time, 1, features]) })
    return y.data as Float32Array
  },
  '@emo/runtime': () => tf.tidy(() => (model.apply(clip) as tf.Tensor).dataSync()) as Float32Array,
  '@emo/runtime, the LSTM alone': () => tf.tidy(() => lstm(clip, ...lstmWeights).dataSync()) as Float32Array,
}
const [expected, actual] = [await contenders['onnxruntime-web'](), contenders['@emo/runtime']()]
console.log(`largest difference of the scores: ${Math.max(...actual.map((v, i) => Math.abs(v - expected[i]))).toExponential(1)}`)

/** The contenders take turns, so that the machine's other work hits all of them. */
async function takeTurns(runs: Record<string, () => unknown>, rounds: number, repeats: number): Promise<Map<string, Timing>> {
  const times = new Map(Object.keys(runs).map((name) => [name, { all: [] as number[], processor: 0 }]))
  for (let round = -2; round < rounds; round++) {
    for (const [name, run] of Object.entries(runs)) {
      const before = process.cpuUsage()
      const record = times.get(name)!
      for (let i = 0; i < repeats; i++) {
        const start = performance.now()
        await run()
        if (round >= 0) record.all.push(performance.now() - start)
      }
      const { user, system } = process.cpuUsage(before)
      if (round >= 0) record.processor += (user + system) / 1000
    }
  }
  return new Map([...times].map(([name, { all, processor }]) => [name, summarize(all, processor / all.length)]))
}

function print(title: string, results: ReadonlyMap<string, Timing>, base: string): void {
  console.log(`\n${title.padEnd(34)}   median  shortest  processor time (ms)`)
  for (const [name, { median, shortest, processor }] of results) {
    const columns = [median, shortest, processor].map((value) => value.toFixed(2).padStart(9))
    const ratio = processor / results.get(base)!.processor
    console.log(`  ${name.padEnd(32)} ${columns.join(' ')}   ${ratio.toFixed(2)} x ${base}`)
  }
}

const forward = await takeTurns(contenders, 15, 40)
const step = await measure(trainingStep(tf, model), 8)
const stock = JSON.parse(
  execFileSync(process.execPath, ['--import', 'tsx', fileURLToPath(new URL('./stockLstm.ts', import.meta.url))], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n')
    .at(-1)!,
) as { forward: Timing; step: Timing }
print('forward, batch 1', new Map([...forward, ['tfjs-layers', stock.forward]]), 'onnxruntime-web')
print(
  'training step, batch 64',
  new Map([
    ['@emo/runtime', step],
    ['tfjs-layers', stock.step],
  ]),
  '@emo/runtime',
)
