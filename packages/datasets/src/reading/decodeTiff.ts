import { EmoError } from '@emo/errors'
import type { TiffIfd } from 'tiff'
import type { DecodedImage } from './decodeImage.ts'
import { lazy } from './lazy.ts'
import { upright } from './orientation.ts'
import { toBytes, withChannels } from './pixelBytes.ts'

const tiffJs = lazy(() => import('tiff'))

const WHITE_IS_ZERO = 0
const RGB = 2
const SIGNED = 2
const FLOAT = 3
const LONG = 4

/**
 * Decodes the first page of a TIFF, turned upright.
 *
 * @param check - called with the size, and bytes a pixel as stored, before anything is decoded
 * @throws EmoError `IMAGE_UNSUPPORTED`, `IMAGE_CORRUPT`; Error where the file is damaged
 */
export async function decodeTiff(
  bytes: Uint8Array,
  where: string,
  check: (width: number, height: number, bytesPerPixel: number) => void,
): Promise<DecodedImage> {
  const { decode } = await tiffJs()
  const [page] = decode(bytes, { pages: [0], ignoreImageData: true })
  const bytesPerPixel = (page.samplesPerPixel * bitsOf(page)) / 8
  check(page.width, page.height, bytesPerPixel)
  const unread = unreadWay(page)
  if (unread !== undefined) throw unsupported(where, unread)
  // The library leaves pictures as they lie, or refuses them, and takes the tiles of colour pictures and of predictors wrongly: it is given strips.
  const tiles = page.tiled ? tileGrid(page) : undefined
  if (tiles) check(tiles.width, tiles.height * tiles.count, bytesPerPixel)
  const stored = readStrips(decode, tiles || page.orientation > 1 || !page.bitsPerSample ? inStrips(bytes, page, tiles) : bytes, where)
  const channels = page.samplesPerPixel
  const data = sampleBytes(stored, where)
  const laidOut = tiles ? untiled(data, tiles, page.width, page.height, channels) : data
  return upright(withChannels(laidOut, page.width, page.height, channels), page.orientation)
}

/** Writers leave out what is the default. */
function bitsOf(page: TiffIfd): number {
  const bits: number | undefined = page.bitsPerSample
  return bits ?? 1
}

function unsupported(where: string, unread: string, cause?: unknown): EmoError {
  return new EmoError('IMAGE_UNSUPPORTED', `${where}: a tiff of ${unread}; save it as png`, { cause })
}

/** How a page is stored, in the words of a message, where the library would give wrong pixels or take it for damaged. */
function unreadWay(page: TiffIfd): string | undefined {
  const { type, samplesPerPixel, bitsPerSample, sampleFormat, predictor } = page
  if (type > RGB) return `photometric type ${type}`
  if (page.planarConfiguration === 2 && samplesPerPixel > 1) return 'colours stored apart'
  if (page.fillOrder === 2) return 'bits stored in reverse'
  if (sampleFormat === SIGNED) return 'signed samples'
  if (sampleFormat === FLOAT && type === WHITE_IS_ZERO) return 'floats with white as 0'
  if (predictor !== 1 && !(predictor === 2 && (bitsPerSample === 8 || bitsPerSample === 16)))
    return `predictor ${predictor} on ${bitsPerSample} bits`
  const extra = samplesPerPixel - (type === RGB ? 3 : 1)
  if (extra < 0 || extra > 1) return `${samplesPerPixel} samples a pixel`
  return undefined
}

function readStrips(decode: typeof import('tiff').decode, bytes: Uint8Array, where: string): TiffIfd {
  try {
    const [page] = decode(bytes, { pages: [0] })
    if (page.stripOffsets.length * page.rowsPerStrip < page.height) {
      throw new EmoError('IMAGE_TRUNCATED', `${where}: the tiff lacks rows at its end; copy it again`)
    }
    return page
  } catch (cause) {
    // `Unsupported Compression: PackBits`: nothing is wrong with such a file.
    const unknown = /^Unsupported (.*): (.*)$/s.exec((cause as Error).message)
    throw unknown ? unsupported(where, `${unknown[1].toLowerCase()} ${unknown[2]}`, cause) : cause
  }
}

/** How a page is cut into tiles, row by row; those at the right and lower edge reach beyond it. */
interface TileGrid {
  /** Pixels of a tile. */
  readonly width: number
  readonly height: number
  readonly columns: number
  readonly count: number
}

