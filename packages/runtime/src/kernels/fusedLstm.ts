import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, addressOrNull, allocate, packedBytes, productScratchBytes, tileBytes, tileRows, withScratch } from './tensorMemory.ts'

/** Function of the input, forget and output gates; `hardSigmoid` is `clip(0.2 x + 0.5, 0, 1)`, the default of tfjs-layers. */
export type RecurrentActivation = 'sigmoid' | 'hardSigmoid'

/** Options of {@link lstm}. */
export interface LstmOptions {
  /** Return the hidden state of every step `[batch, time, units]` instead of the last one; default false. */
  readonly returnSequences?: boolean
  /** Process frames from the last to the first; sequences come back in the order of processing. Default false. */
  readonly goBackwards?: boolean
  /** Default `'sigmoid'`. */
  readonly recurrentActivation?: RecurrentActivation
  /** `[batch, time]`, 0 for padded frames: the state stands still there. */
  readonly mask?: tf.Tensor
  /** Valid frames of each sample, counted from the first; another way to say `mask`. */
  readonly lengths?: readonly number[]
  /** Hidden and cell state before the first step, each `[batch, units]`; zeros if left out. */
  readonly initialState?: readonly [tf.Tensor2D, tf.Tensor2D]
}

/** Frames of a block of the weight gradients: x, hidden states and gate gradients of a block share the second cache. */
const blockFrames = 128

/**
 * A whole LSTM layer over a whole sequence in one call, forward and backward (Hochreiter and Schmidhuber, 1997; gates as in Keras).
 *
 * All input projections are one matrix product, then the recurrence runs in the kernel; the gradient is backpropagation through time
 * with the weight gradients as one product over all frames.
 *
 * @param x - `[batch, time, features]`, float32
 * @param kernel - `[features, 4 * units]`, gates in the order input, forget, cell, output
 * @param recurrentKernel - `[units, 4 * units]`
 * @param bias - `[4 * units]`
 * @returns `[batch, units]`, or `[batch, time, units]` with `returnSequences`
 * @throws {@link EmoError} `LSTM_SHAPE` if shapes or types do not fit together
 */
export function lstm(
  x: tf.Tensor3D,
  kernel: tf.Tensor2D,
  recurrentKernel: tf.Tensor2D,
  bias: tf.Tensor1D,
  options: LstmOptions = {},
): tf.Tensor {
  checkShapes(x, kernel, recurrentKernel, bias, options)
  return tf.tidy(() => {
    const mask = maskOf(x, options)
    const states = options.initialState ?? []
    if (!recordsGradient()) return infer(x, kernel, recurrentKernel, bias, states, mask, options)
    const compute = tf.customGrad((...args) => {
      const save = args.pop() as tf.GradSaveFunc
      const [input, w, r, b, ...initial] = args as tf.Tensor[]
      const forward = runRecorded(input, w, r, b, initial, mask, options)
      save([input, w, r, ...initial, ...forward.saved, ...(mask ? [mask] : [])])
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [savedInput, savedKernel, savedRecurrent, ...rest] = saved
        const savedInitial = rest.splice(0, initial.length)
        const [hidden, cells, gates, savedMask] = rest
        return runBackward(dy, savedInput, savedKernel, savedRecurrent, savedInitial, hidden, cells, gates, savedMask, options)
      }
      return { value: forward.output, gradFunc }
    })
    return compute(x, kernel, recurrentKernel, bias, ...states)
  })
}

/** Whether the engine records operations for a gradient; if not, nothing has to outlive the call but its output. */
function recordsGradient(): boolean {
  const { gradientDepth, kernelDepth } = tf.engine().state
  return gradientDepth > 0 && kernelDepth === 0
}

/** Forward without a gradient: gates and cell states live in scratch memory. */
function infer(
  x: tf.Tensor,
  kernel: tf.Tensor,
  recurrentKernel: tf.Tensor,
  bias: tf.Tensor,
  initial: readonly tf.Tensor[],
  mask: tf.Tensor | undefined,
  options: LstmOptions,
): tf.Tensor {
  const [batch, time] = x.shape
  const units = recurrentKernel.shape[0]
  const states = 4 * batch * time * units
  const sequences = options.returnSequences ?? false
  const output = allocate(sequences ? [batch, time, units] : [batch, units])
  withScratch([4 * states, states, sequences ? 0 : states], (gates, cells, scratchHidden) => {
    const hidden = sequences ? addressOf(output) : scratchHidden
    runForward(x, kernel, recurrentKernel, bias, initial, mask, options, { gates, cells, hidden })
    if (!sequences) kernels().run.copyLastStep(hidden, batch, time, units, addressOf(output))
  })
  return tf.engine().makeTensorFromTensorInfo(output)
}

