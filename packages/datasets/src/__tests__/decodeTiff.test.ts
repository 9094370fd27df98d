import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeImage, type DecodedImage } from '../index.ts'
import { picture, stored } from './pictures.ts'
import { tiffOf } from './tiffs.ts'
import { codeOf } from './trees.ts'

type Field = readonly [tag: number, ...values: number[]]

const DEFLATE = 8

/** A TIFF in one strip; fields that are given replace its own. */
function stripTiff({ width, height, channels, data }: DecodedImage, own: readonly Field[] = [], little = true): Uint8Array {
  const fields: Field[] = [
    [256, width],
    [257, height],
    [258, 8],
    [259, 1],
    [262, channels === 1 ? 1 : 2],
    [273, 8],
    [277, channels],
    [278, height],
    [279, data.length],
  ]
  const replaced = new Set(own.map(([tag]) => tag))
  return tiffOf([...fields.filter(([tag]) => !replaced.has(tag)), ...own], data, little)
}

/** A TIFF in deflated tiles, by differences along their rows where `predictor` is 2. */
function tiledTiff(
  image: DecodedImage,
  side: readonly [width: number, height: number],
  predictor: 1 | 2,
  own: readonly Field[] = [],
): Uint8Array {
  const { width, height, channels, data } = image
  const [across, down] = side
  const tiles: Uint8Array[] = []
  for (let top = 0; top < height; top += down) {
    for (let left = 0; left < width; left += across) {
      const tile = new Uint8Array(across * down * channels)
      for (let i = 0; i < tile.length; i++) {
        const [x, y] = [Math.floor(i / channels) % across, Math.floor(i / channels / across)]
        const at = (column: number) =>
          left + column < width && top + y < height ? data[((top + y) * width + left + column) * channels + (i % channels)] : 9
        tile[i] = predictor === 2 && x > 0 ? at(x) - at(x - 1) : at(x)
      }
      tiles.push(deflateSync(tile))
    }
  }
  let next = 8
  const offsets = tiles.map((tile) => (next += tile.length) - tile.length)
  const fields: Field[] = [
    [256, width],
    [257, height],
    [258, ...Array<number>(channels).fill(8)],
    [259, DEFLATE],
    [262, channels === 1 ? 1 : 2],
    [277, channels],
    [317, predictor],
    [322, across],
    [323, down],
    [324, ...offsets],
    [325, ...tiles.map((tile) => tile.length)],
    ...own,
  ]
  return tiffOf(fields, new Uint8Array(Buffer.concat(tiles)))
}

const grey = (width: number, height: number): DecodedImage => ({
  data: Uint8Array.from({ length: width * height }, (_, i) => (i * 7) % 256),
  width,
  height,
  channels: 1,
})

