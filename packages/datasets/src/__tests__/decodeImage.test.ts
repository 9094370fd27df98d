import { crc32, deflateSync } from 'node:zlib'
import { encode as encodePng } from 'fast-png'
import fc from 'fast-check'
import jpeg from 'jpeg-js'
import { describe, expect, it } from 'vitest'
import { attachSource, decodeImage, openFer2013, readImage, toSize, type DecodedImage } from '../index.ts'
import { codeOf, greyPixels, greyPng, wav, writeTree } from './trees.ts'
import { meanDifference, picture, stored } from './pictures.ts'
import { greyTiff } from './tiffs.ts'

const CODES = ['IMAGE_EMPTY', 'IMAGE_TRUNCATED', 'IMAGE_CORRUPT', 'IMAGE_UNSUPPORTED', 'IMAGE_TOO_LARGE']

function jpegOf(image: DecodedImage, orientation?: number): Uint8Array {
  const { data } = toSize(image, { channels: 4 })
  const bytes = new Uint8Array(jpeg.encode({ data, width: image.width, height: image.height }, 98).data)
  if (orientation === undefined) return bytes
  const segment = [0xff, 0xe1, 0, 34, ...Buffer.from('Exif\0\0'), ...exif(orientation)]
  return Uint8Array.of(...bytes.subarray(0, 2), ...segment, ...bytes.subarray(2))
}

/** EXIF data that holds nothing but an orientation. */
function exif(orientation: number): Uint8Array {
  return Uint8Array.of(...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8], ...[0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0])
}

/** Stored as its EXIF data says, which stand behind the header or at the end. */
function turnedPng(image: DecodedImage, orientation: number, atEnd = false): Uint8Array {
  const png = encodePng(stored(image, orientation))
  const at = atEnd ? png.length - 12 : 33
  return Uint8Array.of(...png.subarray(0, at), ...pngChunk('eXIf', exif(orientation)), ...png.subarray(at))
}

/** A JPEG without JFIF's marker, with Adobe's where it has a transform: 0 for red, green and blue as they are. */
function rgbJpeg(image: DecodedImage, transform?: number): Uint8Array {
  const bytes = jpegOf(image)
  const adobe = transform === undefined ? [] : [0xff, 0xee, 0, 14, ...Buffer.from('Adobe\0'), 100, 0, 0, 0, 0, transform]
  return Uint8Array.of(...bytes.subarray(0, 2), ...adobe, ...bytes.subarray(20))
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length)
  bytes.write(type, 4)
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
  return bytes
}

/** A PNG of what `data` unpacks from, row by row. */
function pngOf(
  {
    width,
    height,
    depth,
    colour = 0,
    interlaced = 0,
  }: { width: number; height: number; depth: number; colour?: number; interlaced?: number },
  data: Uint8Array,
): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([depth, colour, 0, 0, interlaced], 8)
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(data)),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
}

/** A PNG header that announces a size, with nothing behind it but the end. */
function hugePng(width: number, height: number): Uint8Array {
  const bytes = encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(0) })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  view.setUint32(16, width)
  view.setUint32(20, height)
  return bytes
}

