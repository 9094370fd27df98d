import { EmoError } from '@emo/errors'
import * as tf from '../tf.ts'
import { kernels } from './kernelModule.ts'
import { addressOf, allocate, withScratch } from './tensorMemory.ts'

/** Colours in 0 to 255, row-major. */
export interface ColourValues {
  /** Of `channels` values a pixel, of which the first three are red, green and blue. */
  readonly values: Uint8Array | Float32Array
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

/** Parts of a grey level that are kept: differences of two neighbours' differences still fit into 16 bits. */
const levelParts = 32
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

  private constructor(planes: tf.Tensor, width: number, height: number) {
    this.#planes = planes
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
    const layout = layoutOf(width, height)
    const integers = new Int16Array(layout.bytes / 2)
    takeApart(colours, mean, integers, layout.red / 2, layout.green / 2)
    return new SubsampledPicture(tf.tensor1d(new Int32Array(integers.buffer), 'int32'), width, height)
  }

  /** In half of the size, odd sides rounded up: the means of 2x2 pixels, of what there is of them at the border. */
  halve(): SubsampledPicture {
    const { width, height } = this
    const half = SubsampledPicture.#allocate(Math.ceil(width / 2), Math.ceil(height / 2))
    const { run } = kernels()
    const [from, to] = [this.planeAddresses(), half.planeAddresses()]
    run.halvePlane(from.luma, height, width, to.luma)
    for (const plane of ['red', 'green'] as const) run.halvePlane(from[plane], half.height, half.width, to[plane])
    return half
  }

  /**
   * A part in another size, bilinear, so that much smaller than the part is only good after {@link SubsampledPicture.halve}. Outside of the picture its border is repeated.
   */
  resize(region: PictureRegion, width: number, height: number): SubsampledPicture {
    const resized = SubsampledPicture.#allocate(width, height)
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

  static #allocate(width: number, height: number): SubsampledPicture {
    const planes = tf.engine().makeTensorFromTensorInfo(allocate([layoutOf(width, height).bytes / 4]))
    return new SubsampledPicture(planes, width, height)
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

function takeApart(
  { values, channels, width, height }: ColourValues,
  mean: readonly number[],
  to: Int16Array,
  red: number,
  green: number,
): void {
  const [meanRed, meanGreen, meanBlue] = mean
  const third = levelParts / 3
  const quarter = levelParts / 4
  const twelfth = levelParts / 12
  const meanLuma = (meanRed + meanGreen + meanBlue) * third
  // Rounded by adding a half and cutting off, far enough above 0 that cutting off rounds down.
  const far = 1 << 20
  const lumaOffset = far + 0.5 - meanLuma
  const redOffset = far + 0.5 + meanLuma - meanRed * levelParts
  const greenOffset = far + 0.5 + meanLuma - meanGreen * levelParts
  for (let y = 0; y < height; y += 2) {
    const below = y + 1 < height ? width : 0
    for (let x = 0; x < width; x += 2) {
      const beside = x + 1 < width ? 1 : 0
      const pixel = y * width + x
      const p = pixel * channels
      const q = p + beside * channels
      const r = p + below * channels
      const s = q + below * channels
      // Read once each: that is half of the work.
      const [red0, red1, red2, red3] = [values[p], values[q], values[r], values[s]]
      const [green0, green1, green2, green3] = [values[p + 1], values[q + 1], values[r + 1], values[s + 1]]
      const luma0 = red0 + green0 + values[p + 2]
      const luma1 = red1 + green1 + values[q + 2]
      const luma2 = red2 + green2 + values[r + 2]
      const luma3 = red3 + green3 + values[s + 2]
      // At odd borders the same pixel is written again.
      to[pixel] = ((luma0 * third + lumaOffset) | 0) - far
      to[pixel + beside] = ((luma1 * third + lumaOffset) | 0) - far
      to[pixel + below] = ((luma2 * third + lumaOffset) | 0) - far
      to[pixel + below + beside] = ((luma3 * third + lumaOffset) | 0) - far
      const lumas = (luma0 + luma1 + luma2 + luma3) * twelfth
      to[red++] = (((red0 + red1 + red2 + red3) * quarter - lumas + redOffset) | 0) - far
      to[green++] = (((green0 + green1 + green2 + green3) * quarter - lumas + greenOffset) | 0) - far
    }
  }
}
