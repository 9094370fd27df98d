import { EmoError } from '@emo/errors'
import { bytesOf } from './bytesOf.ts'
import { lazy } from './lazy.ts'
import { sniffType } from './sniffType.ts'

/** Pixels, row by row, channels interleaved. */
export interface DecodedImage {
  /** Values 0 to 255, `height * width * channels` of them. */
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
  /** 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 3 | 4
}

/** Options of {@link decodeImage}. */
export interface DecodeImageOptions {
  /** For messages. */
  readonly fileName?: string
  /** Most pixels accepted, checked in the header before anything is decoded; half as many of 16 bit RGBA. Default 64 million. */
  readonly maxPixels?: number
}

const DEFAULT_MAX_PIXELS = 64_000_000

const fastPng = lazy(() => import('fast-png'))
const jpegJs = lazy(() => import('jpeg-js'))
const tiffJs = lazy(() => import('tiff'))

interface Context {
  readonly where: string
  /** `bytesPerPixel` as stored; above 4, fewer pixels are accepted. */
  readonly check: (width: number, height: number, bytesPerPixel?: number) => void
}

/**
 * Decodes PNG, JPEG (turned upright by its EXIF orientation) or TIFF. The type is taken from the bytes, not from the name; decoders are loaded
 * when first needed.
 *
 * @param file - its bytes
 * @throws EmoError `BYTES_EXPECTED` something else than bytes, `IMAGE_EMPTY` no bytes or no pixels, `IMAGE_UNSUPPORTED` another type, or a TIFF stored in a way that is not read, `IMAGE_TRUNCATED` the end is missing, `IMAGE_CORRUPT`
 * damaged, `IMAGE_TOO_LARGE` more than `maxPixels`
 */
export async function decodeImage(file: Uint8Array | ArrayBuffer, options: DecodeImageOptions = {}): Promise<DecodedImage> {
  const where = options.fileName ?? 'image'
  const bytes = bytesOf(file, where)
  if (bytes.length === 0) throw new EmoError('IMAGE_EMPTY', `${where}: the file is empty`, { details: { fileName: options.fileName } })
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS
  const check = (width: number, height: number, bytesPerPixel = 4) => {
    if (width === 0 || height === 0) throw new EmoError('IMAGE_EMPTY', `${where}: an image of ${width} by ${height} pixels`)
    if (width * height * Math.max(1, bytesPerPixel / 4) > maxPixels) {
      throw new EmoError(
        'IMAGE_TOO_LARGE',
        `${where}: ${width} by ${height} pixels; make it smaller, or raise maxPixels (now ${maxPixels})`,
        {
          details: { width, height, maxPixels },
        },
      )
    }
  }
  const type = sniffType(bytes)
  const context = { where, check }
  try {
    switch (type) {
      case 'png':
        return await decodePng(bytes, context)
      case 'jpeg':
        return await decodeJpeg(bytes, context, maxPixels)
      case 'tiff':
        return await decodeTiff(bytes, context)
    }
  } catch (cause) {
    if (cause instanceof EmoError) throw cause
    throw new EmoError('IMAGE_CORRUPT', `${where}: the ${type} is damaged (${(cause as Error).message}); copy it again`, { cause })
  }
  throw new EmoError(
    'IMAGE_UNSUPPORTED',
    `${where}: ${type === 'unknown' ? 'an unknown type of file' : `a ${type} file`}; give png, jpg or tiff`,
    { details: { type } },
  )
}

/** Samples a pixel, by the colour type in a PNG's header. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

async function decodePng(bytes: Uint8Array, { where, check }: Context): Promise<DecodedImage> {
  if (bytes.length < 33) throw new EmoError('IMAGE_TRUNCATED', `${where}: the png ends within its header; copy it again`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  check(width, height, ((PNG_CHANNELS[bytes[25]] ?? 1) * bytes[24]) / 8)
  const compressed = pngData(bytes, view)
  if (compressed === undefined) throw new EmoError('IMAGE_TRUNCATED', `${where}: the png lacks its end; copy it again`)
  // Two bytes a sample, four samples, a filter byte a row, and twice that for interlacing's seven passes.
  await refuseBomb(compressed, 8 * width * height + 16 * height + 1024, where)
  const { decode } = await fastPng()
  const png = decode(bytes, { checkCrc: true })
  if (png.palette !== undefined) {
    const entries = png.palette
    const indices = unpackBits(png.data as Uint8Array, png.width, png.height, 1, png.depth)
    const channels = entries.some((entry) => entry.length === 4) ? 4 : 3
    const data = new Uint8Array(indices.length * channels)
    for (let i = 0; i < indices.length; i++) {
      const entry = entries[indices[i]]
      if (entry === undefined) throw new EmoError('IMAGE_CORRUPT', `${where}: the png names a colour that its palette lacks`)
      for (let c = 0; c < channels; c++) data[i * channels + c] = entry[c] ?? 255
    }
    return { data, width: png.width, height: png.height, channels }
  }
  return withChannels(toBytes(png.data, png.width, png.height, png.channels, png.depth), png.width, png.height, png.channels)
}

/** Compressed data of a PNG, chunk by chunk; `undefined` when it lacks its end. */
function pngData(bytes: Uint8Array, view: DataView): Uint8Array[] | undefined {
  const parts: Uint8Array[] = []
  for (let position = 8; position + 12 <= bytes.length; position += 12 + view.getUint32(position)) {
    const type = view.getUint32(position + 4)
    if (type === 0x49454e44) return parts
    if (type === 0x49444154) parts.push(bytes.subarray(position + 8, position + 8 + view.getUint32(position)))
  }
  return undefined
}

/** Most that deflate can unpack of one byte. */
const DEFLATE_RATIO = 1032
/** Unpacking that much is harmless, whatever the header says. */
const HARMLESS_BYTES = 1 << 26

/** Makes sure that compressed data unpacks to no more than its header allows: a few kilobytes can hold gigabytes. */
async function refuseBomb(parts: readonly Uint8Array[], most: number, where: string): Promise<void> {
  const size = parts.reduce((sum, part) => sum + part.length, 0)
  if (size * DEFLATE_RATIO <= Math.max(HARMLESS_BYTES, most)) return
  const reader = new Blob([...parts] as BlobPart[]).stream().pipeThrough(new DecompressionStream('deflate')).getReader()
  let unpacked = 0
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      unpacked += step.value.length
      if (unpacked > most)
        throw new EmoError('IMAGE_CORRUPT', `${where}: the png unpacks to more than its size allows; it may be made to fill the memory`)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

async function decodeJpeg(bytes: Uint8Array, { where, check }: Context, maxPixels: number): Promise<DecodedImage> {
  const header = jpegHeader(bytes)
  if (header.width === undefined || header.height === undefined) {
    throw new EmoError('IMAGE_TRUNCATED', `${where}: the jpeg ends within its header; copy it again`)
  }
  check(header.width, header.height)
  // The decoder makes room for every pixel first. The flattest 8 by 8 block takes one bit at least: less data than that cannot be the picture.
  if (bytes.length < (header.width * header.height) / 64 / 8) {
    throw new EmoError(
      'IMAGE_TRUNCATED',
      `${where}: ${bytes.length} bytes are no jpeg of ${header.width} by ${header.height} pixels; copy it again`,
    )
  }
  if (!hasJpegEnd(bytes)) throw new EmoError('IMAGE_TRUNCATED', `${where}: the jpeg lacks its end; copy it again`)
  const library = await jpegJs()
  // CommonJS: Node finds the names itself, some bundlers only the default.
  const decode = (library.decode as typeof library.decode | undefined) ?? library.default.decode
  const jpeg = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: Math.max(1, Math.ceil(maxPixels / 1e6)),
    maxMemoryUsageInMB: Math.max(512, Math.ceil((maxPixels * 32) / 2 ** 20)),
  })
  return upright({ data: jpeg.data, width: jpeg.width, height: jpeg.height, channels: 3 }, header.orientation)
}

