import { createRandom } from '../../../random.ts'
import * as tf from '../../../tf.ts'
import { shardRows, type CreateJob } from '../../job.ts'

/** What the tests vary. */
export interface ClassifierConfig {
  readonly examples?: number
  readonly batchSize?: number
  readonly dropout?: number
  readonly batchNormalization?: boolean
  /** Global step from which the loss is NaN. */
  readonly nanFrom?: number
  /** Global step at which the replica of this rank throws. */
  readonly failAt?: { readonly rank: number; readonly step: number }
}

/** Step of this process at which it sends itself a signal: not part of the configuration, so that the next process resumes. */
const [signalStep, signalName] = (process.env.TEST_SIGNAL ?? '').split(' ')

/** Two noisy classes in four dimensions. */
export const createJob: CreateJob<ClassifierConfig, { x: Float32Array; y: Int32Array }> = ({ rank, size, config, seed }) => {
  const { examples = 64, batchSize = 16, dropout = 0, batchNormalization = false } = config
  const random = createRandom(seed, 'data')
  const labels = Int32Array.from({ length: examples }, () => random.integer(2))
  const points = Float32Array.from({ length: examples * 4 }, (_, i) => random.normal() + (labels[i >> 2] === 0 ? -0.8 : 0.8))
  const model = tf.sequential()
  model.add(tf.layers.dense({ units: 8, inputShape: [4], activation: 'relu' }))
  if (batchNormalization) model.add(tf.layers.batchNormalization())
  if (dropout > 0) model.add(tf.layers.dropout({ rate: dropout }))
  model.add(tf.layers.dense({ units: 2 }))
  const take = (rows: readonly number[]) => ({
    x: Float32Array.from(rows.flatMap((row) => Array.from(points.subarray(row * 4, row * 4 + 4)))),
    y: Int32Array.from(rows, (row) => labels[row]),
  })
  let steps = 0
  return {
    model,
    batchesPerEpoch: Math.floor(examples / batchSize),
    *trainBatches(_, epochRandom) {
      const order = epochRandom.shuffle(Array.from({ length: examples }, (__, i) => i))
      for (let at = 0; at + batchSize <= examples; at += batchSize) yield take(shardRows(order.slice(at, at + batchSize), rank, size))
    },
    loss(_, { x, y }) {
      const step = steps++
      if (config.failAt?.rank === rank && config.failAt.step === step) throw new Error('this replica fails')
      if (signalName && Number(signalStep) === step && rank === 0) {
        process.kill(process.pid, signalName)
        // The coordinator's thread has to hear of it before the epoch is over.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
      }
      const logits = model.apply(tf.tensor2d(x, [y.length, 4]), { training: true }) as tf.Tensor2D
      const target = tf.oneHot(tf.tensor1d(y, 'int32'), 2) as tf.Tensor2D
      const loss = tf.losses.softmaxCrossEntropy<tf.Tensor2D, tf.Scalar>(target, logits)
      const accuracy = tf.mean<tf.Scalar>(tf.cast(tf.equal(tf.argMax(logits, 1), tf.tensor1d(y, 'int32')), 'float32'))
      return {
        loss: config.nanFrom !== undefined && step >= config.nanFrom ? tf.mul<tf.Scalar>(loss, NaN) : loss,
        count: y.length,
        metrics: { accuracy },
      }
    },
    async evaluate(_, context) {
      const rows = shardRows(
        Array.from({ length: examples }, (__, i) => i),
        context.rank,
        context.size,
      )
      const { x, y } = take(rows)
      const hits = tf.tidy(() => {
        const predicted = tf.argMax(model.predict(tf.tensor2d(x, [y.length, 4])) as tf.Tensor, 1).dataSync()
        return Float32Array.of(
          y.reduce((sum, label, i) => sum + Number(label === predicted[i]), 0),
          y.length,
        )
      })
      const all = await context.gather(hits)
      return { accuracy: all.reduce((sum, [hit]) => sum + hit, 0) / all.reduce((sum, [, count]) => sum + count, 0) }
    },
  }
}