describe('decodeImage of TIFF', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('turns orientation %i upright, in strips and in tiles', async (orientation) => {
    const image = picture(20, 13)
    const turned = stored(image, orientation)
    for (const little of [true, false]) expect(await decodeImage(stripTiff(turned, [[274, orientation]], little))).toEqual(image)
    expect(await decodeImage(tiledTiff(turned, [16, 16], 1, [[274, orientation]]))).toEqual(image)
  })

  it('sets tiles of any size side by side, of grey and colour, with and without a predictor', async () => {
    const size = fc.integer({ min: 1, max: 40 })
    await fc.assert(
      fc.asyncProperty(
        size,
        size,
        size,
        size,
        fc.boolean(),
        fc.constantFrom(1 as const, 2 as const),
        async (w, h, across, down, colour, predictor) => {
          const image = colour ? picture(w, h) : grey(w, h)
          expect(await decodeImage(tiledTiff(image, [across, down], predictor))).toEqual(image)
        },
      ),
    )
  })

  it('takes white as 0 where the file says so', async () => {
    const image = grey(3, 2)
    expect((await decodeImage(stripTiff(image, [[262, 0]]))).data).toEqual(image.data.map((value) => 255 - value))
    const bits = { data: Uint8Array.of(0b10110000, 0b01000000), width: 4, height: 2, channels: 1 } as const
    const expected = [255, 0, 255, 255, 0, 255, 0, 0]
    expect([...(await decodeImage(stripTiff(bits, [[258, 1]]))).data]).toEqual(expected)
    // One bit is also what is meant where no number of bits is given.
    const fields = { 256: 4, 257: 2, 262: 1, 273: 8, 278: 2, 279: 2 }
    const bare = tiffOf(
      Object.entries(fields).map(([tag, value]) => [Number(tag), value] as const),
      bits.data,
    )
    expect([...(await decodeImage(bare)).data]).toEqual(expected)
    expect([
      ...(
        await decodeImage(
          stripTiff(bits, [
            [258, 1],
            [262, 0],
          ]),
        )
      ).data,
    ]).toEqual([0, 255, 0, 0, 255, 0, 255, 255])
  })

  it('reads floats from 0 to 1, and says so of others', async () => {
    const floats = (values: number[]) =>
      decodeImage(
        stripTiff({ data: new Uint8Array(Float32Array.from(values).buffer), width: values.length, height: 1, channels: 1 }, [
          [258, 32],
          [339, 3],
        ]),
      )
    expect([...(await floats([0, 0.5, 1, 1.1, -0.1])).data]).toEqual([0, 128, 255, 255, 0])
    await expect(floats([0, 12, 255])).rejects.toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      message: 'image: a tiff of floats from 0 to 255, where 0 to 1 is black to white; save it as png',
    })
    await expect(floats([0, NaN])).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' })
  })

  it.each<[string, Field[]]>([
    ['compression PackBits', [[259, 32773]]],
    ['compression 7', [[259, 7]]],
    ['photometric type 6', [[262, 6]]],
    ['colours stored apart', [[284, 2]]],
    ['bits stored in reverse', [[266, 2]]],
    ['signed samples', [[339, 2]]],
    ['predictor 3 on 8 bits', [[317, 3]]],
    ['5 samples a pixel', [[277, 5]]],
    ['bitdepth 32', [[258, 32]]],
  ])('does not call a tiff of %s damaged, nor guesses its pixels', async (way, own) => {
    await expect(decodeImage(stripTiff(picture(4, 3), own), { fileName: 'scan.tif' })).rejects.toMatchObject({
      code: 'IMAGE_UNSUPPORTED',
      message: `scan.tif: a tiff of ${way}; save it as png`,
    })
  })

  it('says that a bigtiff is one', async () => {
    await expect(decodeImage(Uint8Array.of(0x49, 0x49, 43, 0, 8, 0, 0, 0))).rejects.toThrow('a bigtiff file; give png, jpg or tiff')
  })

  it('refuses pictures that lack strips or tiles', async () => {
    expect(await codeOf(decodeImage(stripTiff(grey(4, 4), [[278, 3]])))).toBe('IMAGE_TRUNCATED')
    expect(await codeOf(decodeImage(tiledTiff({ ...grey(4, 4) }, [2, 2], 1, [[257, 5]])))).toBe('IMAGE_CORRUPT')
    expect(await codeOf(decodeImage(tiledTiff(grey(4, 4), [4, 4], 1, [[322, 0]])))).toBe('IMAGE_CORRUPT')
    expect(await codeOf(decodeImage(tiledTiff(grey(4, 4), [4, 4], 1, [[322, 2 ** 31]])))).toBe('IMAGE_TOO_LARGE')
  })

  it.each([
    ['in tiles', tiledTiff(picture(20, 13), [16, 16], 2)],
    ['that is turned', stripTiff(picture(5, 4), [[274, 6]])],
  ])('gives an answer or a code when a tiff %s is damaged or cut', async (_, bytes) => {
    const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(changes, fc.integer({ min: 4, max: bytes.length }), async (changed, length) => {
        const damaged = bytes.slice(0, length)
        for (const [at, value] of changed) if (at >= 4 && at < length) damaged[at] = value
        expect(await codeOf(decodeImage(damaged, { maxPixels: 1e6 }))).toMatch(/^(IMAGE_[A-Z_]+|resolved)$/)
      }),
    )
  })
})