function hasJpegEnd(bytes: Uint8Array): boolean {
  for (let i = bytes.length - 2; i > 1; i--) if (bytes[i] === 0xff && bytes[i + 1] === 0xd9) return true
  return false
}

/** Size and EXIF orientation from the segments before the first scan. */
function jpegHeader(bytes: Uint8Array): { width?: number; height?: number; orientation: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let orientation = 1
  let position = 2
  while (position + 4 <= bytes.length) {
    if (bytes[position] !== 0xff) break
    const marker = bytes[position + 1]
    if (marker === 0xff) {
      position++
      continue
    }
    const length = view.getUint16(position + 2)
    const frame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (frame) {
      if (position + 9 > bytes.length) break
      return { height: view.getUint16(position + 5), width: view.getUint16(position + 7), orientation }
    }
    if (marker === 0xe1) orientation = exifOrientation(bytes.subarray(position + 4, position + 2 + length)) ?? orientation
    if (marker === 0xda || length < 2) break
    position += 2 + length
  }
  return { orientation }
}

/** Tag 0x0112 of the first directory of an EXIF segment. */
function exifOrientation(segment: Uint8Array): number | undefined {
  if (segment.length < 14 || String.fromCharCode(...segment.subarray(0, 4)) !== 'Exif') return undefined
  const view = new DataView(segment.buffer, segment.byteOffset + 6, segment.byteLength - 6)
  const little = view.getUint16(0) === 0x4949
  const directory = view.getUint32(4, little)
  if (directory + 2 > view.byteLength) return undefined
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + i * 12
    if (at + 12 > view.byteLength) return undefined
    if (view.getUint16(at, little) === 0x0112) {
      const value = view.getUint16(at + 8, little)
      return value >= 1 && value <= 8 ? value : undefined
    }
  }
  return undefined
}

