import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { checkIntegerSum, panelColumns } from './integerProducts.ts'
import { kernels } from './kernelModule.ts'
import type { QuantizedFilter } from './quantizedConvolution.ts'
import { SubsampledPicture } from './subsampledPicture.ts'
import { addressOf, allocate, withScratch } from './tensorMemory.ts'

/** What {@link SubsampledConvolution} consists of. */
export interface SubsampledConvolutionOptions {
  /** `[3, 3, 3, filters]`, for red, green and blue in levels of 0 to 255; filters: a multiple of 8. */
  readonly filter: QuantizedFilter
  /** `[filters]` */
  readonly bias: Float32Array
  /** Slope of the leaky ReLU below zero, 0 to 1; 0 is a ReLU, 1 none. */
  readonly slope: number
}

/** Pairs of weights for each column of a panel: luma's, and the colours'. */
const lumaPairs = 8
const pairs = lumaPairs + 9

/**
 * The first layer of a network for pictures: 3x3 convolution (padding `same`, stride 1), bias, 2x2 max pooling and leaky ReLU as one kernel, as
 * `QuantizedConvolution`, but of a {@link SubsampledPicture}. Neighbouring pixels share their colours, so that it takes less than half of the products. Sums are exact.
 * Inference only: no gradient.
 */
export class SubsampledConvolution {
  readonly #packed: tf.Tensor1D
  readonly #bias: tf.Tensor1D
  readonly #filters: number
  readonly #step: number
  readonly #slope: number

  /**
   * Arranges the filters for the kernel, in the backend's memory.
   *
   * @throws {@link EmoError} `CONVOLUTION_SHAPE` if the shapes do not fit, `CONVOLUTION_RANGE` if sums may be too large
   */
  constructor({ filter: { values, shape, scale }, bias, slope }: SubsampledConvolutionOptions) {
    const filters = shape[3]
    const fits = shape.length === 4 && shape.slice(0, 3).every((size) => size === 3) && filters % panelColumns === 0
    if (!fits || values.length !== 27 * filters || bias.length !== filters) {
      throw new EmoError(
        'CONVOLUTION_SHAPE',
        `A SubsampledConvolution with filter [${shape.join()}] of ${values.length} values and bias of ${bias.length}: the filter must be [3, 3, 3, filters], filters a multiple of 8.`,
      )
    }
    this.#packed = tf.tensor1d(packFilters(values, filters), 'int32')
    this.#bias = tf.tensor1d(bias)
    this.#filters = filters
    // The kernel's sums are twice of what they mean.
    this.#step = (scale * SubsampledPicture.step) / 2
    this.#slope = slope
  }

  /**
   * @param outputSize - height and width of the result; the picture counts as continued with its mean colours to twice of it. Default: half of its own, rounded up
   * @returns `[1, outputHeight, outputWidth, filters]`
   * @throws {@link EmoError} `CONVOLUTION_SHAPE` if the picture is larger than twice of that
   */
  run(picture: SubsampledPicture, outputSize?: readonly [height: number, width: number]): tf.Tensor4D {
    const { width, height } = picture
    const [outHeight, outWidth] = outputSize ?? [Math.ceil(height / 2), Math.ceil(width / 2)]
    if (height > 2 * outHeight || width > 2 * outWidth) {
      throw new EmoError(
        'CONVOLUTION_SHAPE',
        `A SubsampledConvolution cannot make ${outHeight} x ${outWidth} of ${height} x ${width} pixels.`,
      )
    }
    const out = allocate([1, outHeight, outWidth, this.#filters])
    const { luma, red, green } = picture.planeAddresses()
    const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16
    withScratch([8 * aligned(4 * outWidth + 22) + 18 * aligned(2 * outWidth + 22) + 16], (scratch) => {
      const products = [addressOf(this.#packed), this.#step, addressOf(this.#bias), this.#filters, this.#slope] as const
      kernels().run.subsampledConvolution(luma, red, green, height, width, ...products, addressOf(out), outHeight, outWidth, scratch)
    })
    return tf.engine().makeTensorFromTensorInfo(out) as tf.Tensor4D
  }

  /** Frees the filters. */
  dispose(): void {
    tf.dispose([this.#packed, this.#bias])
  }
}

/** As assembly/subsampledConvolution.ts describes it. */
function packFilters(values: Int16Array, filters: number): Int32Array {
  const packed = new Int16Array(filters * pairs * 2)
  for (let n = 0; n < filters; n++) {
    const weights = pairsOf((row, column, channel) => values[((row * 3 + column) * 3 + channel) * filters + n])
    const sum = weights.flat().reduce((total, weight) => total + Math.abs(weight), 0)
    checkIntegerSum(sum, "a SubsampledConvolution's filter, transformed,")
    const panel = Math.floor(n / panelColumns)
    weights.forEach((pair, index) => {
      packed.set(pair, ((panel * pairs + index) * panelColumns + (n % panelColumns)) * 2)
    })
  }
  return new Int32Array(packed.buffer)
}

/** One filter's weights: luma's four rows in pairs, then for each of the colours' 3x3 those of red and green. */
function pairsOf(filter: (row: number, column: number, channel: number) => number): [number, number][] {
  const taps = [0, 1, 2]
  const luma = (row: number, column: number): number => filter(row, column, 0) + filter(row, column, 1) + filter(row, column, 2)
  const result: [number, number][] = []
  const rows = [
    [2, 0, 0],
    [1, 1, 1],
    [1, -1, 1],
    [0, 0, 2],
  ]
  for (const row of rows) {
    const [left, middle, right] = taps.map((column) => row.reduce((sum, factor, tap) => sum + factor * luma(tap, column), 0))
    result.push([left, middle], [right, 0])
  }
  // Luma times all three weights, red's and green's excess times what their weights are more than blue's.
  const excess = (channel: number, vertical: readonly number[], horizontal: readonly number[]): number => {
    let sum = 0
    for (const row of taps)
      for (const column of taps) sum += vertical[row] * horizontal[column] * (filter(row, column, channel) - filter(row, column, 2))
    return 2 * sum
  }
  for (const vertical of [
    [1, 0, 0],
    [1, 1, 1],
    [0, 0, 1],
  ]) {
    // What the kernel has of the left pixel is the difference the other way round.
    for (const horizontal of [
      [-1, 0, 0],
      [1, 1, 1],
      [0, 0, 1],
    ])
      result.push([excess(0, vertical, horizontal), excess(1, vertical, horizontal)])
  }
  return result
}
