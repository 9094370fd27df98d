import { EmoError, EmoRangeError } from '@emo/errors'
import * as tf from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate, withScratch } from './tensorMemory.ts'

/** Colours of 8 bits, row-major. */
export interface ColourValues {
  /** Of `channels` values a pixel, of which the first three are red, green and blue. */
  readonly values: Uint8Array | Uint8ClampedArray
  readonly channels: 3 | 4
  readonly width: number
  readonly height: number
}

/** A rectangle in pixels of a picture; it may reach outside. */
export interface PictureRegion {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The integers that black and white have. */
type LumaRange = readonly [black: number, white: number]

/** Parts of a grey level that are kept: differences of two neighbours' differences still fit into 16 bits. */
const levelParts = 32
/** Side of the squares that noise is measured in, and how many of them at most lie side by side. */
const noisePlace = 8
const noisePlaces = 16
/** Kernels read up to this many bytes behind a plane. */
const readBehind = 16

/**
 * A picture in 16-bit integers whose colours have half of its size, as cameras and JPEG files know them: luma, the mean of red, green and blue, for each pixel; how much
 * larger than luma red and green are for each square of 2x2. It takes half of the memory of three planes, and a third of the work of floats to make it smaller.
 *
 * Of every colour a mean is taken away. Pixels outside have the mean colours: all integers are 0.
 */
export class SubsampledPicture {
  /** What an integer is a multiple of, in levels of 0 to 255. */
  static readonly step = 1 / levelParts

  readonly width: number
  readonly height: number
  /** Luma, red and green, one behind the other. */
  readonly #planes: tf.Tensor
  readonly #range: LumaRange

  private constructor(planes: tf.Tensor, width: number, height: number, range: LumaRange) {
    this.#planes = planes
    this.#range = range
    this.width = width
    this.height = height
  }