/** Applies one of the eight EXIF orientations. */
function upright(image: DecodedImage, orientation: number): DecodedImage {
  if (orientation === 1) return image
  const { data, width, height, channels } = image
  const swapped = orientation >= 5
  const [newWidth, newHeight] = swapped ? [height, width] : [width, height]
  // Mirrored along x: 2, 3, 7, 8 in the frame of the stored picture; along y: 3, 4, 6, 7.
  const flipX = [2, 3, 7, 8].includes(orientation)
  const flipY = [3, 4, 6, 7].includes(orientation)
  const result = new Uint8Array(data.length)
  for (let y = 0; y < newHeight; y++) {
    for (let x = 0; x < newWidth; x++) {
      const storedX = swapped ? y : x
      const storedY = swapped ? x : y
      const from = ((flipY ? height - 1 - storedY : storedY) * width + (flipX ? width - 1 - storedX : storedX)) * channels
      const to = (y * newWidth + x) * channels
      for (let c = 0; c < channels; c++) result[to + c] = data[from + c]
    }
  }
  return { data: result, width: newWidth, height: newHeight, channels }
}

async function decodeTiff(bytes: Uint8Array, { where, check }: Context): Promise<DecodedImage> {
  const { decode } = await tiffJs()
  const [header] = decode(bytes, { pages: [0], ignoreImageData: true })
  check(header.width, header.height, (header.samplesPerPixel * header.bitsPerSample) / 8)
  let page
  try {
    ;[page] = decode(bytes, { pages: [0] })
  } catch (cause) {
    // `Unsupported Compression: PackBits`: nothing is wrong with such a file.
    const unknown = /^Unsupported (.*): (.*)$/s.exec((cause as Error).message)
    if (!unknown) throw cause
    throw new EmoError(
      'IMAGE_UNSUPPORTED',
      `${where}: a tiff of ${unknown[1].toLowerCase()} ${unknown[2]}; save it without compression, or as png`,
      { cause },
    )
  }
  if (page.type > 2) throw new EmoError('IMAGE_UNSUPPORTED', `${where}: a tiff of photometric type ${page.type}; save it as png`)
  const channels = page.samplesPerPixel
  const data = toBytes(page.data, page.width, page.height, channels, page.bitsPerSample)
  // Type 0 counts from white.
  if (page.type === 0) for (let i = 0; i < data.length; i++) data[i] = 255 - data[i]
  return withChannels(data, page.width, page.height, channels)
}

/** Samples of 1, 2, 4, 8 or 16 bits as 0 to 255. */
function toBytes(
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

/** Samples of less than a byte, each row starting at a whole byte; already unpacked data is left as it is. */
function unpackBits(data: Uint8Array, width: number, height: number, channels: number, depth: number): Uint8Array {
  const perRow = width * channels
  if (depth >= 8 || data.length === perRow * height) return data
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
function withChannels(data: Uint8Array, width: number, height: number, channels: number): DecodedImage {
  if (channels === 1 || channels === 3 || channels === 4) return { data, width, height, channels }
  if (channels !== 2) throw new EmoError('IMAGE_UNSUPPORTED', `an image of ${channels} channels; save it as png with 1, 3 or 4`)
  const rgba = new Uint8Array(width * height * 4)
  for (let i = 0; i < width * height; i++) {
    rgba.fill(data[2 * i], 4 * i, 4 * i + 3)
    rgba[4 * i + 3] = data[2 * i + 1]
  }
  return { data: rgba, width, height, channels: 4 }
}
