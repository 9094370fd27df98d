import { EmoError } from '@emo/errors'
import { kernels } from '../kernels/kernelModule.ts'
import { addressOf, allocate } from '../kernels/tensorMemory.ts'
import * as tf from '../tf.ts'

/** Runs a network of one input and one output: values of the batch in, values of the output out. */
export type CompiledNetwork = (values: Float32Array, inputShape: readonly number[]) => Float32Array

/** One kernel call; `inputs` and `output` number the values that pass between steps, 0 being the network's input. */
interface Step {
  readonly inputs: readonly number[]
  readonly output: number
  readonly run: (inputs: readonly tf.TensorInfo[]) => tf.TensorInfo
  /** Values that no later step needs. */
  readonly free: number[]
}

type Attributes = Record<string, unknown>

/**
 * A trained network as a list of kernel calls, for inference: the layers' and the engine's own work, about a seventh of the time that a
 * small network takes for one example, is left out. Weights are read at every call, so the network may go on being trained.
 *
 * Networks with other layers than convolutional classifiers are made of run through `network.apply`; the answer is the same.
 */
export function compileNetwork(network: tf.LayersModel): CompiledNetwork {
  const plan = planSteps(network)
  const { shape } = network.inputs[0]
  return (values, inputShape) =>
    plan && fits(values, inputShape, shape) ? runSteps(plan, values, inputShape) : applyNetwork(network, values, inputShape)
}

/** What does not fit is left to the layers. */
function fits(values: Float32Array, given: readonly number[], expected: tf.Shape): boolean {
  return (
    values.length === tf.util.sizeFromShape([...given]) &&
    given.length === expected.length &&
    expected.every((size, axis) => size === null || size === given[axis])
  )
}

function applyNetwork(network: tf.LayersModel, values: Float32Array, inputShape: readonly number[]): Float32Array {
  return tf.tidy(() => (network.apply(tf.tensor(values, [...inputShape])) as tf.Tensor).dataSync<'float32'>())
}

function runSteps(steps: readonly Step[], values: Float32Array, inputShape: readonly number[]): Float32Array {
  const { backend } = kernels()
  const live = new Map<number, tf.TensorInfo>()
  const release = (index: number) => {
    backend.disposeData(live.get(index)!.dataId)
    live.delete(index)
  }
  try {
    live.set(0, { dataId: backend.write(values, [...inputShape], 'float32'), shape: [...inputShape], dtype: 'float32' })
    let last = 0
    for (const { inputs, output, run, free } of steps) {
      live.set(output, run(inputs.map((index) => live.get(index)!)))
      free.forEach(release)
      last = output
    }
    return backend.readSync(live.get(last)!.dataId) as Float32Array
  } finally {
    for (const index of [...live.keys()]) release(index)
  }
}

/** The steps of a network, or undefined if one of its layers is not among those known here. */
function planSteps(network: tf.LayersModel): readonly Step[] | undefined {
  if (network.inputs.length !== 1 || network.outputs.length !== 1) return undefined
  /** Numbers of the values behind symbolic tensors. */
  const numbers = new Map<number, number>([[network.inputs[0].id, 0]])
  const steps: Step[] = []
  for (const layer of network.layers) {
    // A layer that is used twice has several.
    if (layer.inboundNodes.length !== 1 || Array.isArray(layer.output)) return undefined
    const kind = layer.getClassName()
    if (kind === 'InputLayer') continue
    const sources = (Array.isArray(layer.input) ? layer.input : [layer.input]).map(({ id }) => numbers.get(id))
    if (!sources.every((source) => source !== undefined)) return undefined
    const config = layer.getConfig() as Attributes
    if (kind === 'Dropout' || (kind === 'Activation' && config.activation === 'linear')) {
      numbers.set(layer.output.id, sources[0])
      continue
    }
    const run = kernelCall(layer, kind, config)
    if (run === undefined) return undefined
    numbers.set(layer.output.id, steps.length + 1)
    steps.push({ inputs: sources, output: steps.length + 1, run, free: [] })
  }
  if (numbers.get(network.outputs[0].id) !== steps.length) return undefined
  const merged = mergeSums(steps)
  const lastUse = new Map<number, Step>()
  for (const step of merged) for (const index of step.inputs) lastUse.set(index, step)
  for (const [index, step] of lastUse) step.free.push(index)
  return merged
}