function tileGrid(page: TiffIfd): TileGrid {
  const { tileWidth: width = 0, tileHeight: height = 0 } = page
  const columns = Math.ceil(page.width / width)
  const count = columns * Math.ceil(page.height / height)
  if (!(page.tileOffsets.length >= count && page.tileByteCounts.length >= count))
    throw new Error(`${page.tileOffsets.length} tiles of ${count}`)
  return { width, height, columns, count }
}

/** The file with its page described anew at the end, upright and in strips. Tiles are the strips of a picture that is as wide as one tile. */
function inStrips(bytes: Uint8Array, page: TiffIfd, tiles: TileGrid | undefined): Uint8Array {
  const fields: readonly (readonly [tag: number, values: ArrayLike<number> | undefined])[] = [
    [256, [tiles ? tiles.width : page.width]],
    [257, [tiles ? tiles.height * tiles.count : page.height]],
    [258, [bitsOf(page)]],
    [259, [page.compression]],
    [262, [page.type]],
    [273, tiles ? page.tileOffsets : page.stripOffsets],
    [277, [page.samplesPerPixel]],
    [278, [tiles ? tiles.height : page.rowsPerStrip]],
    [279, tiles ? page.tileByteCounts : page.stripByteCounts],
    [317, [page.predictor]],
    [338, page.extraSamples],
    [339, [page.sampleFormat]],
  ]
  return withDirectory(
    bytes,
    fields.flatMap(([tag, values]) => (values ? [{ tag, values }] : [])),
  )
}

/** A copy whose first directory has these fields, each of 32 bit numbers. */
function withDirectory(bytes: Uint8Array, fields: readonly { tag: number; values: ArrayLike<number> }[]): Uint8Array {
  const directory = bytes.length + (bytes.length % 2)
  let free = directory + 2 + 12 * fields.length + 4
  const lists = fields.reduce((sum, { values }) => sum + (values.length > 1 ? values.length : 0), 0)
  const result = new Uint8Array(free + 4 * lists)
  result.set(bytes)
  const view = new DataView(result.buffer)
  const little = bytes[0] === 0x49
  view.setUint32(4, directory, little)
  view.setUint16(directory, fields.length, little)
  for (const [i, { tag, values }] of fields.entries()) {
    const entry = directory + 2 + 12 * i
    view.setUint16(entry, tag, little)
    view.setUint16(entry + 2, LONG, little)
    view.setUint32(entry + 4, values.length, little)
    // One value stands in the entry itself, more stand where it points to.
    let to = entry + 8
    if (values.length > 1) {
      view.setUint32(to, free, little)
      to = free
      free += 4 * values.length
    }
    for (let k = 0; k < values.length; k++) view.setUint32(to + 4 * k, values[k], little)
  }
  return result
}

/** Samples as 0 to 255. */
function sampleBytes(page: TiffIfd, where: string): Uint8Array {
  const { data, bitsPerSample: depth } = page
  // The library unpacks single bits itself.
  if (depth === 1) return data.map((bit) => bit * 255) as Uint8Array
  if (data instanceof Float32Array || data instanceof Float64Array) checkFloats(data, where)
  return toBytes(data, page.width, page.height, page.samplesPerPixel, depth)
}

/** Floats have no largest value by themselves. Those that go a little beyond 0 to 1 come of sharpening and the like. */
function checkFloats(data: Float32Array | Float64Array, where: string): void {
  let [min, max] = [Infinity, -Infinity]
  for (const value of data) {
    if (Number.isNaN(value)) throw unsupported(where, 'floats that are no numbers')
    if (value < min) min = value
    if (value > max) max = value
  }
  if (min < -0.5 || max > 1.5) throw unsupported(where, `floats from ${min} to ${max}, where 0 to 1 is black to white`)
}

/** Tiles that lie one below the other, set side by side. */
function untiled(data: Uint8Array, tiles: TileGrid, width: number, height: number, channels: number): Uint8Array {
  const result = new Uint8Array(width * height * channels)
  for (let tile = 0; tile < tiles.count; tile++) {
    const left = (tile % tiles.columns) * tiles.width
    const top = Math.floor(tile / tiles.columns) * tiles.height
    const across = Math.min(tiles.width, width - left) * channels
    for (let y = 0; y < Math.min(tiles.height, height - top); y++) {
      const from = (tile * tiles.height + y) * tiles.width * channels
      result.set(data.subarray(from, from + across), ((top + y) * width + left) * channels)
    }
  }
  return result
}
