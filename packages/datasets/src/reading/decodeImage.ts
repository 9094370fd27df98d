import { EmoError } from '@emo/errors'
import type { DecodedPng } from 'fast-png'
import { bytesOf } from './bytesOf.ts'
import { decodeTiff } from './decodeTiff.ts'
import { jpegHeader } from './jpegHeader.ts'
import { lazy } from './lazy.ts'
import { exifOrientation, upright } from './orientation.ts'
import { toBytes, unpackBits, withChannels } from './pixelBytes.ts'
import { ofType, sniffType } from './sniffType.ts'

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

interface Context {
  readonly where: string
  /** `bytesPerPixel` as stored; above 4, fewer pixels are accepted. */
  readonly check: (width: number, height: number, bytesPerPixel?: number) => void
}

/**
 * Decodes PNG, JPEG or TIFF, turned upright by its EXIF orientation. The type is taken from the bytes, not from the name; decoders are loaded
 * when first needed.
 *
 * @param file - its bytes
 * @throws EmoError `BYTES_EXPECTED` something else than bytes, `IMAGE_EMPTY` no bytes or no pixels, `IMAGE_UNSUPPORTED` another type, or one stored in a way that is not read, `IMAGE_TRUNCATED` the end is missing, `IMAGE_CORRUPT`
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
        return await decodeTiff(bytes, context.where, context.check)
    }
  } catch (cause) {
    if (cause instanceof EmoError) throw cause
    throw new EmoError('IMAGE_CORRUPT', `${where}: the ${type} is damaged (${(cause as Error).message}); copy it again`, { cause })
  }
  throw new EmoError('IMAGE_UNSUPPORTED', `${where}: ${ofType(type)}; give png, jpg or tiff`, { details: { type } })
}

/** Samples a pixel, by the colour type in a PNG's header. */
const PNG_CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }

async function decodePng(bytes: Uint8Array, { where, check }: Context): Promise<DecodedImage> {
  if (bytes.length < 33) throw new EmoError('IMAGE_TRUNCATED', `${where}: the png ends within its header; copy it again`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [width, height] = [view.getUint32(16), view.getUint32(20)]
  check(width, height, ((PNG_CHANNELS[bytes[25]] ?? 1) * bytes[24]) / 8)
  const chunks = pngChunks(bytes, view)
  if (chunks === undefined) throw new EmoError('IMAGE_TRUNCATED', `${where}: the png lacks its end; copy it again`)
  const [depth, interlaced] = [bytes[24], bytes[28] !== 0]
  if (interlaced && depth < 8) {
    throw new EmoError('IMAGE_UNSUPPORTED', `${where}: an interlaced png of ${depth} bit a sample; save it without interlacing`)
  }
  // Two bytes a sample, four samples, a filter byte a row, and twice that for interlacing's seven passes.
  await refuseBomb(chunks.data, 8 * width * height + 16 * height + 1024, where)
  const { decode } = await fastPng()
  return upright(pngPixels(decode(bytes, { checkCrc: true }), where), (chunks.exif && exifOrientation(chunks.exif)) ?? 1)
}

function pngPixels(png: DecodedPng, where: string): DecodedImage {
  const { width, height, palette } = png
  if (palette === undefined) return withChannels(toBytes(png.data, width, height, png.channels, png.depth), width, height, png.channels)
  const indices = unpackBits(png.data as Uint8Array, width, height, 1, png.depth)
  const channels = palette.some((entry) => entry.length === 4) ? 4 : 3
  const data = new Uint8Array(indices.length * channels)
  for (let i = 0; i < indices.length; i++) {
    const entry = palette[indices[i]]
    if (entry === undefined) throw new EmoError('IMAGE_CORRUPT', `${where}: the png names a colour that its palette lacks`)
    for (let c = 0; c < channels; c++) data[i * channels + c] = entry[c] ?? 255
  }
  return { data, width, height, channels }
}

/** Compressed data of a PNG, chunk by chunk, and its EXIF data; `undefined` when it lacks its end. */
function pngChunks(bytes: Uint8Array, view: DataView): { data: Uint8Array[]; exif?: Uint8Array } | undefined {
  const data: Uint8Array[] = []
  let exif: Uint8Array | undefined
  for (let position = 8; position + 12 <= bytes.length; position += 12 + view.getUint32(position)) {
    const type = view.getUint32(position + 4)
    const content = bytes.subarray(position + 8, position + 8 + view.getUint32(position))
    if (type === 0x49454e44) return { data, exif }
    if (type === 0x49444154) data.push(content)
    if (type === 0x65584966) exif = content
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
  if (header.unread !== undefined) {
    throw new EmoError('IMAGE_UNSUPPORTED', `${where}: a jpeg of ${header.unread}; save it as png, or as a baseline or progressive jpeg`)
  }
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
    // `undefined`: by the number of components.
    colorTransform: header.rgb ? false : undefined,
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
