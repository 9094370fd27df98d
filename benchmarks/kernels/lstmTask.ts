import type * as core from '@tensorflow/tfjs-core'
import type * as layers from '@tensorflow/tfjs-layers'

/** TensorFlow.js, stock or through the runtime. */
export type TensorFlow = typeof core & typeof layers

/** Options of the LSTM layer of the task. */
export const lstmOptions = { units: 128, inputShape: [100, 40], recurrentActivation: 'sigmoid' } as const

/** The paper's network: LSTM 128, dense 64, 32 and 8. */
export function network(tf: TensorFlow, lstm: (options: typeof lstmOptions & { inputShape: number[] }) => layers.layers.Layer) {
  return tf.sequential({
    layers: [
      lstm({ ...lstmOptions, inputShape: [...lstmOptions.inputShape] } as never),
      tf.layers.dense({ units: 64, activation: 'relu' }),
      tf.layers.dense({ units: 32, activation: 'relu' }),
      tf.layers.dense({ units: 8, activation: 'softmax' }),
    ],
  })
}

/** One step of Adam on 64 clips. */
export function trainingStep(tf: TensorFlow, model: layers.Sequential): () => void {
  const batch = tf.randomNormal<core.Rank.R3>([64, ...lstmOptions.inputShape])
  const labels = tf.oneHot(tf.randomUniform<core.Rank.R1>([64], 0, 8, 'int32'), 8)
  const optimizer = tf.train.adam(1e-3)
  return () => {
    const loss = optimizer.minimize(
      () => tf.losses.softmaxCrossEntropy<core.Tensor, core.Scalar>(labels, model.apply(batch, { training: true }) as core.Tensor),
      true,
    )!
    loss.dataSync()
    loss.dispose()
  }
}

/** Milliseconds of one call. `processor` is the mean of user and system time, which other programs on the machine lengthen less. */
export interface Timing {
  readonly median: number
  readonly shortest: number
  readonly processor: number
}

/** Times `rounds` calls after two that do not count. */
export async function measure(run: () => unknown, rounds: number): Promise<Timing> {
  await run()
  await run()
  const times: number[] = []
  const before = process.cpuUsage()
  for (let i = 0; i < rounds; i++) {
    const start = performance.now()
    await run()
    times.push(performance.now() - start)
  }
  const { user, system } = process.cpuUsage(before)
  return summarize(times, (user + system) / 1000 / rounds)
}

/** Median and shortest of a list. */
export function summarize(times: readonly number[], processor: number): Timing {
  const sorted = [...times].sort((a, b) => a - b)
  return { median: sorted[sorted.length >> 1], shortest: sorted[0], processor }
}