/** Forward with everything kept that the gradient needs: hidden and cell states and gates of every step. */
function runRecorded(
  x: tf.Tensor,
  kernel: tf.Tensor,
  recurrentKernel: tf.Tensor,
  bias: tf.Tensor,
  initial: readonly tf.Tensor[],
  mask: tf.Tensor | undefined,
  options: LstmOptions,
): { output: tf.Tensor; saved: tf.Tensor[] } {
  const [batch, time] = x.shape
  const units = recurrentKernel.shape[0]
  const [hidden, cells, gates] = [units, units, 4 * units].map((width) => allocate([batch, time, width]))
  runForward(x, kernel, recurrentKernel, bias, initial, mask, options, {
    gates: addressOf(gates),
    cells: addressOf(cells),
    hidden: addressOf(hidden),
  })
  const engine = tf.engine()
  const saved = [hidden, cells, gates].map((info) => engine.makeTensorFromTensorInfo(info))
  if (options.returnSequences) return { output: saved[0], saved }
  const output = allocate([batch, units])
  kernels().run.copyLastStep(addressOf(hidden), batch, time, units, addressOf(output))
  return { output: engine.makeTensorFromTensorInfo(output), saved }
}

/** Addresses of the sequences that the forward pass writes. */
interface StateSequences {
  readonly gates: number
  readonly cells: number
  readonly hidden: number
}

function runForward(
  x: tf.Tensor,
  kernel: tf.Tensor,
  recurrentKernel: tf.Tensor,
  bias: tf.Tensor,
  initial: readonly tf.Tensor[],
  mask: tf.Tensor | undefined,
  options: LstmOptions,
  { gates, cells, hidden }: StateSequences,
): void {
  const [batch, time, features] = x.shape
  const units = recurrentKernel.shape[0]
  const width = 4 * units
  const { run, heap } = kernels()
  withScratch(
    [
      packedBytes(width, features),
      Math.max(packedBytes(width, units), 4 * packedBytes(units, units)),
      packedBytes(width, 1),
      4 * batch * units,
      Math.max(tableBytes(batch), 4 * packedBytes(units, 1)),
    ],
    (packedKernel, packedRecurrent, paddedBias, zeros, tables) => {
      run.packPanels(addressOf(kernel), features, width, 4 * width, 4, packedKernel, features * 32)
      if (batch === 1) run.packRecurrentRow(addressOf(recurrentKernel), units, packedRecurrent)
      else run.packPanels(addressOf(recurrentKernel), units, width, 4 * width, 4, packedRecurrent, units * 32)
      run.padBias(addressOf(bias), width, paddedBias)
      if (initial.length === 0) heap.HEAPU8.fill(0, zeros, zeros + 4 * batch * units)
      run.lstmForward(
        addressOf(x),
        addressOrNull(mask),
        batch,
        time,
        features,
        units,
        packedKernel,
        packedRecurrent,
        paddedBias,
        initial.length > 0 ? addressOf(initial[0]) : zeros,
        initial.length > 0 ? addressOf(initial[1]) : zeros,
        options.goBackwards ? 1 : 0,
        options.recurrentActivation === 'hardSigmoid' ? 1 : 0,
        gates,
        cells,
        hidden,
        tables,
      )
    },
  )
}

