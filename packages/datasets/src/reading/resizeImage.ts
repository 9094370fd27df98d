import { checkOptions, EmoRangeError } from '@emo/errors'
import { checkImage } from '../checkArguments.ts'
import type { DecodedImage } from './decodeImage.ts'

/** A size and number of channels to bring an image to; what is left out stays as it is. */
export interface ImageSize {
  /** Pixels */
  readonly width?: number
  /** Pixels */
  readonly height?: number
  /** 1 grey (ITU-R BT.601 luma), 3 RGB, 4 RGBA. */
  readonly channels?: 1 | 3 | 4
}

/**
 * Brings an image to a size and number of channels. Alpha is dropped where the result has none.
 *
 * Scaling is bilinear with a support that grows with the reduction (a triangle filter), as Pillow's `resize(..., BILINEAR)`.
 *
 * @throws EmoRangeError `IMAGE_SIZE_RANGE` for a size that is no positive integer
 * @throws EmoError `IMAGE_EXPECTED`, `OPTIONS_NOT_OBJECT`
 */
export function toSize(image: DecodedImage, size: ImageSize): DecodedImage {
  checkImage(image)
  checkOptions(size, '{ width: 48, height: 48, channels: 1 }')
  const width = size.width ?? image.width
  const height = size.height ?? image.height
  for (const value of [width, height]) {
    if (!Number.isInteger(value) || value < 1) {
      throw new EmoRangeError('IMAGE_SIZE_RANGE', `an image of ${width} by ${height} pixels; give whole numbers from 1`, {
        details: { width, height },
      })
    }
  }
  const converted = toChannels(image, size.channels ?? image.channels)
  if (width === image.width && height === image.height) return converted
  const { channels } = converted
  const wide = resample(converted.data, image.height, image.width, width, channels, image.width * channels, channels)
  // `wide` has image.height rows; along the columns the step is one row.
  const tall = new Float32Array(height * width * channels)
  const columns = triangleWeights(image.height, height)
  const row = width * channels
  for (let y = 0; y < height; y++) {
    const { first, weights } = columns[y]
    for (let k = 0; k < weights.length; k++) {
      const from = (first + k) * row
      for (let x = 0; x < row; x++) tall[y * row + x] += weights[k] * wide[from + x]
    }
  }
  const data = new Uint8Array(tall.length)
  for (let i = 0; i < data.length; i++) data[i] = Math.min(255, Math.max(0, Math.round(tall[i])))
  return { data, width, height, channels }
}

/** Filters every row. */
function resample(data: Uint8Array, rows: number, from: number, to: number, channels: number, rowStep: number, step: number): Float32Array {
  const result = new Float32Array(rows * to * channels)
  const filter = triangleWeights(from, to)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < to; x++) {
      const { first, weights } = filter[x]
      for (let c = 0; c < channels; c++) {
        let total = 0
        for (let k = 0; k < weights.length; k++) total += weights[k] * data[y * rowStep + (first + k) * step + c]
        result[(y * to + x) * channels + c] = total
      }
    }
  }
  return result
}

interface Weights {
  readonly first: number
  readonly weights: Float32Array
}

function triangleWeights(from: number, to: number): Weights[] {
  const scale = from / to
  const support = Math.max(1, scale)
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale
    const first = Math.max(0, Math.floor(centre - support + 0.5))
    const last = Math.min(from, Math.floor(centre + support + 0.5))
    const weights = new Float32Array(last - first)
    let total = 0
    for (let k = 0; k < weights.length; k++) {
      weights[k] = Math.max(0, 1 - Math.abs((first + k + 0.5 - centre) / support))
      total += weights[k]
    }
    for (let k = 0; k < weights.length; k++) weights[k] /= total
    return { first, weights }
  })
}

function toChannels(image: DecodedImage, channels: 1 | 3 | 4): DecodedImage {
  if (channels === image.channels) return image
  const { data, width, height } = image
  const count = width * height
  const result = new Uint8Array(count * channels)
  for (let i = 0; i < count; i++) {
    const from = i * image.channels
    const red = data[from]
    const green = image.channels === 1 ? red : data[from + 1]
    const blue = image.channels === 1 ? red : data[from + 2]
    if (channels === 1) {
      result[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue)
    } else {
      result[i * channels] = red
      result[i * channels + 1] = green
      result[i * channels + 2] = blue
      if (channels === 4) result[i * 4 + 3] = 255
    }
  }
  return { data: result, width, height, channels }
}
