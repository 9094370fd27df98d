import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { startBackend, tf } from '@emo/runtime'
import { readPixels, type ImageInput, type RawImage } from '../pixels.ts'
import { resample } from '../resample.ts'

beforeAll(startBackend)

/** What code makes in another realm, as a frame of a page or a test runner is. */
function elsewhere(code: string): RawImage['data'] {
  return runInNewContext(code) as RawImage['data']
}

function gray(image: ImageInput, width?: number, height?: number): Float32Array {
  const pixels = readPixels(image)
  return resample(pixels, { x: 0, y: 0, width: pixels.width, height: pixels.height }, width ?? pixels.width, height ?? pixels.height, 1)
}

describe('readPixels', () => {
  it.each([
    ['8-bit RGB', { data: Uint8Array.of(255, 0, 0), width: 1, height: 1, channels: 3 }, 0.299 * 255],
    ['8-bit RGBA, half transparent on white', { data: Uint8ClampedArray.of(0, 0, 0, 128), width: 1, height: 1 }, 127],
    ['16-bit grey', { data: Uint16Array.of(65_535), width: 1, height: 1 }, 255],
    ['16-bit RGBA', { data: Uint16Array.of(32_768, 32_768, 32_768, 65_535), width: 1, height: 1 }, 127.5],
    ['floats up to 1', { data: Float32Array.of(0.5), width: 1, height: 1 }, 127.5],
    ['floats a little above 1', { data: Float32Array.of(0.5, 1.000001), width: 2, height: 1 }, 127.5],
    ['floats up to 255', { data: Float32Array.of(0.5, 200), width: 2, height: 1 }, 0.5],
    ['grey and alpha', { data: Uint8Array.of(10, 0), width: 1, height: 1, channels: 2 }, 255],
    ['a plain array', { data: [12], width: 1, height: 1 }, 12],
    ['bytes of another realm', { data: elsewhere('Uint8Array.of(12, 0)'), width: 1, height: 1 }, 255],
    ['16 bits of another realm', { data: elsewhere('Uint16Array.of(65535)'), width: 1, height: 1 }, 255],
    ['floats of another realm', { data: elsewhere('Float32Array.of(0.5)'), width: 1, height: 1 }, 127.5],
    ['a plain array of another realm', { data: elsewhere('[12]'), width: 1, height: 1 }, 12],
    ['a frame with a gain of its own', { data: Uint16Array.of(65_535), width: 1, height: 1, gain: 1.4 }, 255],
  ] as [string, RawImage, number][])('reads %s', (_, image, expected) => {
    expect(gray(image)[0]).toBeCloseTo(expected, 0)
  })

  it('reads tensors of two to four dimensions', () => {
    const values = [10, 20, 30, 40, 50, 60]
    for (const shape of [
      [2, 3],
      [2, 3, 1],
      [1, 2, 3, 1],
    ]) {
      const tensor = tf.tensor(values, shape, 'int32')
      expect(Array.from(gray(tensor))).toEqual(values)
      tensor.dispose()
    }
  })

  it.each([
    ['no pixels', { data: new Uint8Array(0), width: 0, height: 0 }, 'IMAGE_EMPTY'],
    ['no rows', { data: new Uint8Array(0), width: 5, height: 0, channels: 1 }, 'IMAGE_EMPTY'],
    ['too few values', { data: new Uint8Array(5), width: 2, height: 3, channels: 1 }, 'IMAGE_SIZE'],
    ['a length that no channel count explains', { data: new Uint8Array(7), width: 2, height: 3 }, 'IMAGE_SIZE'],
    ['five channels', { data: new Uint8Array(5), width: 1, height: 1, channels: 5 }, 'IMAGE_SIZE'],
    ['a negative width', { data: new Uint8Array(4), width: -2, height: -2 }, 'IMAGE_SIZE'],
    ['half a pixel', { data: new Uint8Array(1), width: 0.5, height: 2 }, 'IMAGE_SIZE'],
    ['too few values and a gain', { data: new Uint8Array(5), width: 2, height: 3, channels: 1, gain: 1 }, 'IMAGE_SIZE'],
    ['a list with null', { data: [1, 2, null, 4], width: 2, height: 2 }, 'IMAGE_NOT_FINITE'],
    ['a list with text', { data: [1, 2, 3, '4'], width: 2, height: 2 }, 'IMAGE_NOT_FINITE'],
    ['a list of rows', { data: [[1, 2]], width: 2, height: 1 }, 'IMAGE_UNSUPPORTED'],
    ['numbers of another type', { data: new BigInt64Array(1), width: 1, height: 1 }, 'IMAGE_UNSUPPORTED'],
    ['a view without numbers', { data: new DataView(new ArrayBuffer(1)), width: 1, height: 1 }, 'IMAGE_UNSUPPORTED'],
    ['text for pixels', { data: 'pixels', width: 1, height: 1 }, 'IMAGE_UNSUPPORTED'],
    ['null', null, 'IMAGE_UNSUPPORTED'],
    ['a path', './face.png', 'IMAGE_UNSUPPORTED'],
    ['an object without pixels', {}, 'IMAGE_UNSUPPORTED'],
    ['a video that has not begun', { videoWidth: 0, videoHeight: 0 }, 'IMAGE_EMPTY'],
    ['a video that knows its size but has no frame', { videoWidth: 4, videoHeight: 4, readyState: 1 }, 'IMAGE_EMPTY'],
    ['a frame that has been closed', { displayWidth: 0, displayHeight: 0, close: () => undefined }, 'IMAGE_EMPTY'],
    ['a canvas outside a browser', { width: 4, height: 4, getContext: () => null }, 'IMAGE_UNSUPPORTED'],
  ])('refuses %s', (_, image, code) => {
    expect(() => readPixels(image as never)).toThrow(expect.objectContaining({ code }))
  })

  it('refuses tensors that are no picture', () => {
    for (const tensor of [tf.tensor1d([1, 2]), tf.zeros([2, 4, 4, 1])]) {
      expect(() => readPixels(tensor)).toThrow(expect.objectContaining({ code: 'IMAGE_SIZE' }))
      tensor.dispose()
    }
    const empty = tf.zeros([0, 4, 1])
    expect(() => readPixels(empty)).toThrow(expect.objectContaining({ code: 'IMAGE_EMPTY' }))
    empty.dispose()
    expect(() => readPixels(empty)).toThrow(expect.objectContaining({ code: 'IMAGE_UNSUPPORTED' }))
    const text = tf.tensor2d(['a', 'b'], [1, 2])
    expect(() => readPixels(text)).toThrow(expect.objectContaining({ code: 'IMAGE_UNSUPPORTED' }))
    text.dispose()
  })

  it('says so when the browser does not let a picture be read', () => {
    const getImageData = () => {
      throw new DOMException('The canvas has been tainted by cross-origin data.', 'SecurityError')
    }
    const canvas = { width: 1, height: 1, getContext: () => ({ getImageData }) }
    expect(() => readPixels(canvas as never)).toThrow(expect.objectContaining({ code: 'IMAGE_CROSS_ORIGIN' }))
  })

  it('says so when a canvas has no pixels any more', () => {
    const getContext = () => {
      throw new DOMException('Cannot get context from a canvas that has transferred its control to offscreen.', 'InvalidStateError')
    }
    expect(() => readPixels({ width: 1, height: 1, getContext } as never)).toThrow(
      expect.objectContaining({ code: 'IMAGE_UNSUPPORTED', message: expect.stringContaining('transferred') as string }),
    )
  })

  it('draws a canvas that has a 2D context, whatever else it has', () => {
    const data = Uint8ClampedArray.of(1, 2, 3, 255)
    const canvas = { width: 1, height: 1, getContext: () => ({ getImageData: () => ({ data, width: 1, height: 1 }) }) }
    expect(readPixels(canvas as never).data).toBe(data)
    expect(readPixels({ ...canvas, data: () => data } as never).data).toBe(data)
  })

  it('takes what it gave as it is', () => {
    const pixels = readPixels({ data: Uint16Array.of(65_535), width: 1, height: 1 })
    expect(readPixels(pixels)).toBe(pixels)
  })
})

