import { SubsampledPicture, type ColourValues } from '@emo/runtime'
import { bytesOf, type Pixels } from './pixels.ts'
import { resample, showOnWhite, type Box } from './resample.ts'

/** Pictures of more pixels are made smaller before anything else: Full HD is not. */
const mostPixels = 2 ** 21
/** Pixels of a level for one of a cutting, at most: a bilinear filter leaves none of them out, or but faintly. */
const mostStep = 1.5
/** Pixels of a level for one of a cutting, at least, if the picture has more to show. */
const leastStep = 0.7

/**
 * A picture, its half, the half of that and so on, each made when it is needed first: any part in any size, sharpened, costs no more than the pixels that come out.
 *
 * To be used inside of `tf.tidy`, which frees it.
 */
export class PicturePyramid {
  readonly #pixels: Pixels
  readonly #mean: readonly number[]
  readonly #levels: SubsampledPicture[]
  /** The levels sharpened. */
  readonly #sharp: SubsampledPicture[] = []

  /**
   * @param ratio - pixels of the largest cutting of the whole picture for one of its own; what a large picture has more of is left out
   * @param mean - red, green and blue that become 0
   * @throws EmoError `IMAGE_NOT_FINITE` NaN or infinity among the pixels
   */
  constructor(pixels: Pixels, ratio: number, mean: readonly number[]) {
    this.#pixels = pixels
    this.#mean = mean
    const { width, height } = pixels
    const kept = width * height <= mostPixels ? 1 : Math.min(1, ratio)
    const colours =
      (kept === 1 ? coloursOf(pixels) : undefined) ?? cut(pixels, { x: 0, y: 0, width, height }, scaled(width, kept), scaled(height, kept))
    this.#levels = [SubsampledPicture.from(colours, mean)]
  }

  /** A part of the picture, in its own pixels, as `width` x `height` pixels. Outside of the picture its border is repeated. */
  cut(region: Box, width: number, height: number): SubsampledPicture {
    const longest = Math.max(region.width / width, region.height / height)
    let level = 0
    while (longest / this.#pixelsPerPixel(level) > mostStep) level++
    const plain = this.#level(level)
    const [scaleX, scaleY] = [plain.width / this.#pixels.width, plain.height / this.#pixels.height]
    if (longest * scaleX < leastStep && plain.width < this.#pixels.width)
      return sharpened(SubsampledPicture.from(cut(this.#pixels, region, width, height), this.#mean))
    const picture = (this.#sharp[level] ??= sharpened(plain))
    const part = { x: region.x * scaleX, y: region.y * scaleY, width: region.width * scaleX, height: region.height * scaleY }
    const isWhole = part.x === 0 && part.y === 0 && part.width === picture.width && part.height === picture.height
    return isWhole && width === picture.width && height === picture.height ? picture : picture.resize(part, width, height)
  }

  /** Pixels of the picture for one of a level. */
  #pixelsPerPixel(level: number): number {
    return (this.#pixels.width / this.#levels[0].width) * 2 ** level
  }

  #level(level: number): SubsampledPicture {
    while (this.#levels.length <= level) this.#levels.push(this.#levels[this.#levels.length - 1].halve())
    return this.#levels[level]
  }
}

/**
 * Sharpened, or smoothed where there is much noise (standard deviation, levels of grey): the clearer picture shows small faces more often and fewer things that are taken
 * for one, but noise hides faces when it is sharpened. From how many of FER2013's pictures were found with noise of 0 to 20 added.
 */
function sharpened(picture: SubsampledPicture): SubsampledPicture {
  return picture.sharpen(Math.max(-0.5, Math.min(1, 1.5 - picture.noise() / 7.5)))
}

function scaled(size: number, ratio: number): number {
  return Math.max(1, Math.round(size * ratio))
}

function cut(pixels: Pixels, region: Box, width: number, height: number): ColourValues {
  // Rounds what it is given.
  return { values: new Uint8ClampedArray(resample(pixels, region, width, height, 3)), channels: 3, width, height }
}

/** The picture as it is, if it consists of colours of 8 bits; transparent pixels are shown on white. */
function coloursOf(pixels: Pixels): ColourValues | undefined {
  const { channels, width, height } = pixels
  const values = channels < 3 ? undefined : bytesOf(pixels)
  if (values === undefined) return undefined
  return { values: channels === 4 ? onWhite(values) : values, channels: channels as 3 | 4, width, height }
}

/** RGBA, of which a copy is made if need be. */
function onWhite(bytes: Uint8Array): Uint8Array | Uint8ClampedArray {
  if (isOpaque(bytes)) return bytes
  // Rounds what is stored.
  const shown = new Uint8ClampedArray(bytes)
  showOnWhite(shown, 4)
  return shown
}

function isOpaque(bytes: Uint8Array): boolean {
  // Whole pixels take a fifth of the time of single bytes, but begin at multiples of four only.
  if (bytes.byteOffset % 4 !== 0) return isOpaque(bytes.slice())
  const pixels = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
  let common = -1
  for (let i = 0; i < pixels.length; i++) common &= pixels[i]
  return common >>> 24 === 255
}
