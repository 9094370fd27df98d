import { EmoError } from '@emo/errors'
import type { Pixels } from './pixels.ts'

/** A rectangle in pixels of its image; it may reach outside. */
export interface Box {
  /** Left edge. */
  readonly x: number
  /** Upper edge. */
  readonly y: number
  readonly width: number
  readonly height: number
}

/** The part that each source line has in the target lines. */
interface Taps {
  /** First source index of each target index. */
  readonly first: Int32Array
  /** Number of source indices of each target index. */
  readonly count: Int32Array
  /** `[target, tap]`, `stride` a row; each row adds up to 1. */
  readonly weights: Float64Array
  readonly stride: number
}

/**
 * Weights of a triangle filter as wide as the larger of the two pixel sizes: bilinear when enlarging, area-like without aliasing when reducing.
 * Indices outside the source repeat its border.
 */
function triangleTaps(start: number, length: number, sourceSize: number, targetSize: number): Taps {
  const ratio = length / targetSize
  const support = Math.max(ratio, 1)
  const stride = Math.min(Math.ceil(support * 2) + 2, sourceSize)
  const first = new Int32Array(targetSize)
  const count = new Int32Array(targetSize)
  const weights = new Float64Array(targetSize * stride)
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
  const columns = triangleTaps(box.x, box.width, source.width, width)
  const rows = triangleTaps(box.y, box.height, source.height, height)
  const result = new Float32Array(width * height * channels)
  const line = new Float32Array(source.width * channels)
  const reduced = new Float32Array(width * channels)
  const firstColumn = columns.first[0]
  const lastColumn = columns.first[width - 1] + columns.count[width - 1] - 1

  let target = 0
  const lastRow = rows.first[height - 1] + rows.count[height - 1] - 1
  for (let row = rows.first[0]; row <= lastRow; row++) {
    readLine(source, row, firstColumn, lastColumn, line, channels)
    reduceLine(line, columns, reduced, channels)
    while (rows.first[target] + rows.count[target] <= row) target++
    for (let i = target; i < height && rows.first[i] <= row; i++) {
      const weight = rows.weights[i * rows.stride + row - rows.first[i]]
      const start = i * width * channels
      for (let k = 0; k < reduced.length; k++) result[start + k] += reduced[k] * weight
    }
  }
  for (let i = 0; i < result.length; i++) {
    if (!Number.isFinite(result[i])) {
      throw new EmoError('IMAGE_NOT_FINITE', 'The image holds NaN or infinity; every pixel must be a finite number.')
    }
  }
  return result
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

/** One source row, columns `from` to `to`, as grey or RGB in 0..255 on white. */
function readLine(source: Pixels, row: number, from: number, to: number, line: Float32Array, channels: 1 | 3): void {
  const { data, width, channels: given, gain } = source
  const hasAlpha = given === 2 || given === 4
  let read = (row * width + from) * given
  let write = from * channels
  for (let column = from; column <= to; column++, read += given) {
    let red = data[read] * gain
    let green = red
    let blue = red
    if (given >= 3) {
      green = data[read + 1] * gain
      blue = data[read + 2] * gain
    }
    if (hasAlpha) {
      const alpha = (data[read + given - 1] * gain) / 255
      const white = 255 * (1 - alpha)
      red = red * alpha + white
      green = green * alpha + white
      blue = blue * alpha + white
    }
    if (channels === 1) {
      line[write++] = given >= 3 ? 0.299 * red + 0.587 * green + 0.114 * blue : red
    } else {
      line[write++] = red
      line[write++] = green
      line[write++] = blue
    }
  }
}