describe('resample', () => {
  it('copies when nothing changes', () => {
    const image = { data: Uint8Array.from({ length: 30 }, (_, i) => i * 8), width: 6, height: 5 }
    expect(Array.from(gray(image))).toEqual(Array.from(image.data))
  })

  it('keeps a constant picture constant, for any sizes and any part, inside or outside', () => {
    const side = fc.integer({ min: 1, max: 40 })
    const place = fc.double({ min: -50, max: 50, noNaN: true })
    const extent = fc.double({ min: 0.1, max: 90, noNaN: true })
    fc.assert(
      fc.property(side, side, side, side, place, place, extent, extent, (width, height, toWidth, toHeight, x, y, boxWidth, boxHeight) => {
        const pixels = readPixels({ data: new Uint8Array(width * height).fill(100), width, height })
        const result = resample(pixels, { x, y, width: boxWidth, height: boxHeight }, toWidth, toHeight, 1)
        expect(result).toHaveLength(toWidth * toHeight)
        for (const value of result) expect(value).toBeCloseTo(100, 3)
      }),
    )
  })

  it.each([
    ['very large', { x: -5e16, y: -5e16, width: 1e17, height: 1e17 }],
    ['larger than numbers go', { x: 0, y: 0, width: Infinity, height: Number.MAX_VALUE }],
    ['very far', { x: 1e17, y: -1e300, width: 10, height: 10 }],
  ])('sees the border of a picture in a box that is %s', (_, box) => {
    const data = new Uint8Array(5 * 5).fill(100).fill(200, 12, 13)
    for (const value of resample(readPixels({ data, width: 5, height: 5 }), box, 4, 4, 1)) expect(value).toBeCloseTo(100, 1)
  })

  it('averages when it reduces', () => {
    const data = Uint8Array.from({ length: 64 * 64 }, (_, i) => (i % 2 === 0 ? 0 : 200))
    const result = gray({ data, width: 64, height: 64 }, 8, 8)
    for (let row = 0; row < 8; row++) for (let column = 1; column < 7; column++) expect(result[row * 8 + column]).toBeCloseTo(100, 0)
  })

  it('interpolates a ramp exactly when it enlarges', () => {
    const result = gray({ data: Uint8Array.of(0, 100), width: 2, height: 1 }, 8, 1)
    expect(Array.from(result)).toEqual([0, 0, 12.5, 37.5, 62.5, 87.5, 100, 100])
  })

  it('refuses NaN and infinity', () => {
    for (const bad of [Number.NaN, Infinity]) {
      const data = new Float32Array(16).fill(0.5)
      data[7] = bad
      const there = elsewhere(`Float64Array.of(0.5, ${bad})`)
      expect(() => gray({ data: there, width: 2, height: 1 })).toThrow(expect.objectContaining({ code: 'IMAGE_NOT_FINITE' }))
      expect(() => gray({ data, width: 4, height: 4 })).toThrow(expect.objectContaining({ code: 'IMAGE_NOT_FINITE' }))
    }
  })
})