function runBackward(
  dy: tf.Tensor,
  x: tf.Tensor,
  kernel: tf.Tensor,
  recurrentKernel: tf.Tensor,
  initial: readonly tf.Tensor[],
  hidden: tf.Tensor,
  cells: tf.Tensor,
  gates: tf.Tensor,
  mask: tf.Tensor | undefined,
  options: LstmOptions,
): tf.Tensor[] {
  const [batch, time, features] = x.shape
  const units = recurrentKernel.shape[0]
  const width = 4 * units
  const frames = batch * time
  const reverse = options.goBackwards ? 1 : 0
  const { run, heap } = kernels()
  const dx = allocate(x.shape)
  const dKernel = allocate(kernel.shape)
  const dRecurrent = allocate(recurrentKernel.shape)
  const dBias = allocate([width])
  const dHidden = allocate([batch, units])
  const dCell = allocate([batch, units])
  withScratch(
    [
      // The weight gradients read whole vectors: a row may be followed by up to 16 bytes that do not count.
      4 * frames * width + 16,
      Math.max(packedBytes(units, width), packedBytes(features, width)),
      4 * batch * units,
      Math.max(tableBytes(batch), 16 * blockFrames),
    ],
    (dz, packed, zeros, tables) => {
      const stateBytes = 4 * batch * units
      for (const start of [zeros, addressOf(dHidden), addressOf(dCell)]) heap.HEAPU8.fill(0, start, start + stateBytes)
      const initialHidden = initial.length > 0 ? addressOf(initial[0]) : zeros
      const initialCell = initial.length > 0 ? addressOf(initial[1]) : zeros
      run.packPanels(addressOf(recurrentKernel), width, units, 4, 4 * width, packed, width * 32)
      run.lstmBackward(
        addressOf(dy),
        options.returnSequences ? 1 : 0,
        addressOrNull(mask),
        batch,
        time,
        units,
        packed,
        initialCell,
        reverse,
        options.recurrentActivation === 'hardSigmoid' ? 1 : 0,
        addressOf(gates),
        addressOf(cells),
        addressOf(dHidden),
        addressOf(dCell),
        dz,
        tables,
      )
      run.lstmWeightGradients(
        addressOf(x),
        addressOf(hidden),
        initialHidden,
        dz,
        batch,
        time,
        features,
        units,
        reverse,
        addressOf(dKernel),
        addressOf(dRecurrent),
        blockFrames,
        tables,
      )
      run.sumRows(dz, frames, width, 1, addressOf(dBias))
      run.packPanels(addressOf(kernel), width, features, 4, 4 * width, packed, width * 32)
      run.lstmInputGradient(dz, batch, time, features, units, packed, reverse, addressOf(dx), tables)
    },
  )
  const engine = tf.engine()
  const gradients = [dx, dKernel, dRecurrent, dBias, dHidden, dCell].map((info) => engine.makeTensorFromTensorInfo(info))
  return gradients.slice(0, 4 + initial.length)
}

/** Bytes of the address tables of a batch, see assembly/lstm.ts. */
function tableBytes(batch: number): number {
  return productScratchBytes + 2 * tileBytes * Math.ceil(batch / tileRows)
}

/** One byte a frame, or undefined if every frame counts. */
function maskOf(x: tf.Tensor3D, { mask, lengths }: LstmOptions): tf.Tensor | undefined {
  const [batch, time] = x.shape
  if (mask) return tf.cast(tf.reshape(mask, [batch, time]), 'bool')
  if (!lengths || lengths.every((length) => length === time)) return undefined
  const valid = new Uint8Array(batch * time)
  lengths.forEach((length, b) => valid.fill(1, b * time, b * time + length))
  return tf.tensor2d(valid, [batch, time], 'bool')
}

function checkShapes(x: tf.Tensor3D, kernel: tf.Tensor2D, recurrentKernel: tf.Tensor2D, bias: tf.Tensor1D, options: LstmOptions): void {
  const [batch, time, features] = x.shape
  const units = recurrentKernel.shape[0]
  const expectShape = (name: string, tensor: tf.Tensor, shape: number[]) => {
    if (tensor.dtype !== 'float32' || tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      throw new EmoError('LSTM_SHAPE', `${name} must be float32 [${shape.join()}], got ${tensor.dtype} [${tensor.shape.join()}].`)
    }
  }
  if (x.rank !== 3 || time < 1 || batch < 1) {
    throw new EmoError('LSTM_SHAPE', `x must be [batch, time, features] with at least one frame, got [${x.shape.join()}].`)
  }
  expectShape('x', x, [batch, time, features])
  expectShape('kernel', kernel, [features, 4 * units])
  expectShape('recurrentKernel', recurrentKernel, [units, 4 * units])
  expectShape('bias', bias, [4 * units])
  options.initialState?.forEach((state, i) => expectShape(i === 0 ? 'initial hidden state' : 'initial cell state', state, [batch, units]))
  const { mask, lengths } = options
  if (mask && mask.size !== batch * time) {
    throw new EmoError('LSTM_SHAPE', `mask must have one value for each of ${batch} x ${time} frames, got [${mask.shape.join()}].`)
  }
  if (lengths && (lengths.length !== batch || lengths.some((n) => !Number.isInteger(n) || n < 0 || n > time))) {
    throw new EmoError('LSTM_SHAPE', `lengths must be ${batch} whole numbers from 0 to ${time}, got [${lengths.join()}].`)
  }
}
