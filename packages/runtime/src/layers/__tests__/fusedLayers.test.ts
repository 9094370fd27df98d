import { beforeAll, describe, expect, it } from 'vitest'
import { kernelVariants } from '../../kernels/__tests__/kernelVariants.ts'
import { onCpu, randomValues, relativeError, startTestBackend, valuesOf } from '../../kernels/__tests__/testBackend.ts'
import * as tf from '../../tf.ts'
import { AddReLU } from '../addReluLayer.ts'
import { FusedBatchNormalization } from '../fusedBatchNormalizationLayer.ts'
import { FusedLSTM } from '../fusedLstmLayer.ts'
import { registerLayers } from '../registerLayers.ts'

/** The stock layer's default recurrent initialiser is slow and does not matter here. */
const quick = { kernelInitializer: 'glorotUniform', recurrentInitializer: 'glorotUniform' } as const

/** Saves a model to memory and loads it again. */
async function reload(model: tf.LayersModel): Promise<tf.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined
  await model.save(
    tf.io.withSaveHandler((artifacts) => {
      saved = artifacts
      return Promise.resolve({ modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) })
    }),
  )
  return tf.loadLayersModel(tf.io.fromMemory(saved!))
}

describe.each(kernelVariants)('fused layers, %s', (variant) => {
  beforeAll(async () => {
    await startTestBackend(variant)
    registerLayers()
  })

  describe('FusedLSTM', () => {
    it.each([
      { recurrentActivation: 'hardSigmoid', returnSequences: false },
      { recurrentActivation: 'sigmoid', returnSequences: true },
      { recurrentActivation: 'sigmoid', returnSequences: true, goBackwards: true },
    ] as const)('takes the weights of tf.layers.lstm unchanged and answers the same: %o', (options) => {
      const stock = tf.sequential({ layers: [tf.layers.lstm({ units: 9, inputShape: [7, 5], ...quick, ...options })] })
      const fused = tf.sequential({ layers: [new FusedLSTM({ units: 9, inputShape: [7, 5], ...options })] })
      fused.setWeights(stock.getWeights())
      const [actual, expected] = valuesOf(() => {
        const x = tf.tensor3d(randomValues(3 * 7 * 5, 1), [3, 7, 5])
        return [fused.predict(x) as tf.Tensor, stock.predict(x) as tf.Tensor]
      })
      expect(relativeError(actual, expected)).toBeLessThan(1e-5)
      expect(fused.outputShape).toEqual(stock.outputShape)
      stock.dispose()
      fused.dispose()
    })

    it('names its weights as the stock layer does', () => {
      const names = (layer: tf.layers.Layer) => {
        layer.apply(tf.input({ shape: [4, 3] }))
        return layer.weights.map((weight) => weight.originalName)
      }
      expect(names(new FusedLSTM({ units: 2, name: 'a' }))).toEqual(names(tf.layers.lstm({ units: 2, name: 'a', ...quick })))
    })

    it('starts the forget gate at 1 unless told otherwise', () => {
      const bias = (unitForgetBias: boolean) => {
        const layer = new FusedLSTM({ units: 2, unitForgetBias })
        layer.build([null, 4, 3])
        const values = Array.from(layer.getWeights()[2].dataSync())
        tf.dispose(layer.getWeights())
        return values
      }
      expect(bias(true)).toEqual([0, 0, 1, 1, 0, 0, 0, 0])
      expect(bias(false)).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    })

    it('follows the mask of tf.layers.masking as the stock layer does', () => {
      const build = (layer: tf.layers.Layer) =>
        tf.sequential({
          layers: [tf.layers.masking({ maskValue: 0, inputShape: [6, 4] }), layer, tf.layers.dense({ units: 2 })],
        })
      const stock = build(tf.layers.lstm({ units: 5, ...quick }))
      const fused = build(new FusedLSTM({ units: 5 }))
      fused.setWeights(stock.getWeights())
      const values = randomValues(2 * 6 * 4, 4)
      values.fill(0, 4 * 4, 6 * 4) // the last two frames of the first sample
      const [actual, expected] = valuesOf(() => {
        const x = tf.tensor3d(values, [2, 6, 4])
        return [fused.predict(x) as tf.Tensor, stock.predict(x) as tf.Tensor]
      })
      expect(relativeError(actual, expected)).toBeLessThan(1e-5)
      stock.dispose()
      fused.dispose()
    })

    it('is wrapped by tf.layers.bidirectional', async () => {
      const build = (layer: tf.layers.Layer) =>
        tf.sequential({
          layers: [
            tf.layers.bidirectional({ layer: layer as never, mergeMode: 'concat', inputShape: [6, 4] }),
            tf.layers.dense({ units: 2 }),
          ],
        })
      const stock = build(tf.layers.lstm({ units: 5, returnSequences: true, ...quick }))
      const fused = build(new FusedLSTM({ units: 5, returnSequences: true }))
      fused.setWeights(stock.getWeights())
      const restored = await reload(fused)
      const [actual, again, expected] = valuesOf(() => {
        const x = tf.tensor3d(randomValues(3 * 6 * 4, 5), [3, 6, 4])
        return [fused, restored, stock].map((model) => model.predict(x) as tf.Tensor)
      })
      expect(relativeError(actual, expected)).toBeLessThan(1e-5)
      expect(again).toEqual(actual)
      for (const model of [stock, fused, restored]) model.dispose()
    })

    it('survives saving and loading', async () => {
      const model = tf.sequential({
        layers: [
          new FusedLSTM({
            units: 3,
            inputShape: [5, 2],
            goBackwards: true,
            kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }),
          }),
        ],
      })
      const restored = await reload(model)
      expect(JSON.stringify(restored.layers[0].getConfig())).toBe(
        JSON.stringify(model.layers[0].getConfig()).replace(/"mode":"fanAvg","distribution":"uniform"/g, '$&,"seed":null'),
      )
      const [actual, expected] = valuesOf(() => {
        const x = tf.tensor3d(randomValues(10, 6), [1, 5, 2])
        return [restored.predict(x) as tf.Tensor, model.predict(x) as tf.Tensor]
      })
      expect(actual).toEqual(expected)
      model.dispose()
      restored.dispose()
    })

    it('drops the same features of all frames in training only', () => {
      const layer = new FusedLSTM({ units: 4, dropout: 0.5 })
      layer.build([null, 3, 8])
      const x = tf.ones([1, 3, 8])
      const [plain, again, dropped] = valuesOf(() => [
        layer.apply(x) as tf.Tensor,
        layer.apply(x) as tf.Tensor,
        layer.apply(x, { training: true }) as tf.Tensor,
      ])
      expect(again).toEqual(plain)
      expect(dropped).not.toEqual(plain)
      tf.dispose([x, ...layer.getWeights()])
    })

    it.each([
      [{ units: 0 }, /positive whole number, got 0/],
      [{ units: 2, activation: 'relu' }, /activation is 'tanh', got 'relu'/],
      [{ units: 2, recurrentActivation: 'relu' }, /recurrentActivation/],
      [{ units: 2, stateful: true }, /does not support stateful/],
      [{ units: 2, kernelInitializer: 'nonesuch' }, /no initializer 'nonesuch'/],
    ])('refuses %o', (args, message) => {
      expect(() => new FusedLSTM(args as never)).toThrow(message)
    })
  })

  describe('FusedBatchNormalization', () => {
    it.each([
      { inputShape: [5, 4, 6], relu: true },
      { inputShape: [7], relu: false },
      { inputShape: [3, 9], relu: true },
    ])('trains and infers as tf.layers.batchNormalization does: %o', async ({ inputShape, relu }) => {
      const run = (fused: boolean) => () => {
        const layers = fused
          ? [new FusedBatchNormalization({ inputShape, momentum: 0.7, activation: relu ? 'relu' : 'linear' })]
          : [tf.layers.batchNormalization({ inputShape, momentum: 0.7 }), ...(relu ? [tf.layers.reLU()] : [])]
        const model = tf.sequential({ layers })
        const x = tf.tensor(randomValues(8 * inputShape.reduce((a, b) => a * b, 1), 7), [8, ...inputShape])
        const trained = model.apply(x, { training: true }) as tf.Tensor
        const results = [trained, model.apply(x) as tf.Tensor, ...model.getWeights().map((weight) => tf.clone(weight))]
        model.dispose()
        return results
      }
      const expected = await onCpu(run(false))
      const actual = valuesOf(run(true))
      expect(actual).toHaveLength(expected.length)
      actual.forEach((values, i) => expect(relativeError(values, expected[i])).toBeLessThan(1e-4))
    })

    it('names its weights as the stock layer does', () => {
      const names = (layer: tf.layers.Layer) => {
        layer.apply(tf.input({ shape: [4, 3] }))
        return layer.weights.map((weight) => weight.originalName)
      }
      expect(names(new FusedBatchNormalization({ name: 'b' }))).toEqual(names(tf.layers.batchNormalization({ name: 'b' })))
    })

    it('refuses another axis', () => {
      expect(() => new FusedBatchNormalization({ axis: 1 })).toThrow(/last axis/)
    })
  })

  it('train a residual network and an LSTM network with stock optimisers', async () => {
    const image = tf.input({ shape: [8, 8, 1] })
    const conv = (x: tf.SymbolicTensor, filters: number, strides: number) =>
      tf.layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same', useBias: false }).apply(x) as tf.SymbolicTensor
    const normalize = (x: tf.SymbolicTensor, activation: 'relu' | 'linear') =>
      new FusedBatchNormalization({ activation, momentum: 0.8 }).apply(x) as tf.SymbolicTensor
    const stem = normalize(conv(image, 6, 2), 'relu')
    const block = new AddReLU().apply([normalize(conv(normalize(conv(stem, 6, 1), 'relu'), 6, 1), 'linear'), stem]) as tf.SymbolicTensor
    const pooled = tf.layers.globalAveragePooling2d({}).apply(block) as tf.SymbolicTensor
    const cnn = tf.model({
      inputs: image,
      outputs: tf.layers.dense({ units: 2, activation: 'softmax' }).apply(pooled) as tf.SymbolicTensor,
    })
    const rnn = tf.sequential({
      layers: [new FusedLSTM({ units: 8, inputShape: [8, 8] }), tf.layers.dense({ units: 2, activation: 'softmax' })],
    })
    // Class 1 has a bright half, on the left.
    const samples = 32
    const values = randomValues(samples * 64, 8)
    for (let i = 0; i < samples * 64; i++) if ((i >> 6) % 2 === 1 && i % 8 < 4) values[i] += 1
    const y = tf.oneHot(
      tf.tensor1d(
        Array.from({ length: samples }, (_, i) => i % 2),
        'int32',
      ),
      2,
    )
    for (const [model, shape] of [
      [cnn, [samples, 8, 8, 1]],
      [rnn, [samples, 8, 8]],
    ] as [tf.LayersModel, number[]][]) {
      const x = tf.tensor(values, shape)
      model.compile({ optimizer: tf.train.adam(0.02), loss: 'categoricalCrossentropy', metrics: ['accuracy'] })
      const { history } = await model.fit(x, y, { epochs: 25, batchSize: 16, verbose: 0 })
      expect(history.acc.at(-1)).toBeGreaterThan(0.9)
      const before = tf.memory().numTensors
      await model.fit(x, y, { epochs: 2, batchSize: 16, verbose: 0 })
      expect(tf.memory().numTensors).toBe(before)
      x.dispose()
      model.dispose()
    }
    y.dispose()
  })
})
