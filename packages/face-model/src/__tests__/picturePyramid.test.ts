import { startBackend, SubsampledPicture, tf } from '@emo/runtime'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { PicturePyramid } from '../picturePyramid.ts'
import { readPixels, type Pixels } from '../pixels.ts'

const mean = [0, 0, 0]

/** A slope of greys from 0 on the left to 240 on the right. */
function slope(width: number, height: number, channels: 1 | 3 | 4 = 3): Pixels {
  const data = new Uint8Array(width * height * channels)
  for (let i = 0; i < width * height; i++) data.fill((240 * (i % width)) / width, i * channels, (i + 1) * channels)
  if (channels === 4) for (let i = 3; i < data.length; i += 4) data[i] = 255
  return readPixels({ data, width, height, channels })
}

/** Levels of grey of a picture's first row. */
function firstRow(picture: SubsampledPicture): number[] {
  const { wasm } = tf.backend() as unknown as { readonly wasm: { readonly HEAPU8: Uint8Array } }
  const { luma } = picture.planeAddresses()
  return Array.from(new Int16Array(wasm.HEAPU8.slice(luma, luma + 2 * picture.width).buffer), (value) => value * SubsampledPicture.step)
}

describe('PicturePyramid', () => {
  beforeAll(() => startBackend())

  const size = ({ width, height }: SubsampledPicture) => [width, height]

  it('gives the picture itself at its own size', () => {
    tf.tidy(() => {
      const pyramid = new PicturePyramid(slope(40, 30), 1, mean)
      const whole = { x: 0, y: 0, width: 40, height: 30 }
      expect(pyramid.cut(whole, 40, 30)).toBe(pyramid.cut(whole, 40, 30))
      expect(size(pyramid.cut(whole, 60, 45))).toEqual([60, 45])
      expect(size(pyramid.cut({ x: -10, y: 5, width: 8, height: 8 }, 3, 2))).toEqual([3, 2])
    })
  })

  it('makes each half once', () => {
    tf.tidy(() => {
      const pyramid = new PicturePyramid(slope(640, 480), 1, mean)
      const whole = { x: 0, y: 0, width: 640, height: 480 }
      const half = pyramid.cut(whole, 320, 240)
      expect(pyramid.cut(whole, 320, 240)).toBe(half)
      const before = tf.memory().numTensors
      pyramid.cut(whole, 80, 60)
      // Two levels, the last one sharpened, and nothing is resized.
      expect(tf.memory().numTensors).toBe(before + 3)
      pyramid.cut(whole, 80, 60)
      expect(tf.memory().numTensors).toBe(before + 3)
    })
  })

  it.each([
    ['at its own size', 64, 48],
    ['in half of the size', 32, 24],
    ['enlarged', 128, 96],
  ])('sharpens a picture %s', (_, width, height) => {
    tf.tidy(() => {
      const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 32 ? 100 : 150))
      const pyramid = new PicturePyramid(readPixels({ data, width: 64, height: 48 }), 1, mean)
      const greys = firstRow(pyramid.cut({ x: 0, y: 0, width: 64, height: 48 }, width, height))
      // Darker before the edge and brighter behind it than either side.
      expect(Math.min(...greys)).toBeLessThan(90)
      expect(Math.max(...greys)).toBeGreaterThan(160)
      expect([greys[0], greys[width - 1]]).toEqual([100, 150])
    })
  })

  it('smooths a noisy picture', () => {
    tf.tidy(() => {
      const data = Uint8Array.from({ length: 64 * 48 * 3 }, (_, i) => 90 + ((Math.floor(i / 3) * 7919) % 61))
      const greys = firstRow(
        new PicturePyramid(readPixels({ data, width: 64, height: 48 }), 1, mean).cut({ x: 0, y: 0, width: 64, height: 48 }, 64, 48),
      )
      const spread = (values: ArrayLike<number>): number => Math.max(...Array.from(values)) - Math.min(...Array.from(values))
      expect(spread(greys)).toBeLessThan(0.9 * spread(data.subarray(0, 64 * 3)))
    })
  })

  it('looks at a large picture that was made smaller where it must be sharp', () => {
    tf.tidy(() => {
      const pyramid = new PicturePyramid(slope(2000, 1100, 1), 0.1, mean)
      const before = tf.memory().numTensors
      expect(size(pyramid.cut({ x: 0, y: 0, width: 2000, height: 1100 }, 200, 110))).toEqual([200, 110])
      // Sharpened, not resized.
      expect(tf.memory().numTensors).toBe(before + 1)
      expect(size(pyramid.cut({ x: 100, y: 100, width: 100, height: 100 }, 192, 192))).toEqual([192, 192])
    })
  })

  it('takes every kind of pixels, and leaves nothing behind', () => {
    const before = tf.memory().numTensors
    const pictures = [
      slope(20, 10, 1),
      slope(20, 10, 3),
      slope(20, 10, 4),
      { ...slope(20, 10, 3), data: Float64Array.from(slope(20, 10, 3).data) },
    ]
    tf.tidy(() => {
      for (const pixels of pictures)
        expect(size(new PicturePyramid(pixels, 1, mean).cut({ x: 0, y: 0, width: 20, height: 10 }, 20, 10))).toEqual([20, 10])
    })
    expect(tf.memory().numTensors).toBe(before)
  })

  it('refuses NaN', () => {
    const data = new Float32Array(12).fill(9)
    data[5] = NaN
    const read = () => new PicturePyramid(readPixels({ data, width: 2, height: 2 }), 1, mean)
    expect(read).toThrow(expect.objectContaining({ code: 'IMAGE_NOT_FINITE' }))
  })

  it('shows transparent pixels on white, and leaves the given ones as they are', () => {
    tf.tidy(() => {
      const data = new Uint8Array(16 * 16 * 4)
      const from = vi.spyOn(SubsampledPicture, 'from')
      const shown = (bytes: Uint8Array): number => {
        new PicturePyramid(readPixels({ data: bytes, width: 16, height: 16, channels: 4 }), 1, mean)
        return from.mock.lastCall![0].values[0]
      }
      expect(shown(data)).toBe(255)
      expect(data[0]).toBe(0)
      expect(shown(Uint8Array.from(data, (_, i) => (i % 4 === 3 ? 51 : 100)))).toBe(224)
      from.mockRestore()
    })
  })

  it('sees a single translucent pixel, wherever the bytes begin', () => {
    const from = vi.spyOn(SubsampledPicture, 'from')
    tf.tidy(() => {
      for (const offset of [0, 1, 2, 3]) {
        for (const pixel of [0, 7, 14]) {
          const bytes = new Uint8Array(new ArrayBuffer(60 + offset), offset).fill(255)
          bytes.set([0, 0, 0], 4 * pixel)
          for (const [alpha, shown] of [
            [255, 0],
            [254, 1],
          ]) {
            bytes[4 * pixel + 3] = alpha
            new PicturePyramid(readPixels({ data: bytes, width: 5, height: 3, channels: 4 }), 1, mean)
            expect(from.mock.lastCall![0].values[4 * pixel]).toBe(shown)
          }
        }
      }
    })
    from.mockRestore()
  })
})
