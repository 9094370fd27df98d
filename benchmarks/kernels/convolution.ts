// GFLOP/s of conv2d and its gradients on the shapes that the face models train with.
//   npm run kernels -w benchmarks
import { setFlagsFromString } from 'node:v8'
import { registerKernels, startBackend, tf } from '@emo/runtime'

setFlagsFromString('--experimental-wasm-relaxed-simd')
await startBackend()
const variant = await registerKernels()
console.log(`kernels: ${variant}`)

const shapes = [
  { batch: 96, size: 48, channels: 1, outputs: 24, filter: 3, stride: 1 },
  { batch: 96, size: 48, channels: 24, outputs: 24, filter: 3, stride: 2 },
  { batch: 32, size: 24, channels: 64, outputs: 64, filter: 3, stride: 1 },
  { batch: 96, size: 24, channels: 24, outputs: 24, filter: 3, stride: 1 },
  { batch: 96, size: 24, channels: 24, outputs: 48, filter: 3, stride: 2 },
  { batch: 96, size: 12, channels: 48, outputs: 48, filter: 3, stride: 1 },
  { batch: 96, size: 12, channels: 48, outputs: 96, filter: 3, stride: 2 },
  { batch: 96, size: 6, channels: 96, outputs: 96, filter: 3, stride: 1 },
  { batch: 96, size: 24, channels: 24, outputs: 48, filter: 1, stride: 2 },
  { batch: 96, size: 12, channels: 64, outputs: 64, filter: 1, stride: 1 },
]

/** Median seconds of one call. */
function median(run: () => tf.Tensor): number {
  for (let i = 0; i < 4; i++) run().dispose()
  const times: number[] = []
  for (let i = 0; i < 15; i++) {
    const start = performance.now()
    run().dispose()
    times.push((performance.now() - start) / 1000)
  }
  return times.sort((a, b) => a - b)[7]
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
    () =>
      tf
        .engine()
        .runKernel(tf.Conv2DBackpropFilter, { x, dy: y }, { ...attrs, filterShape: w.shape } as never) as tf.Tensor,
    () =>
      tf.engine().runKernel(tf.Conv2DBackpropInput, { dy: y, filter: w }, {
        ...attrs,
        inputShape: x.shape,
      } as never) as tf.Tensor,
  ].map((run) => (work / median(run)).toFixed(1).padStart(10))
  console.log(`${batch}x${size}x${size}x${channels} -> ${outputs}, ${filter}x${filter} s${stride}`.padEnd(36), ...rates)
  tf.dispose([x, w, y])
}
