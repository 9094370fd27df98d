import { EmoError } from '@emo/errors'
import type { DecodedImage } from './decodeImage.ts'

/** Samples of 1, 2, 4, 8 or 16 bits as 0 to 255. */
export function toBytes(
  data: Uint8Array | Uint8ClampedArray | Uint16Array | Float32Array | Float64Array,
  width: number,
  height: number,
  channels: number,
  depth: number,
): Uint8Array {
  if (data instanceof Float32Array || data instanceof Float64Array) return mapped(data, (value) => Math.round(clamp01(value) * 255))
  // A loop: `Uint8Array.from` would first make an array of boxed values, twenty times the size.
  if (depth === 16) return mapped(data, (value) => value >> 8)
  if (depth < 8) {
    const values = unpackBits(data as Uint8Array, width, height, channels, depth)
    const scale = 255 / (2 ** depth - 1)
    return values.map((value) => value * scale)
  }
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength)
}

function mapped(data: ArrayLike<number>, of: (value: number) => number): Uint8Array {
  const bytes = new Uint8Array(data.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = of(data[i])
  return bytes
}

const clamp01 = (value: number) => Math.min(1, Math.max(0, value))

/** Samples of less than a byte, each row starting at a whole byte; others are left as they are. */
export function unpackBits(data: Uint8Array, width: number, height: number, channels: number, depth: number): Uint8Array {
  const perRow = width * channels
  if (depth >= 8) return data
  const stride = Math.ceil((perRow * depth) / 8)
  const values = new Uint8Array(perRow * height)
  const mask = 2 ** depth - 1
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < perRow; x++) {
      const bit = x * depth
      values[y * perRow + x] = (data[y * stride + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask
    }
  }
  return values
}

/** Grey with alpha becomes RGBA. */
export function withChannels(data: Uint8Array, width: number, height: number, channels: number): DecodedImage {
  if (channels === 1 || channels === 3 || channels === 4) return { data, width, height, channels }
  if (channels !== 2) throw new EmoError('IMAGE_UNSUPPORTED', `an image of ${channels} channels; save it as png with 1, 3 or 4`)
  const rgba = new Uint8Array(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    rgba.fill(data[2 * i], 4 * i, 4 * i + 3)
    rgba[4 * i + 3] = data[2 * i + 1]
  }
  return { data: rgba, width, height, channels: 4 }
}