describe('decodeImage', () => {
  it('reads PNG of every kind', async () => {
    for (const channels of [1, 3, 4] as const) {
      const data = Uint8Array.from({ length: 6 * channels }, (_, i) => i * 9)
      expect(await decodeImage(encodePng({ width: 3, height: 2, channels, data }))).toEqual({ data, width: 3, height: 2, channels })
    }
    expect(await decodeImage(encodePng({ width: 2, height: 1, channels: 2, data: Uint8Array.of(7, 255, 9, 0) }))).toEqual({
      data: Uint8Array.of(7, 7, 7, 255, 9, 9, 9, 0),
      width: 2,
      height: 1,
      channels: 4,
    })
    expect(
      (await decodeImage(encodePng({ width: 3, height: 1, channels: 1, depth: 16, data: Uint16Array.of(0, 0x80ff, 0xffff) }))).data,
    ).toEqual(Uint8Array.of(0, 0x80, 255))
    const palette = encodePng({
      width: 3,
      height: 1,
      channels: 1,
      depth: 8,
      data: Uint8Array.of(1, 0, 1),
      palette: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    })
    expect(await decodeImage(palette)).toEqual({ data: Uint8Array.of(4, 5, 6, 1, 2, 3, 4, 5, 6), width: 3, height: 1, channels: 3 })
  })

  it('reads PNG of one bit', async () => {
    const bits = encodePng({ width: 9, height: 2, channels: 1, depth: 1, data: Uint8Array.of(0b10101010, 0b10000000, 0b11110000, 0) })
    expect([...(await decodeImage(bits)).data].map((value) => value / 255)).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a PNG of EXIF orientation %i upright, wherever it says so', async (orientation) => {
    const image = picture(5, 4)
    for (const atEnd of [false, true]) expect(await decodeImage(turnedPng(image, orientation, atEnd))).toEqual(image)
  })

  it('reads a PNG of one bit and one column', async () => {
    const bits = encodePng({ width: 1, height: 3, channels: 1, depth: 1, data: Uint8Array.of(0x80, 0, 0x80) })
    expect([...(await decodeImage(bits)).data]).toEqual([255, 0, 255])
  })

  it('does not guess the pixels of an interlaced PNG of few bits', async () => {
    const interlaced = (depth: number, data: number[]) => pngOf({ width: 3, height: 1, depth, interlaced: 1 }, Uint8Array.from(data))
    // Passes 1, 4 and 6 of Adam7 hold columns 0, 2 and 1, each row behind the number of its filter.
    expect([...(await decodeImage(interlaced(8, [0, 10, 0, 30, 0, 20]))).data]).toEqual([10, 20, 30])
    await expect(decodeImage(interlaced(1, [0, 0x80, 0, 0x80, 0, 0]))).rejects.toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      message: 'image: an interlaced png of 1 bit a sample; save it without interlacing',
    })
  })

  it('reads JPEG', async () => {
    const image = picture(40, 24)
    const decoded = await decodeImage(jpegOf(image))
    expect(decoded).toMatchObject({ width: 40, height: 24, channels: 3 })
    expect(meanDifference(decoded, image)).toBeLessThan(3)
  })

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns a JPEG of EXIF orientation %i upright', async (orientation) => {
    const image = picture(40, 24)
    const decoded = await decodeImage(jpegOf(stored(image, orientation), orientation))
    expect(decoded).toMatchObject({ width: 40, height: 24 })
    expect(meanDifference(decoded, image)).toBeLessThan(3)
  })

  it('reads JPEG that holds red, green and blue themselves', async () => {
    const image = picture(40, 24)
    const components = (red: number, green: number, blue: number) => [
      0.299 * red + 0.587 * green + 0.114 * blue,
      128 - 0.1687 * red - 0.3313 * green + 0.5 * blue,
      128 + 0.5 * red - 0.4187 * green - 0.0813 * blue,
    ]
    const planes = image.data.map((_, i, data) => components(data[i - (i % 3)], data[i - (i % 3) + 1], data[i - (i % 3) + 2])[i % 3])
    expect(meanDifference(await decodeImage(rgbJpeg(image, 0)), { ...image, data: planes })).toBeLessThan(3)
    // Adobe's marker says that these are luma and chroma.
    expect(meanDifference(await decodeImage(rgbJpeg(image, 1)), image)).toBeLessThan(3)
    // Neither marker, but the names of the components.
    const named = rgbJpeg(image)
    const frame = Buffer.from(named).indexOf(Buffer.of(0xff, 0xc0))
    const scan = Buffer.from(named).indexOf(Buffer.of(0xff, 0xda))
    expect(meanDifference(await decodeImage(named), image)).toBeLessThan(3)
    for (const [i, name] of [...'RGB'].entries()) named[frame + 10 + 3 * i] = named[scan + 5 + 2 * i] = name.charCodeAt(0)
    expect(meanDifference(await decodeImage(named), { ...image, data: planes })).toBeLessThan(3)
  })

  it('does not call a JPEG damaged that is stored in a way it does not know', async () => {
    const changed = (at: number, value: number) => {
      const bytes = jpegOf(picture(8, 8))
      bytes[Buffer.from(bytes).indexOf(Buffer.of(0xff, 0xc0)) + at] = value
      return decodeImage(bytes, { fileName: 'scan.jpg' })
    }
    const advice = 'save it as png, or as a baseline or progressive jpeg'
    for (const [at, value, way] of [
      [1, 0xc3, 'lossless compression'],
      [1, 0xc9, 'arithmetic coding'],
      [1, 0xf7, 'JPEG-LS compression'],
      [4, 12, '12 bits a sample'],
      [9, 4, '4 components'],
    ] as const) {
      await expect(changed(at, value)).rejects.toMatchObject({
        code: 'IMAGE_UNSUPPORTED',
        message: `scan.jpg: a jpeg of ${way}; ${advice}`,
      })
    }
  })

  it('reads TIFF', async () => {
    expect(await decodeImage(greyTiff(2, 2, [1, 2, 3, 4]))).toEqual({ data: Uint8Array.of(1, 2, 3, 4), width: 2, height: 2, channels: 1 })
  })

  it('does not call a TIFF damaged that is stored in a way it does not know', async () => {
    const packed = greyTiff(2, 2, [1, 2, 3, 4])
    const view = new DataView(packed.buffer)
    // The value of the fourth entry, the compression: PackBits.
    view.setUint16(view.getUint32(4, true) + 2 + 3 * 12 + 8, 32773, true)
    await expect(decodeImage(packed, { fileName: 'scan.tif' })).rejects.toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      message: 'scan.tif: a tiff of compression PackBits; save it as png',
    })
  })

  it('refuses what is no picture, by its bytes and whatever its name', async () => {
    const text = (content: string) => new TextEncoder().encode(content)
    const cases: [Uint8Array, string][] = [
      [new Uint8Array(0), 'IMAGE_EMPTY'],
      [text('%PDF-1.7\n'), 'IMAGE_UNSUPPORTED'],
      [text('GIF89a'), 'IMAGE_UNSUPPORTED'],
      [text('RIFF1234WEBPVP8 '), 'IMAGE_UNSUPPORTED'],
      [text('....ftypavif'), 'IMAGE_UNSUPPORTED'],
      [wav(1), 'IMAGE_UNSUPPORTED'],
      [greyPng(1).subarray(0, 8), 'IMAGE_TRUNCATED'],
      [Uint8Array.of(0xff, 0xd8, 0xff), 'IMAGE_TRUNCATED'],
      [hugePng(0, 5), 'IMAGE_EMPTY'],
      [text('II*\0'), 'IMAGE_CORRUPT'],
    ]
    for (const [bytes, code] of cases)
      expect([await codeOf(decodeImage(bytes, { fileName: 'face.png' })), bytes.length]).toEqual([code, bytes.length])
    const png = greyPng(3)
    expect(await decodeImage(png.slice().buffer)).toEqual(await decodeImage(png))
    await expect(decodeImage('face.png' as never)).rejects.toMatchObject({ code: 'BYTES_EXPECTED' })
    await expect(decodeImage(text('%PDF-1.7'), { fileName: 'face.png' })).rejects.toThrow('face.png: a pdf file; give png, jpg or tiff')
  })

  it('refuses files that are made to fill the memory, before they do', async () => {
    // 100 MB in 100 kB, for one pixel.
    const bomb = pngOf({ width: 1, height: 1, depth: 8 }, Buffer.alloc(1e8))
    expect(bomb.length).toBeLessThan(200_000)
    await expect(decodeImage(bomb)).rejects.toMatchObject({
      code: 'IMAGE_CORRUPT',
      message: expect.stringContaining('unpacks to more') as string,
    })
    // 49 million pixels are accepted at 4 bytes each, not at 8.
    expect(await codeOf(decodeImage(pngOf({ width: 7000, height: 7000, depth: 16, colour: 6 }, Buffer.alloc(10))))).toBe('IMAGE_TOO_LARGE')
    expect(await codeOf(decodeImage(pngOf({ width: 7000, height: 7000, depth: 8 }, Buffer.alloc(10))))).toBe('IMAGE_CORRUPT')
    const huge = jpegOf(picture(16, 16))
    const frame = Buffer.from(huge).indexOf(Buffer.of(0xff, 0xc0))
    new DataView(huge.buffer).setUint32(frame + 5, (7900 << 16) | 8000)
    expect(await codeOf(decodeImage(huge))).toBe('IMAGE_TRUNCATED')
  })

  it('decodes a large picture of 16 bits', async () => {
    const data = new Uint16Array(3000 * 3000 * 3).fill(0x8123)
    const image = await decodeImage(encodePng({ width: 3000, height: 3000, channels: 3, depth: 16, data }))
    expect([image.data.length, image.data[0], image.data.at(-1)]).toEqual([data.length, 0x81, 0x81])
  })

  it('refuses too many pixels from the header alone', async () => {
    expect(await codeOf(decodeImage(hugePng(10_000, 10_000)))).toBe('IMAGE_TOO_LARGE')
    expect(await codeOf(decodeImage(hugePng(2 ** 31 - 1, 2 ** 31 - 1)))).toBe('IMAGE_TOO_LARGE')
    expect(await codeOf(decodeImage(greyTiff(30_000, 30_000, [1])))).toBe('IMAGE_TOO_LARGE')
    const huge = jpegOf(picture(8, 8))
    const start = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0)
    new DataView(huge.buffer).setUint32(start + 5, 0xffffffff)
    expect(await codeOf(decodeImage(huge))).toBe('IMAGE_TOO_LARGE')
    expect(await codeOf(decodeImage(greyPng(1), { maxPixels: 48 * 48 - 1 }))).toBe('IMAGE_TOO_LARGE')
    expect(await decodeImage(greyPng(1), { maxPixels: 48 * 48 })).toMatchObject({ width: 48 })
  })

  it.each([
    ['png', greyPng(3)],
    ['jpeg', jpegOf(picture(40, 24))],
    ['tiff', greyTiff(8, 8, [...Array(64).keys()])],
    ['png with EXIF data', turnedPng(picture(9, 7), 6)],
    ['jpeg of red, green and blue', rgbJpeg(picture(40, 24), 0)],
  ])('says so wherever a %s is cut off, and never crashes on a damaged one', async (_, bytes) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: bytes.length - 2 }), async (length) => {
        expect(['IMAGE_TRUNCATED', 'IMAGE_CORRUPT']).toContain(await codeOf(decodeImage(bytes.subarray(0, length))))
      }),
      { numRuns: 50 },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 10 }), async (changes) => {
        const damaged = bytes.slice()
        for (const [at, value] of changes) damaged[at] = value
        expect([...CODES, 'resolved']).toContain(await codeOf(decodeImage(damaged, { maxPixels: 1e6 })))
      }),
      { numRuns: 50 },
    )
  })
})

