import { beforeAll, describe, expect, it, vi } from 'vitest'
import { randomValues, relativeError, startTestBackend } from '../../kernels/__tests__/testBackend.ts'
import { AddReLU } from '../../layers/addReluLayer.ts'
import * as tf from '../../tf.ts'
import { compileNetwork } from '../compileNetwork.ts'

beforeAll(() => startTestBackend())

type Layer = (x: tf.SymbolicTensor) => tf.SymbolicTensor

const convolve =
  (filters: number, kernelSize: number, strides: number, activation: 'linear' | 'relu' | 'elu' = 'relu'): Layer =>
  (x) =>
    tf.layers
      .conv2d({ filters, kernelSize, strides, padding: 'same', activation, biasInitializer: 'randomUniform' })
      .apply(x) as tf.SymbolicTensor
const add = (a: tf.SymbolicTensor, b: tf.SymbolicTensor) => tf.layers.add().apply([a, b]) as tf.SymbolicTensor
const relu: Layer = (x) => tf.layers.activation({ activation: 'relu' }).apply(x) as tf.SymbolicTensor
const pool: Layer = (x) => tf.layers.globalAveragePooling2d({}).apply(x) as tf.SymbolicTensor
const dense =
  (units: number, activation: 'linear' | 'relu' | 'softmax' = 'linear'): Layer =>
  (x) =>
    tf.layers.dense({ units, activation }).apply(x) as tf.SymbolicTensor

function network(build: Layer, shape: (number | null)[] = [10, 9, 2]): tf.LayersModel {
  const input = tf.input({ shape })
  return tf.model({ inputs: input, outputs: build(input) })
}

function applied(model: tf.LayersModel, values: Float32Array, shape: number[]): Float32Array {
  return tf.tidy(() => (model.apply(tf.tensor(values, shape)) as tf.Tensor).dataSync<'float32'>())
}

/** Residual blocks of every kind, dropout, two dense layers. */
const residual: Layer = (input) => {
  let x = convolve(16, 3, 1)(input)
  x = relu(add(convolve(16, 3, 1, 'linear')(x), x))
  x = new AddReLU().apply([convolve(24, 3, 2, 'linear')(x), convolve(24, 1, 2, 'linear')(x)]) as tf.SymbolicTensor
  // This sum has a second use, so its ReLU takes a pass of its own.
  const sum = add(convolve(24, 3, 1)(x), x)
  x = add(relu(sum), sum)
  x = tf.layers.dropout({ rate: 0.5 }).apply(pool(x)) as tf.SymbolicTensor
  return dense(5)(dense(7, 'relu')(x))
}

describe('compileNetwork', () => {
  it.each([1, 2, 5])('answers as the layers do, batch of %i', (batch) => {
    const model = network(residual)
    const values = randomValues(batch * 180, 1)
    const expected = applied(model, values, [batch, 10, 9, 2])
    const run = compileNetwork(model)
    const apply = vi.spyOn(model, 'apply')
    const actual = run(values, [batch, 10, 9, 2])
    expect(apply).not.toHaveBeenCalled()
    expect(actual).toHaveLength(batch * 5)
    expect(relativeError(actual, expected)).toBeLessThan(1e-5)
    model.dispose()
  })

  it('takes pictures of any size where the network does', () => {
    const model = network(residual, [null, null, 2])
    const run = compileNetwork(model)
    for (const size of [4, 7]) {
      const values = randomValues(size * size * 2, 1)
      const shape = [1, size, size, 2]
      expect(relativeError(run(values, shape), applied(model, values, shape))).toBeLessThan(1e-5)
    }
    model.dispose()
  })

  it('reads the weights of the moment', () => {
    const model = network(residual)
    const run = compileNetwork(model)
    const values = randomValues(180, 1)
    run(values, [1, 10, 9, 2])
    const halved = model.getWeights().map((weight) => tf.mul(weight, 0.5))
    model.setWeights(halved)
    tf.dispose(halved)
    expect(relativeError(run(values, [1, 10, 9, 2]), applied(model, values, [1, 10, 9, 2]))).toBeLessThan(1e-5)
    model.dispose()
  })

  it.each<[string, Layer]>([
    ['another activation', (x) => pool(convolve(8, 3, 1, 'elu')(x))],
    ['softmax', (x) => dense(3, 'softmax')(pool(x))],
    ['max pooling', (x) => pool(tf.layers.maxPooling2d({ poolSize: 2 }).apply(x) as tf.SymbolicTensor)],
    [
      'a layer used twice',
      (x) => {
        const shared = tf.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' })
        return pool(shared.apply(shared.apply(x)) as tf.SymbolicTensor)
      },
    ],
  ])('runs other networks through their layers: %s', (_, build) => {
    const model = network(build)
    const values = randomValues(180, 1)
    const expected = applied(model, values, [1, 10, 9, 2])
    expect(relativeError(compileNetwork(model)(values, [1, 10, 9, 2]), expected)).toBeLessThan(1e-6)
    model.dispose()
  })

  it('complains about values that are not of the shape', () => {
    const model = network(residual)
    expect(() => compileNetwork(model)(randomValues(128, 1), [1, 10, 9, 2])).toThrow(/shape/)
    model.dispose()
  })

  it('leaves nothing behind, after an error either', () => {
    const model = network(residual)
    const run = compileNetwork(model)
    const values = randomValues(180, 1)
    run(values, [1, 10, 9, 2])
    const backend = tf.backend() as unknown as { numDataIds(): number }
    const before = backend.numDataIds()
    const { numTensors } = tf.memory()
    for (let i = 0; i < 50; i++) run(values, [1, 10, 9, 2])
    expect(backend.numDataIds()).toBe(before)
    expect(tf.memory().numTensors).toBe(numTensors)

    const clashing = network(
      (x) => pool(new AddReLU().apply([convolve(4, 1, 1)(x), convolve(4, 1, 2)(x)]) as tf.SymbolicTensor),
      [null, null, 2],
    )
    const ids = backend.numDataIds()
    expect(() => compileNetwork(clashing)(values, [1, 10, 9, 2])).toThrow(/ADD_RELU_SHAPE|equal/)
    expect(backend.numDataIds()).toBe(ids)
    tf.dispose([...model.weights, ...clashing.weights].map((weight) => weight.read()))
  })
})
