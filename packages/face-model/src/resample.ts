import { EmoError } from '@emo/errors'
import { bytesOf, isFloating, type Pixels } from './pixels.ts'

/** A rectangle in pixels of its image; it may reach outside. */
export interface Box {
  /** Left edge. */
  readonly x: number
  /** Upper edge. */
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The square with a box's middle and `scale` times its longer side. */
export function squareAround({ x, y, width, height }: Box, scale: number): Box {
  const side = Math.max(width, height) * scale
  return { x: x + (width - side) / 2, y: y + (height - side) / 2, width: side, height: side }
}

/** The part that each source line has in the target lines. */
interface Taps {
  /** First source index of each target index. */
  readonly first: Int32Array
  /** Number of source indices of each target index. */
  readonly count: Int32Array
  /** `[target, tap]`, `stride` a row; each row adds up to 1. */
  readonly weights: Float32Array
  readonly stride: number
}

/** How far beyond a picture boxes are followed, in pixels: the border is the same everywhere, and each pixel takes time. */
const reach = 2 ** 20

/** A side of a box without what is out of {@link reach}. */
function withinReach(start: number, length: number, sourceSize: number): [start: number, length: number] {
  const end = start + length
  if (start >= -reach && end <= sourceSize + reach) return [start, length]
  const [from, to] = [start, end].map((edge) => Math.min(Math.max(edge, -reach), sourceSize + reach))
  return [from, to - from]
}

/**
 * Weights of a triangle filter as wide as the larger of the two pixel sizes: bilinear when enlarging, area-like without aliasing when reducing.
 * Indices outside the source repeat its border.
 */
function triangleTaps(boxStart: number, boxLength: number, sourceSize: number, targetSize: number): Taps {
  const [start, length] = withinReach(boxStart, boxLength, sourceSize)
  const ratio = length / targetSize
  const support = Math.max(ratio, 1)
  const stride = Math.min(Math.ceil(support * 2) + 2, sourceSize)
  const first = new Int32Array(targetSize)
  const count = new Int32Array(targetSize)
  const weights = new Float32Array(targetSize * stride)
  for (let i = 0; i < targetSize; i++) {
    const center = start + (i + 0.5) * ratio - 0.5
    const from = Math.ceil(center - support)
    const to = Math.floor(center + support)
    const low = clamp(from, sourceSize)
    const high = clamp(to, sourceSize)
    first[i] = low
    count[i] = high - low + 1
    let total = 0
    for (let j = from; j <= to; j++) {
      const weight = Math.max(0, 1 - Math.abs(j - center) / support)
      weights[i * stride + clamp(j, sourceSize) - low] += weight
      total += weight
    }
    for (let j = 0; j < count[i]; j++) weights[i * stride + j] /= total
  }
  return { first, count, weights, stride }
}

function clamp(index: number, size: number): number {
  return index < 0 ? 0 : index >= size ? size - 1 : index
}

/**
 * Cuts `box` out of a picture and resizes it, in one pass over the source and without a copy of it.
 *
 * Transparent pixels are shown on white. Grey is luma after ITU-R BT.601 (0.299, 0.587, 0.114), which is how FER2013 was made grey.
 *
 * @param channels - 1: grey; 3: RGB
 * @returns `[height, width, channels]`, row-major, 0..255
 * @throws EmoError `IMAGE_NOT_FINITE` NaN or infinity among the pixels
 */
export function resample(source: Pixels, box: Box, width: number, height: number, channels: 1 | 3): Float32Array {
  if (
    box.x === 0 &&
    box.y === 0 &&
    box.width === source.width &&
    box.height === source.height &&
    width === source.width &&
    height === source.height
  ) {
    return copyPixels(source, channels)
  }
  const columns = triangleTaps(box.x, box.width, source.width, width)
  const rows = triangleTaps(box.y, box.height, source.height, height)
  const result = new Float32Array(width * height * channels)
  const line = new Float32Array(source.width * channels)
  const reduced = new Float32Array(width * channels)
  const firstColumn = columns.first[0]
  const lastColumn = columns.first[width - 1] + columns.count[width - 1] - 1

  const reader = new LineReader(source, firstColumn, lastColumn)
  let target = 0
  const lastRow = rows.first[height - 1] + rows.count[height - 1] - 1
  for (let row = rows.first[0]; row <= lastRow; row++) {
    reader.read(row, line, channels)
    reduceLine(line, columns, reduced, channels)
    while (rows.first[target] + rows.count[target] <= row) target++
    for (let i = target; i < height && rows.first[i] <= row; i++) {
      const weight = rows.weights[i * rows.stride + row - rows.first[i]]
      const start = i * width * channels
      for (let k = 0; k < reduced.length; k++) result[start + k] += reduced[k] * weight
    }
  }
  return checkFinite(result, source)
}

/** The whole picture at its own size. */
function copyPixels(source: Pixels, channels: 1 | 3): Float32Array {
  const { width, height } = source
  const result = new Float32Array(width * height * channels)
  const reader = new LineReader(source, 0, width - 1)
  for (let row = 0; row < height; row++) reader.read(row, result.subarray(row * width * channels, (row + 1) * width * channels), channels)
  return checkFinite(result, source)
}

function checkFinite(values: Float32Array, { data }: Pixels): Float32Array {
  // Whole numbers are finite, and so is what is made of them.
  if (!isFloating(data)) return values
  // NaN and infinity, and nothing else, make a difference that is not 0.
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] - values[i]
  if (sum !== 0) throw new EmoError('IMAGE_NOT_FINITE', 'The image holds NaN or infinity; every pixel must be a finite number.')
  return values
}