describe('toSize', () => {
  it('refuses what is no image', () => {
    for (const given of [null, undefined, 'face.png', { width: 1, height: 1 }]) {
      expect(() => toSize(given as never, {})).toThrow(expect.objectContaining({ code: 'IMAGE_EXPECTED' }))
    }
    expect(() => toSize({ data: Uint8Array.of(7), width: 1, height: 1, channels: 1 }, null as never)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }),
    )
  })

  it('leaves an image of the right size as it is', () => {
    const image = picture(5, 4)
    expect(toSize(image, {})).toBe(image)
    expect(toSize(image, { width: 5, height: 4, channels: 3 })).toBe(image)
  })

  it('weighs colours by BT.601, and drops or adds alpha', () => {
    const rgba: DecodedImage = { data: Uint8Array.of(255, 0, 0, 9, 0, 255, 0, 9, 0, 0, 255, 9), width: 3, height: 1, channels: 4 }
    expect([...toSize(rgba, { channels: 1 }).data]).toEqual([76, 150, 29])
    expect([...toSize(rgba, { channels: 3 }).data]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255])
    expect([...toSize({ data: Uint8Array.of(7), width: 1, height: 1, channels: 1 }, { channels: 4 }).data]).toEqual([7, 7, 7, 255])
  })

  it('scales as Pillow does (values of Pillow 9.4, Image.resize, BILINEAR)', () => {
    const ramp: DecodedImage = { data: Uint8Array.of(0, 50, 100, 150, 200, 250), width: 6, height: 1, channels: 1 }
    expect([...toSize(ramp, { width: 3 }).data]).toEqual([36, 125, 214])
    expect([...toSize({ ...ramp, data: Uint8Array.of(0, 100), width: 2 }, { width: 4 }).data]).toEqual([0, 25, 75, 100])
    const image: DecodedImage = { data: Uint8Array.from({ length: 20 }, (_, i) => (i * 37) % 256), width: 5, height: 4, channels: 1 }
    const near = (size: { width: number; height: number }, pillow: readonly number[]) => {
      const { data } = toSize(image, size)
      // Pillow rounds between its two passes.
      for (const [i, value] of pillow.entries()) expect(Math.abs(data[i] - value)).toBeLessThanOrEqual(1)
      expect(data).toHaveLength(pillow.length)
    }
    near({ width: 3, height: 2 }, [112, 84, 97, 110, 139, 127])
    near(
      { width: 7, height: 6 },
      [
        0, 21, 48, 74, 100, 127, 148, 93, 114, 104, 39, 65, 92, 113, 173, 194, 160, 34, 60, 69, 65, 126, 147, 161, 157, 183, 118, 18, 79,
        100, 127, 153, 179, 151, 99, 43, 64, 91, 117, 143, 170, 191,
      ],
    )
  })

  it('keeps the mean and the range of any picture', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), fc.nat(255), (width, height, grey) => {
        const flat = toSize({ data: new Uint8Array(9 * 7).fill(grey), width: 9, height: 7, channels: 1 }, { width, height })
        expect(flat.data).toEqual(new Uint8Array(width * height).fill(grey))
      }),
    )
    for (const width of [0, -1, 1.5, NaN])
      expect(() => toSize(picture(2, 2), { width })).toThrow(expect.objectContaining({ code: 'IMAGE_SIZE_RANGE' }))
  })
})

describe('samples that were copied', () => {
  it('are read again once they have their folder', async () => {
    const root = writeTree({ 'fer2013.csv': `emotion,pixels,Usage\n0,${greyPixels(4).join(' ')},Training\n` })
    const { samples } = await openFer2013(root)
    const copied = structuredClone<typeof samples>(samples)
    expect(await codeOf(readImage(copied[0]))).toBe('SAMPLE_WITHOUT_SOURCE')
    const [again] = await attachSource(copied, root)
    expect((await readImage(again)).data).toEqual(greyPixels(4))
  })
})