/** A sum whose only use is a ReLU takes one pass with it. */
function mergeSums(steps: readonly Step[]): readonly Step[] {
  const merged: Step[] = []
  for (const step of steps) {
    const sum = merged.at(-1)
    const sole = steps.filter(({ inputs }) => sum && inputs.includes(sum.output)).length === 1
    if (sum?.run === add && step.run === relu && step.inputs[0] === sum.output && sole) {
      merged[merged.length - 1] = { ...sum, output: step.output, run: addRelu }
    } else {
      merged.push(step)
    }
  }
  return merged
}

function kernelCall(layer: tf.layers.Layer, kind: string, config: Attributes): Step['run'] | undefined {
  switch (kind) {
    case 'Conv2D':
      return convolution(layer, config)
    case 'Dense':
      return dense(layer, config)
    case 'Add':
      return Array.isArray(layer.input) && sameShapes(layer.input) ? add : undefined
    case 'AddReLU':
      return addRelu
    case 'Activation':
      return config.activation === 'relu' ? relu : undefined
    case 'GlobalAveragePooling2D':
      return config.dataFormat === 'channelsLast' ? globalAverage : undefined
    default:
      return undefined
  }
}

function sameShapes(inputs: readonly tf.SymbolicTensor[]): boolean {
  return inputs.length === 2 && inputs[0].shape.join() === inputs[1].shape.join()
}

function call(kernelName: string, inputs: Record<string, tf.TensorInfo | undefined>, attrs: Attributes): tf.TensorInfo {
  const { kernelFunc } = tf.getKernel(kernelName, 'wasm')
  return kernelFunc({
    inputs: inputs,
    attrs: attrs as unknown as tf.NamedAttrMap,
    backend: kernels().backend,
  }) as tf.TensorInfo
}

function convolution(layer: tf.layers.Layer, config: Attributes): Step['run'] | undefined {
  const { strides, padding: pad, dilationRate: dilations, activation, dataFormat } = config
  if ((activation !== 'linear' && activation !== 'relu') || dataFormat !== 'channelsLast' || pad === 'causal') return undefined
  const attrs = { strides, pad, dilations, activation, dataFormat: 'NHWC' }
  return ([x]) => {
    const [filter, bias] = layer.weights.map((weight) => weight.read())
    return call(tf.FusedConv2D, { x, filter, bias }, attrs)
  }
}

function dense(layer: tf.layers.Layer, { activation }: Attributes): Step['run'] | undefined {
  const rank = Array.isArray(layer.input) ? 0 : layer.input.shape.length
  if ((activation !== 'linear' && activation !== 'relu') || rank !== 2) return undefined
  const attrs = { transposeA: false, transposeB: false, activation }
  return ([x]) => {
    const [matrix, bias] = layer.weights.map((weight) => weight.read() as tf.TensorInfo)
    // The kernel multiplies batches of matrices.
    const lift = (info: tf.TensorInfo) => ({ ...info, shape: [1, ...info.shape] })
    const y = call(tf._FusedMatMul, { a: lift(x), b: lift(matrix), bias }, attrs)
    return { ...y, shape: y.shape.slice(1) }
  }
}

const add: Step['run'] = ([a, b]) => call(tf.Add, { a, b }, {})
const relu: Step['run'] = ([x]) => call(tf.Relu, { x }, {})
const globalAverage: Step['run'] = ([x]) => call(tf.Mean, { x }, { axis: [1, 2], keepDims: false })

const addRelu: Step['run'] = ([a, b]) => {
  if (!tf.util.arraysEqual(a.shape, b.shape)) {
    throw new EmoError('ADD_RELU_SHAPE', `A sum of shapes [${a.shape.join()}] and [${b.shape.join()}]; they must be equal.`)
  }
  const sum = allocate(a.shape)
  kernels().run.addRelu(addressOf(a), addressOf(b), tf.util.sizeFromShape(a.shape), addressOf(sum))
  return sum
}
