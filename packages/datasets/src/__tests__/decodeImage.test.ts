import { deflateSync } from 'node:zlib'
import { encode as encodePng } from 'fast-png'
import fc from 'fast-check'
import jpeg from 'jpeg-js'
import { describe, expect, it } from 'vitest'
import { attachSource, decodeImage, openFer2013, readImage, toSize, type DecodedImage } from '../index.ts'
import { codeOf, greyPixels, greyPng, wav, writeTree } from './trees.ts'
import { greyTiff } from './tiffs.ts'

const CODES = ['IMAGE_EMPTY', 'IMAGE_TRUNCATED', 'IMAGE_CORRUPT', 'IMAGE_UNSUPPORTED', 'IMAGE_TOO_LARGE']

/** A smooth RGB picture that JPEG hardly changes. */
function picture(width: number, height: number): DecodedImage & { channels: 3 } {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([(255 * x) / width, (255 * y) / height, 100], (y * width + x) * 3)
  }
  return { data, width, height, channels: 3 }
}

function jpegOf(image: DecodedImage, orientation?: number): Uint8Array {
  const { data } = toSize(image, { channels: 4 })
  const bytes = new Uint8Array(jpeg.encode({ data, width: image.width, height: image.height }, 98).data)
  if (orientation === undefined) return bytes
  const exif = Uint8Array.of(
    ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8],
    ...[0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0],
  )
  return Uint8Array.of(...bytes.subarray(0, 2), ...exif, ...bytes.subarray(2))
}

/** How a picture is stored so that its EXIF orientation turns it upright (EXIF 2.32, 4.6.4 A). */
function stored(image: DecodedImage, orientation: number): DecodedImage {
  const { width, height, channels, data } = image
  const swapped = orientation >= 5
  const [w, h] = swapped ? [height, width] : [width, height]
  // Where the stored row 0 and column 0 are seen: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.
  const top = [1, 2, 5, 6].includes(orientation)
  const left = [1, 4, 5, 8].includes(orientation)
  const result = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromTop = top ? y : height - 1 - y
      const fromLeft = left ? x : width - 1 - x
      const [row, column] = swapped ? [fromLeft, fromTop] : [fromTop, fromLeft]
      for (let c = 0; c < channels; c++) result[(row * w + column) * channels + c] = data[(y * width + x) * channels + c]
    }
  }
  return { data: result, width: w, height: h, channels }
}

const meanDifference = (a: DecodedImage, b: DecodedImage) =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]), 0) / a.data.length

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
      message: 'scan.tif: a tiff of compression PackBits; save it without compression, or as png',
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
    const chunk = (type: string, data: Uint8Array) => {
      const bytes = Buffer.alloc(12 + data.length)
      bytes.writeUInt32BE(data.length)
      bytes.write(type, 4)
      bytes.set(data, 8)
      return bytes
    }
    const pngOf = (size: number, depth: number, colour: number, data: Uint8Array) => {
      const header = Buffer.alloc(13)
      header.writeUInt32BE(size, 0)
      header.writeUInt32BE(size, 4)
      header.set([depth, colour], 8)
      return Buffer.concat([
        Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
        chunk('IHDR', header),
        chunk('IDAT', deflateSync(data)),
        chunk('IEND', Buffer.alloc(0)),
      ])
    }
    // 100 MB in 100 kB, for one pixel.
    const bomb = pngOf(1, 8, 0, Buffer.alloc(1e8))
    expect(bomb.length).toBeLessThan(200_000)
    await expect(decodeImage(bomb)).rejects.toMatchObject({
      code: 'IMAGE_CORRUPT',
      message: expect.stringContaining('unpacks to more') as string,
    })
    // 49 million pixels are accepted at 4 bytes each, not at 8.
    expect(await codeOf(decodeImage(pngOf(7000, 16, 6, Buffer.alloc(10))))).toBe('IMAGE_TOO_LARGE')
    expect(await codeOf(decodeImage(pngOf(7000, 8, 0, Buffer.alloc(10))))).toBe('IMAGE_CORRUPT')
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
