import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { lstm, type LstmOptions } from '../fusedLstm.ts'
import { kernelVariants } from './kernelVariants.ts'
import { randomValues, relativeError, startTestBackend, valuesOf } from './testBackend.ts'

interface Case {
  batch: number
  time: number
  features: number
  units: number
  options: LstmOptions & { recurrentActivation: 'sigmoid' | 'hardSigmoid' }
}

const cases = fc.record({
  batch: fc.integer({ min: 1, max: 14 }),
  time: fc.integer({ min: 1, max: 7 }),
  features: fc.integer({ min: 1, max: 11 }),
  units: fc.integer({ min: 1, max: 13 }),
  seed: fc.integer({ min: 0, max: 1000 }),
  returnSequences: fc.boolean(),
  goBackwards: fc.boolean(),
  hard: fc.boolean(),
  masked: fc.boolean(),
  withState: fc.boolean(),
})

function inputs(
  { batch, time, features, units }: Omit<Case, 'options'>,
  seed: number,
): [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D] {
  return [
    tf.tensor3d(randomValues(batch * time * features, seed), [batch, time, features]),
    tf.tensor2d(randomValues(features * 4 * units, seed + 1), [features, 4 * units]),
    tf.tensor2d(randomValues(units * 4 * units, seed + 2), [units, 4 * units]),
    tf.tensor1d(randomValues(4 * units, seed + 3)),
  ]
}

/** The definition, step by step in stock operations. */
function reference(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor1D,
  { returnSequences, goBackwards, recurrentActivation, mask, initialState }: LstmOptions,
): tf.Tensor {
  const [batch, time, features] = x.shape
  const units = recurrentKernel.shape[0]
  const gate = (z: tf.Tensor) => (recurrentActivation === 'hardSigmoid' ? tf.clipByValue(tf.add(tf.mul(z, 0.2), 0.5), 0, 1) : tf.sigmoid(z))
  let h: tf.Tensor = initialState?.[0] ?? tf.zeros([batch, units])
  let c: tf.Tensor = initialState?.[1] ?? tf.zeros([batch, units])
  const steps: tf.Tensor[] = []
  for (let s = 0; s < time; s++) {
    const t = goBackwards ? time - 1 - s : s
    const frame = tf.reshape(tf.slice(x, [0, t, 0], [batch, 1, features]), [batch, features])
    const z = tf.add(tf.add(tf.matMul(frame, kernel), tf.matMul(h as tf.Tensor2D, recurrentKernel)), bias)
    const [zi, zf, zg, zo] = tf.split(z, 4, 1)
    const nextC = tf.add(tf.mul(gate(zf), c), tf.mul(gate(zi), tf.tanh(zg)))
    const nextH = tf.mul(gate(zo), tf.tanh(nextC))
    if (mask) {
      const keep = tf.cast(tf.slice(mask, [0, t], [batch, 1]), 'float32')
      h = tf.add(tf.mul(nextH, keep), tf.mul(h, tf.sub(1, keep)))
      c = tf.add(tf.mul(nextC, keep), tf.mul(c, tf.sub(1, keep)))
    } else {
      h = nextH
      c = nextC
    }
    steps.push(h)
  }
  return returnSequences ? tf.stack(steps, 1) : h
}

/** Output and all gradients of a random weighting of the output. */
function outputAndGradients(run: typeof lstm | typeof reference, tensors: tf.Tensor[], options: LstmOptions, seed: number): tf.Tensor[] {
  const compute = (...all: tf.Tensor[]) => {
    const [x, kernel, recurrentKernel, bias, h, c] = all
    const initialState = h ? ([h, c] as [tf.Tensor2D, tf.Tensor2D]) : undefined
    return run(x as tf.Tensor3D, kernel as tf.Tensor2D, recurrentKernel as tf.Tensor2D, bias as tf.Tensor1D, {
      ...options,
      initialState,
    })
  }
  const y = compute(...tensors)
  const dy = tf.tensor(randomValues(y.size, seed), y.shape)
  return [y, ...tf.grads(compute)(tensors, dy)]
}