function reduceLine(line: Float32Array, { first, count, weights, stride }: Taps, reduced: Float32Array, channels: 1 | 3): void {
  const width = first.length
  for (let i = 0; i < width; i++) {
    const base = i * stride
    if (channels === 1) {
      let sum = 0
      for (let j = 0; j < count[i]; j++) sum += line[first[i] + j] * weights[base + j]
      reduced[i] = sum
    } else {
      let red = 0
      let green = 0
      let blue = 0
      let at = first[i] * 3
      for (let j = 0; j < count[i]; j++, at += 3) {
        const weight = weights[base + j]
        red += line[at] * weight
        green += line[at + 1] * weight
        blue += line[at + 2] * weight
      }
      reduced[i * 3] = red
      reduced[i * 3 + 1] = green
      reduced[i * 3 + 2] = blue
    }
  }
}

/** Reads source rows as grey or RGB in 0..255 on white. */
class LineReader {
  readonly #source: Pixels
  readonly #from: number
  readonly #count: number
  /** The picture, if its values are bytes. */
  readonly #bytes: Uint8Array | undefined
  /** A row of any other picture: one native conversion, so that the loops below see one type of array. */
  readonly #raw: Float32Array

  constructor(source: Pixels, from: number, to: number) {
    const { channels } = source
    this.#source = source
    this.#from = from
    this.#count = to - from + 1
    this.#bytes = channels === 2 ? undefined : bytesOf(source)
    this.#raw = new Float32Array(this.#bytes ? 0 : this.#count * channels)
  }

  /** Fills `line` from its column `from` on. */
  read(row: number, line: Float32Array, channels: 1 | 3): void {
    const { data, width, channels: given, gain } = this.#source
    const raw = this.#raw
    const start = (row * width + this.#from) * given
    if (this.#bytes !== undefined) {
      readBytes(this.#bytes, start, given, this.#count, line, this.#from * channels, channels)
      return
    }
    raw.set(Array.isArray(data) ? data.slice(start, start + raw.length) : (data as Float32Array).subarray(start, start + raw.length))
    if (gain !== 1) for (let i = 0; i < raw.length; i++) raw[i] *= gain
    if (given === 2 || given === 4) showOnWhite(raw, given)
    const count = this.#count
    let write = this.#from * channels
    if (given >= 3 && channels === 3) {
      for (let i = 0, read = 0; i < count; i++, read += given, write += 3) {
        line[write] = raw[read]
        line[write + 1] = raw[read + 1]
        line[write + 2] = raw[read + 2]
      }
    } else if (given >= 3) {
      for (let i = 0, read = 0; i < count; i++, read += given) {
        line[write++] = 0.299 * raw[read] + 0.587 * raw[read + 1] + 0.114 * raw[read + 2]
      }
    } else {
      for (let i = 0, read = 0; i < count; i++, read += given) {
        for (let c = 0; c < channels; c++) line[write++] = raw[read]
      }
    }
  }
}

/** What {@link LineReader} does, for bytes of grey, RGB or RGBA: most pictures are of those, and a conversion first would take longer than the rest. */
function readBytes(bytes: Uint8Array, from: number, given: number, count: number, line: Float32Array, to: number, channels: 1 | 3): void {
  const end = from + count * given
  if (given === 1) {
    if (channels === 1) for (let read = from, write = to; read < end; read++, write++) line[write] = bytes[read]
    else for (let read = from, write = to; read < end; read++, write += 3) line[write] = line[write + 1] = line[write + 2] = bytes[read]
    return
  }
  for (let read = from, write = to; read < end; read += given, write += channels) {
    let red = bytes[read]
    let green = bytes[read + 1]
    let blue = bytes[read + 2]
    if (given === 4 && bytes[read + 3] !== 255) {
      const alpha = bytes[read + 3] / 255
      red = red * alpha + 255 * (1 - alpha)
      green = green * alpha + 255 * (1 - alpha)
      blue = blue * alpha + 255 * (1 - alpha)
    }
    if (channels === 3) {
      line[write] = red
      line[write + 1] = green
      line[write + 2] = blue
    } else {
      line[write] = 0.299 * red + 0.587 * green + 0.114 * blue
    }
  }
}

/** Blends colours with white by the alpha in the last channel, in place. */
export function showOnWhite(raw: Float32Array | Uint8ClampedArray, channels: number): void {
  const colours = channels - 1
  for (let i = colours; i < raw.length; i += channels) {
    if (raw[i] === 255) continue
    const alpha = raw[i] / 255
    for (let c = i - colours; c < i; c++) raw[c] = raw[c] * alpha + 255 * (1 - alpha)
  }
}