  /**
   * Takes a picture apart.
   *
   * @param mean - red, green and blue that become 0
   * @throws {@link EmoError} `PICTURE_SHAPE` if the number of values does not fit
   */
  static from(colours: ColourValues, mean: readonly number[]): SubsampledPicture {
    const { values, channels, width, height } = colours
    if (!(width >= 1 && height >= 1) || values.length !== width * height * channels) {
      throw new EmoError(
        'PICTURE_SHAPE',
        `A picture of ${width} x ${height} pixels and ${channels} channels does not have ${values.length} values.`,
      )
    }
    const [meanRed, meanGreen, meanBlue] = mean
    const meanLuma = (meanRed + meanGreen + meanBlue) / 3
    const picture = SubsampledPicture.#allocate(width, height, [
      Math.round(-meanLuma * levelParts),
      Math.round((255 - meanLuma) * levelParts),
    ])
    const { luma, red, green } = picture.planeAddresses()
    withScratch([values.length], (pixels) => {
      const { heap, run } = kernels()
      heap.HEAPU8.set(values, pixels)
      run.separateColours(
        pixels,
        channels,
        height,
        width,
        levelParts / 3,
        -meanLuma * levelParts,
        // Of four pixels, and of three colours.
        levelParts / 12,
        (meanLuma - meanRed) * levelParts,
        (meanLuma - meanGreen) * levelParts,
        luma,
        red,
        green,
      )
    })
    return picture
  }

  /** In half of the size, odd sides rounded up: the means of 2x2 pixels, of what there is of them at the border. */
  halve(): SubsampledPicture {
    const { width, height } = this
    const half = SubsampledPicture.#allocate(Math.ceil(width / 2), Math.ceil(height / 2), this.#range)
    const { run } = kernels()
    const [from, to] = [this.planeAddresses(), half.planeAddresses()]
    run.halvePlane(from.luma, height, width, to.luma)
    for (const plane of ['red', 'green'] as const) run.halvePlane(from[plane], half.height, half.width, to[plane])
    return half
  }

  /**
   * Standard deviation of the noise in luma, in levels of 0 to 255 (Immerkær 1996, "Fast noise variance estimation"), in the smoother parts of the picture: a quarter of the
   * places looked at have less. Places without any difference, as borders have, do not count. 0 for pictures that are too small.
   */
  noise(): number {
    const { width, height } = this
    const { luma } = this.planeAddresses()
    const values = new Int16Array(kernels().heap.HEAPU8.buffer, luma, width * height)
    const deviations: number[] = []
    const step = (side: number): number => Math.max(noisePlace, Math.floor(side / noisePlaces))
    for (let top = 1; top + noisePlace < height; top += step(height)) {
      for (let left = 1; left + noisePlace < width; left += step(width)) {
        let sum = 0
        for (let y = top; y < top + noisePlace; y++) {
          for (let i = y * width + left; i < y * width + left + noisePlace; i++) {
            const [above, below] = [i - width, i + width]
            const corners = values[above - 1] + values[above + 1] + values[below - 1] + values[below + 1]
            sum += Math.abs(4 * values[i] - 2 * (values[above] + values[below] + values[i - 1] + values[i + 1]) + corners)
          }
        }
        if (sum > 0) deviations.push((Math.sqrt(Math.PI / 2) / 6) * (sum / noisePlace ** 2) * SubsampledPicture.step)
      }
    }
    return deviations.sort((a, b) => a - b).at(deviations.length >> 2) ?? 0
  }

  /**
   * Sharpened (unsharp masking): what the luma of each pixel differs by from the mean of the 3x3 pixels around it, whose border is repeated, is added to it `amount` times.
   *
   * @param amount - 0 to 2; below 0, down to -1, the picture is smoothed
   * @throws {@link EmoRangeError} `OPTION_RANGE`
   */
  sharpen(amount: number): SubsampledPicture {
    if (!(amount >= -1 && amount <= 2)) {
      throw new EmoRangeError('OPTION_RANGE', `amount must be from -1 to 2, not ${amount}.`, { details: { amount } })
    }
    const { width, height } = this
    const sharp = SubsampledPicture.#allocate(width, height, this.#range)
    const { run, heap } = kernels()
    const [from, to] = [this.planeAddresses(), sharp.planeAddresses()]
    const [low, high] = this.#range
    withScratch([2 * width + 32], (scratch) => {
      run.sharpenPlane(from.luma, height, width, amount, low, high, to.luma, scratch)
    })
    const { bytes } = layoutOf(width, height)
    heap.HEAPU8.copyWithin(to.red, from.red, from.luma + bytes)
    return sharp
  }

  /**
   * A part in another size, bilinear, so that much smaller than the part is only good after {@link SubsampledPicture.halve}. Outside of the picture its border is repeated.
   */
  resize(region: PictureRegion, width: number, height: number): SubsampledPicture {
    const resized = SubsampledPicture.#allocate(width, height, this.#range)
    const { run } = kernels()
    const [from, to] = [this.planeAddresses(), resized.planeAddresses()]
    const [stepY, stepX] = [region.height / height, region.width / width]
    withScratch([2 * (this.width + 16) + 8 * width], (scratch) => {
      run.resizePlane(from.luma, this.height, this.width, region.y, stepY, region.x, stepX, to.luma, height, width, scratch)
      for (const plane of ['red', 'green'] as const) {
        const [sourceHeight, sourceWidth] = halfSize(this.width, this.height)
        run.resizePlane(
          from[plane],
          sourceHeight,
          sourceWidth,
          region.y / 2,
          stepY,
          region.x / 2,
          stepX,
          to[plane],
          ...halfSize(width, height),
          scratch,
        )
      }
    })
    return resized
  }

  /** Where kernels find the planes. */
  planeAddresses(): { luma: number; red: number; green: number } {
    const luma = addressOf(this.#planes)
    const { red, green } = layoutOf(this.width, this.height)
    return { luma, red: luma + red, green: luma + green }
  }

  /** Frees the memory; `tf.tidy` does, too. */
  dispose(): void {
    this.#planes.dispose()
  }

  static #allocate(width: number, height: number, range: LumaRange): SubsampledPicture {
    const planes = tf.engine().makeTensorFromTensorInfo(allocate([layoutOf(width, height).bytes / 4]))
    return new SubsampledPicture(planes, width, height, range)
  }
}

function halfSize(width: number, height: number): [height: number, width: number] {
  return [Math.ceil(height / 2), Math.ceil(width / 2)]
}

/** Where the planes begin, in bytes, and how many all of them have. */
function layoutOf(width: number, height: number): { red: number; green: number; bytes: number } {
  const [colourHeight, colourWidth] = halfSize(width, height)
  const aligned = (bytes: number): number => Math.ceil(bytes / 16) * 16
  const red = aligned(2 * width * height)
  const colour = aligned(2 * colourWidth * colourHeight)
  return { red, green: red + colour, bytes: red + 2 * colour + readBehind }
}
