import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { checkIntegerSum, panelColumns } from './integerProducts.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate, withScratch } from './tensorMemory.ts'

/** A filter of whole numbers, as weights of 8 bits are. */
export interface QuantizedFilter {
  /** Row-major. */
  readonly values: Int16Array
  /** `[3, 3, channels, filters]`; of a {@link QuantizedConvolution} `[1, 1, channels, filters]`. */
  readonly shape: readonly number[]
  /** Each value times this is what the filter means. */
  readonly scale: number
}

/** What {@link QuantizedConvolution} consists of. */
export interface QuantizedConvolutionOptions {
  /** `[3, 3, channels, 1]`, row-major: the depthwise convolution, which goes first. */
  readonly depthwise: Float32Array
  /** Filters: a multiple of 8; channels: a multiple of 4. No filter's absolute values may add up to 65536 or more. */
  readonly filter: QuantizedFilter
  /** `[filters]` */
  readonly bias: Float32Array
  /** Slope of the leaky ReLU below zero, 0 to 1; 0 is a ReLU, 1 none. */
  readonly slope: number
  /** Pixels between two pooling windows. 1: the picture keeps its size. Default 2. */
  readonly poolStride?: 1 | 2
}

/**
 * Separable 3x3 convolution (padding `same`, stride 1), bias, 2x2 max pooling and leaky ReLU as one kernel whose intermediate results stay in the processor's caches, where the
 * first layers of a detector on a large picture spend most of their time. Inference only: no gradient.
 *
 * Products are of 16-bit integers, in about half of the time of floats. The filter is whole numbers anyhow; what it is multiplied by is rounded to 15 bits and a sign,
 * the picture's (with a pooling stride of 2, a pair of rows') largest possible value being 32767. Sums are exact.
 */
export class QuantizedConvolution {
  readonly #packed: tf.Tensor1D
  readonly #bias: tf.Tensor1D
  readonly #depthwise: tf.Tensor1D
  readonly #channels: number
  readonly #filters: number
  readonly #scale: number
  readonly #slope: number
  readonly #poolStride: 1 | 2
  /** What the depthwise convolution multiplies the largest absolute value by, at most. */
  readonly #gain: number

  /**
   * Arranges the filters for the kernel, in the backend's memory.
   *
   * @throws {@link EmoError} `CONVOLUTION_SHAPE` if the shapes do not fit, `CONVOLUTION_RANGE` if sums may be too large
   */
  constructor({ filter, depthwise, bias, slope, poolStride = 2 }: QuantizedConvolutionOptions) {
    const [height, width, channels, filters] = filter.shape
    const fits =
      filter.shape.length === 4 &&
      height === 1 &&
      width === 1 &&
      filter.values.length === channels * filters &&
      bias.length === filters &&
      filters % panelColumns === 0 &&
      channels % 4 === 0 &&
      depthwise.length === 9 * channels
    if (!fits) {
      throw new EmoError(
        'CONVOLUTION_SHAPE',
        `A QuantizedConvolution with filter [${filter.shape.join()}] of ${filter.values.length} values, depthwise filter of ${depthwise.length} values and bias of ${bias.length}: ` +
          'filters must be a multiple of 8, channels of 4, and the shapes must fit.',
      )
    }
    checkSums(filter.values, filters)
    const packed = packFilter(filter.values, channels, filters)
    this.#packed = tf.tensor1d(packed, 'int32')
    this.#bias = tf.tensor1d(bias)
    this.#depthwise = tf.tensor1d(depthwise)
    this.#channels = channels
    this.#filters = filters
    this.#scale = filter.scale
    this.#slope = slope
    this.#poolStride = poolStride
    this.#gain = largestGain(depthwise, channels)
  }

  /**
   * @param x - `[1, height, width, channels]`, float32, finite
   * @param outputSize - height and width of the result; the picture counts as continued with zeros to twice of it. Default: half of its own, rounded up; its own if
   * `poolStride` is 1
   * @returns `[1, outputHeight, outputWidth, filters]`
   * @throws {@link EmoError} `CONVOLUTION_SHAPE` if the shapes do not fit
   */
  run(x: tf.Tensor4D, outputSize?: readonly [height: number, width: number]): tf.Tensor4D {
    const stride = this.#poolStride
    const [batch, height, width, channels] = x.shape
    const [outHeight, outWidth] = outputSize ?? [Math.ceil(height / stride), Math.ceil(width / stride)]
    const sizeFits = stride === 2 ? height <= 2 * outHeight && width <= 2 * outWidth : height === outHeight && width === outWidth
    if (batch !== 1 || channels !== this.#channels || !sizeFits) {
      throw new EmoError(
        'CONVOLUTION_SHAPE',
        `A QuantizedConvolution of ${this.#channels} channels and pooling stride ${stride} cannot make ${outHeight} x ${outWidth} of [${x.shape.join()}].`,
      )
    }
    const out = allocate([1, outHeight, outWidth, this.#filters])
    const { run } = kernels()
    const picture = [addressOf(x), height, width, channels] as const
    const products = [addressOf(this.#packed), this.#scale, addressOf(this.#bias), this.#filters, this.#slope, addressOf(out)] as const
    withScratch([this.#scratchBytes(height, width, outWidth)], (scratch) => {
      const depthwise = [addressOf(this.#depthwise), this.#gain] as const
      if (stride === 2) run.quantizedPooledSeparable(...picture, ...depthwise, ...products, outHeight, outWidth, scratch)
      else run.quantizedSeparable(...picture, ...depthwise, ...products, scratch)
    })
    return tf.engine().makeTensorFromTensorInfo(out) as tf.Tensor4D
  }

  /** Frees the filters. */
  dispose(): void {
    tf.dispose([this.#packed, this.#bias, this.#depthwise])
  }

  #scratchBytes(height: number, width: number, outWidth: number): number {
    const channels = this.#channels
    if (this.#poolStride === 2) return 32 * (outWidth + 1) * channels + 8 * outWidth * channels
    return 12 * (width + 3) * channels + 2 * (height * width + 1) * channels
  }
}

function checkSums(values: Int16Array, filters: number): void {
  const sums = new Float64Array(filters)
  values.forEach((value, index) => {
    sums[index % filters] += Math.abs(value)
  })
  checkIntegerSum(Math.max(...sums), "a QuantizedConvolution's filter")
}

/** Of `[channels, filters]`: panels of eight filters, in which the values of two channels lie side by side. */
function packFilter(values: Int16Array, channels: number, filters: number): Int32Array {
  const packed = new Int16Array(values.length)
  for (let k = 0; k < channels; k++) {
    for (let n = 0; n < filters; n++) {
      const panel = Math.floor(n / panelColumns)
      const at = ((panel * (channels >> 1) + (k >> 1)) * panelColumns + (n % panelColumns)) * 2 + (k & 1)
      packed[at] = values[k * filters + n]
    }
  }
  return new Int32Array(packed.buffer)
}

function largestGain(depthwise: Float32Array, channels: number): number {
  const sums = new Float64Array(channels)
  depthwise.forEach((value, index) => {
    sums[index % channels] += Math.abs(value)
  })
  // A sum in single precision may be a little more.
  return Math.max(...sums) * (1 + 1e-5)
}