describe.each(kernelVariants)('lstm, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('equals the definition in stock operations, gradients included, for any shape and option', () => {
    fc.assert(
      fc.property(cases, ({ seed, hard, masked, withState, returnSequences, goBackwards, ...shape }) => {
        const { batch, time, units } = shape
        const all = (run: typeof lstm | typeof reference) =>
          valuesOf(() => {
            const mask = masked
              ? tf.tensor2d(
                  Array.from(randomValues(batch * time, seed + 9), (v) => (v > -0.3 ? 1 : 0)),
                  [batch, time],
                  'bool',
                )
              : undefined
            const states = withState
              ? [
                  tf.tensor2d(randomValues(batch * units, seed + 5), [batch, units]),
                  tf.tensor2d(randomValues(batch * units, seed + 6), [batch, units]),
                ]
              : []
            const options: LstmOptions = {
              returnSequences,
              goBackwards,
              recurrentActivation: hard ? 'hardSigmoid' : 'sigmoid',
              mask,
            }
            return outputAndGradients(run, [...inputs(shape, seed), ...states], options, seed + 7)
          })
        const expected = all(reference)
        all(lstm).forEach((values, i) => expect(relativeError(values, expected[i])).toBeLessThan(2e-5))
      }),
      { numRuns: 120 },
    )
  })

  it('equals tf.layers.lstm with the same weights to 1e-5 at the size of the speech model', () => {
    const stock = tf.layers.lstm({
      units: 128,
      inputShape: [100, 40],
      kernelInitializer: 'glorotUniform',
      recurrentInitializer: 'glorotUniform',
    })
    const [actual, expected] = valuesOf(() => {
      const x = tf.tensor3d(randomValues(2 * 100 * 40, 1), [2, 100, 40])
      const y = stock.apply(x) as tf.Tensor
      const [kernel, recurrentKernel, bias] = stock.getWeights()
      return [
        lstm(x, kernel as tf.Tensor2D, recurrentKernel as tf.Tensor2D, bias as tf.Tensor1D, {
          recurrentActivation: 'hardSigmoid',
        }),
        y,
      ]
    })
    expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i])))).toBeLessThan(1e-5)
    stock.dispose()
  })

  it('agrees with finite differences', () => {
    const shape = { batch: 2, time: 4, features: 3, units: 5 }
    const [x, kernel, recurrentKernel, bias] = inputs(shape, 11)
    const loss = (w: tf.Tensor) => tf.sum(tf.square(lstm(x, kernel, w as tf.Tensor2D, bias)))
    const [gradient] = valuesOf(() => tf.grad(loss)(recurrentKernel))
    const values = recurrentKernel.dataSync()
    const numeric = Array.from(values, (_, i) => {
      const at = (by: number) =>
        valuesOf(() =>
          loss(
            tf.tensor2d(
              Float32Array.from(values, (value, j) => (i === j ? value + by : value)),
              [5, 20],
            ),
          ),
        )[0][0]
      return (at(0.02) - at(-0.02)) / 0.04
    })
    expect(relativeError(gradient, numeric)).toBeLessThan(2e-3)
    tf.dispose([x, kernel, recurrentKernel, bias])
  })

  it('gives a padded sequence the answer of the sequence alone, and its padding no gradient', () => {
    const units = 6
    const [alone, padded, gradient] = valuesOf(() => {
      const [x, kernel, recurrentKernel, bias] = inputs({ batch: 3, time: 9, features: 4, units }, 21)
      const lengths = [9, 4, 0]
      const dx = tf.grad((a: tf.Tensor) => lstm(a as tf.Tensor3D, kernel, recurrentKernel, bias, { lengths }))(x)
      return [
        lstm(tf.slice(x, [1, 0, 0], [1, 4, 4]), kernel, recurrentKernel, bias),
        lstm(x, kernel, recurrentKernel, bias, { lengths }),
        dx,
      ]
    })
    expect(relativeError(padded.slice(units, 2 * units), alone)).toBeLessThan(1e-6)
    expect(padded.slice(2 * units)).toEqual(new Float32Array(units))
    expect(gradient.slice((9 + 4) * 4)).toEqual(new Float32Array((5 + 9) * 4))
    expect(gradient.slice(9 * 4, 13 * 4).every((value) => value !== 0)).toBe(true)
  })

  it('stays finite when the gates saturate', () => {
    const [y] = valuesOf(() => {
      const [x, kernel, recurrentKernel, bias] = inputs({ batch: 1, time: 5, features: 3, units: 4 }, 31)
      return lstm(tf.mul(x, 1e6), kernel, recurrentKernel, bias, { returnSequences: true })
    })
    expect(y.every((value) => Math.abs(value) <= 1)).toBe(true)
  })

  it('names the tensor whose shape is wrong', () => {
    tf.tidy(() => {
      const [x, kernel, recurrentKernel, bias] = inputs({ batch: 2, time: 3, features: 4, units: 5 }, 1)
      expect(() => lstm(x, recurrentKernel, recurrentKernel, bias)).toThrow(/kernel must be float32 \[4,20\], got float32 \[5,20\]/)
      expect(() => lstm(x, kernel, recurrentKernel, bias, { lengths: [3, 4] })).toThrow(
        /lengths must be 2 whole numbers from 0 to 3, got \[3,4\]/,
      )
    })
  })

  it('leaves tensor count and heap where they were', () => {
    const run = () =>
      valuesOf(() =>
        outputAndGradients(lstm, inputs({ batch: 8, time: 20, features: 10, units: 16 }, 1), { lengths: [1, 2, 3, 4, 5, 6, 7, 20] }, 2),
      )
    for (let i = 0; i < 20; i++) run()
    const { numTensors } = tf.memory()
    const { wasm } = tf.backend() as unknown as { wasm: { HEAPU8: Uint8Array } }
    const bytes = wasm.HEAPU8.length
    for (let i = 0; i < 300; i++) run()
    expect(tf.memory().numTensors).toBe(numTensors)
    expect(wasm.HEAPU8.length).toBe(bytes)
  })
})
