import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm'
import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'

/** A model's weights as one vector: the trainable ones first, then those that training moves by other means (batch-norm statistics). */
export interface WeightVector {
  /** Numbers in trainable weights. */
  readonly trainableCount: number
  /** Numbers in all weights. */
  readonly count: number
  readonly entries: readonly WeightEntry[]
  /** The trainable weights' variables, for gradients. */
  readonly trainable: readonly tf.Variable[]
}

/** Where one weight is in the vector. */
interface WeightEntry {
  readonly name: string
  readonly shape: readonly number[]
  readonly offset: number
  readonly size: number
  readonly layerVariable: tf.LayerVariable
}

/** Lays out a model's weights. @throws {@link EmoError} `MODEL_UNSUPPORTED` for weights other than float32 */
export function weightVector(model: tf.LayersModel): WeightVector {
  const variables = [...model.trainableWeights, ...model.nonTrainableWeights]
  let offset = 0
  const entries = variables.map((layerVariable): WeightEntry => {
    const tensor = layerVariable.read()
    if (tensor.dtype !== 'float32') {
      throw new EmoError(
        'MODEL_UNSUPPORTED',
        `weight ${layerVariable.originalName} is ${tensor.dtype}; only float32 weights can be trained`,
      )
    }
    const entry = { name: layerVariable.originalName, shape: tensor.shape, offset, size: tensor.size, layerVariable }
    offset += tensor.size
    return entry
  })
  const trainable = model.trainableWeights.map((weight) => weight.read() as tf.Variable)
  return { trainableCount: trainable.reduce((sum, { size }) => sum + size, 0), count: offset, entries, trainable }
}

/** Copies a tensor out of the backend's memory, once. */
export function copyFromTensor(tensor: tf.Tensor, target: Float32Array, offset: number): void {
  target.set(heapView(tensor), offset)
}

/** Copies the entries from `first` on from the model. */
export function readWeights({ entries }: WeightVector, target: Float32Array, first = 0): void {
  for (const { layerVariable, offset, size } of entries) {
    if (offset >= first && size > 0) copyFromTensor(layerVariable.read(), target, offset - first)
  }
}

/**
 * Gives the model the whole vector.
 *
 * Not in place: the backend keeps repacked copies of filters and matrices until their tensor is disposed, and would go on with those.
 */
export function writeWeights({ entries }: WeightVector, values: Float32Array): void {
  tf.tidy(() => {
    for (const { layerVariable, offset, size, shape } of entries) {
      layerVariable.write(tf.tensor(values.subarray(offset, offset + size), [...shape]))
    }
  })
}

/** Valid until the next allocation: growing the backend's memory detaches it. */
function heapView(tensor: tf.Tensor): Float32Array {
  return (tf.backend() as BackendWasm).typedArrayFromHeap(tensor) as Float32Array
}
