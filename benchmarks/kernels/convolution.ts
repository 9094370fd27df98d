// GFLOP/s of conv2d and its gradients on the shapes of the face models, counted as the sum over taps, whichever way it is computed:
// by Winograd's filtering more than the machine's peak. Processor time, so that other programs do not count.
//   npm run kernels -w benchmarks
import { setFlagsFromString } from 'node:v8'
import { registerKernels, startBackend, tf } from '@emo/runtime'

setFlagsFromString('--experimental-wasm-relaxed-simd')
await startBackend()
const variant = await registerKernels()
console.log(`kernels: ${variant}`)

const shapes = [
  { batch: 96, size: 48, channels: 1, outputs: 16, filter: 3, stride: 1 },
  { batch: 96, size: 48, channels: 16, outputs: 32, filter: 3, stride: 2 },
  { batch: 96, size: 24, channels: 32, outputs: 32, filter: 3, stride: 1 },
  { batch: 96, size: 24, channels: 32, outputs: 64, filter: 3, stride: 2 },
  { batch: 96, size: 24, channels: 32, outputs: 64, filter: 1, stride: 2 },
  { batch: 96, size: 12, channels: 64, outputs: 64, filter: 3, stride: 1 },
  { batch: 96, size: 12, channels: 64, outputs: 128, filter: 3, stride: 2 },
  { batch: 96, size: 6, channels: 128, outputs: 128, filter: 3, stride: 1 },
  { batch: 1, size: 24, channels: 32, outputs: 32, filter: 3, stride: 1 },
  { batch: 1, size: 12, channels: 64, outputs: 64, filter: 3, stride: 1 },
  { batch: 1, size: 6, channels: 128, outputs: 128, filter: 3, stride: 1 },
]

function processorSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Median processor seconds of one call; `calls` of them are measured together. */
function median(run: () => tf.Tensor, calls: number): number {
  const times = Array.from({ length: 15 }, () => {
    const start = processorSeconds()
    for (let i = 0; i < calls; i++) run().dispose()
    return (processorSeconds() - start) / calls
  })
  // The first ones run while the engine still compiles.
  return times.slice(4).sort((a, b) => a - b)[5]
}

console.log('shape'.padEnd(36), 'forward', 'filter gradient', 'input gradient   (GFLOP/s)')
for (const { batch, size, channels, outputs, filter, stride } of shapes) {
  const x = tf.randomUniform<tf.Rank.R4>([batch, size, size, channels], -1, 1)
  const w = tf.randomUniform<tf.Rank.R4>([filter, filter, channels, outputs], -1, 1)
  const y = tf.conv2d(x, w, stride, 'same')
  const work = (2 * y.size * filter * filter * channels) / 1e9
  const attrs = { strides: [stride, stride], pad: 'same', dataFormat: 'NHWC', dimRoundingMode: null }
  const rates = [
    () => tf.conv2d(x, w, stride, 'same'),
    () => tf.engine().runKernel<tf.Tensor>(tf.Conv2DBackpropFilter, { x, dy: y }, { ...attrs, filterShape: w.shape } as never),
    () => tf.engine().runKernel<tf.Tensor>(tf.Conv2DBackpropInput, { dy: y, filter: w }, { ...attrs, inputShape: x.shape } as never),
  ].map((run) => (work / median(run, Math.ceil(0.1 / work))).toFixed(1).padStart(10))
  console.log(`${batch}x${size}x${size}x${channels} -> ${outputs}, ${filter}x${filter} s${stride}`.padEnd(36), ...rates)
  tf.dispose([x, w, y])
}
