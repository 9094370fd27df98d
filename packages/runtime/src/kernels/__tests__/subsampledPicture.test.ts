import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import * as tf from '../../tf.ts'
import { SubsampledPicture, type PictureRegion } from '../subsampledPicture.ts'
import { kernelVariants } from './kernelVariants.ts'
import { pixelOf, planesOf, type Plane } from './subsampledPlanes.ts'
import { randomValues, startTestBackend } from './testBackend.ts'

const mean = [117, 114.5, 97.25]
const side = fc.integer({ min: 1, max: 45 })
const planes = ['luma', 'red', 'green'] as const

/** Bytes drawn at random. */
function bytes(count: number, seed = 1): Uint8Array {
  return Uint8Array.from(randomValues(count, seed), (value) => Math.max(0, Math.min(255, 128 + 90 * value)))
}

function pictureOf(width: number, height: number, channels: 3 | 4 = 3): SubsampledPicture {
  return SubsampledPicture.from({ values: bytes(width * height * channels), channels, width, height }, mean)
}

/** The mean of the pixels of a square of two by two that there are. */
function meanOfSquare({ width, height, values }: Plane, y: number, x: number): number {
  const there = [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]
    .map(([dy, dx]) => [2 * y + dy, 2 * x + dx])
    .filter(([py, px]) => py < height && px < width)
  return there.reduce((sum, [py, px]) => sum + values[py * width + px], 0) / there.length
}

function bilinear(plane: Plane, y: number, x: number): number {
  const [top, left] = [Math.floor(y), Math.floor(x)]
  const row = (at: number): number => pixelOf(plane, at, left) * (left + 1 - x) + pixelOf(plane, at, left + 1) * (x - left)
  return row(top) * (top + 1 - y) + row(top + 1) * (y - top)
}

describe.each(kernelVariants)('SubsampledPicture, %s', (variant) => {
  beforeAll(() => startTestBackend(variant))

  it('is luma of every pixel and the colours of squares of two by two', () => {
    fc.assert(
      fc.property(side, side, fc.constantFrom(3 as const, 4 as const), (width, height, channels) => {
        const values = bytes(width * height * channels)
        const channel = (c: number): Plane => ({
          width,
          height,
          values: Array.from({ length: width * height }, (_, i) => values[i * channels + c] - mean[c]),
        })
        const rgb = [0, 1, 2].map(channel)
        const luma = { width, height, values: rgb[0].values.map((red, i) => (red + rgb[1].values[i] + rgb[2].values[i]) / 3) }
        tf.tidy(() => {
          const actual = planesOf(SubsampledPicture.from({ values, channels, width, height }, mean))
          actual.luma.values.forEach((value, i) => {
            expect(Math.abs(value * SubsampledPicture.step - luma.values[i])).toBeLessThan(0.6 * SubsampledPicture.step)
          })
          for (const [c, plane] of [
            [0, actual.red],
            [1, actual.green],
          ] as const) {
            plane.values.forEach((value, i) => {
              const [y, x] = [Math.floor(i / plane.width), i % plane.width]
              expect(Math.abs(value * SubsampledPicture.step - (meanOfSquare(rgb[c], y, x) - meanOfSquare(luma, y, x)))).toBeLessThan(
                0.6 * SubsampledPicture.step,
              )
            })
          }
        })
      }),
      { numRuns: 30 },
    )
  })

  it('halves to means, odd sides rounded up', () => {
    fc.assert(
      fc.property(side, side, (width, height) => {
        tf.tidy(() => {
          const picture = pictureOf(width, height)
          const half = picture.halve()
          expect([half.width, half.height]).toEqual([Math.ceil(width / 2), Math.ceil(height / 2)])
          const [before, after] = [planesOf(picture), planesOf(half)]
          for (const plane of planes) {
            after[plane].values.forEach((value, i) => {
              const expected = meanOfSquare(before[plane], Math.floor(i / after[plane].width), i % after[plane].width)
              expect(Math.abs(value - expected)).toBeLessThanOrEqual(0.5)
            })
          }
        })
      }),
      { numRuns: 30 },
    )
  })

  it('sharpens luma by what it differs by from its surroundings, between black and white', () => {
    fc.assert(
      fc.property(side, side, fc.constantFrom(-1, -0.5, 0, 0.5, 1, 2), (width, height, amount) => {
        tf.tidy(() => {
          const picture = pictureOf(width, height)
          const [before, after] = [planesOf(picture), planesOf(picture.sharpen(amount))]
          expect([after.red, after.green]).toEqual([before.red, before.green])
          const black = (-(mean[0] + mean[1] + mean[2]) / 3) * 32
          after.luma.values.forEach((value, i) => {
            const [y, x] = [Math.floor(i / width), i % width]
            const rows = [-1, 0, 1].map((dy) => [-1, 0, 1].reduce((sum, dx) => sum + pixelOf(before.luma, y + dy, x + dx), 0))
            const own = before.luma.values[i]
            const sharp = own + amount * (own - (rows[0] + rows[1] + rows[2]) / 9)
            // Means are rounded twice, the sum once.
            expect(Math.abs(value - Math.max(black, Math.min(black + 255 * 32, sharp)))).toBeLessThan(1 + 1.5 * Math.abs(amount))
          })
        })
      }),
      { numRuns: 40 },
    )
  })

  it.each([-1.1, 2.1, NaN])('refuses to sharpen by %d', (amount) => {
    tf.tidy(() => {
      expect(() => pictureOf(4, 4).sharpen(amount)).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
    })
  })

  it('measures the noise on slopes and beside edges', () => {
    tf.tidy(() => {
      const [width, height] = [320, 240]
      // Uniform between -1 and 1.
      const uniform = randomValues(width * height, 3)
      for (const deviation of [0, 2, 5, 10, 20]) {
        const grey = Uint8Array.from(uniform, (value, i) => {
          const x = i % width
          return Math.round(Math.max(0, Math.min(255, 60 + x / 4 + (x > 200 ? 40 : 0) + deviation * Math.sqrt(3) * value)))
        })
        const values = Uint8Array.from({ length: 3 * grey.length }, (_, i) => grey[Math.floor(i / 3)])
        const noise = SubsampledPicture.from({ values, channels: 3, width, height }, mean).noise()
        // Rounding is noise, too; and a quarter of the places looks smoother than it is.
        expect(noise).toBeGreaterThanOrEqual(0.75 * deviation)
        expect(noise).toBeLessThan(1.1 * deviation + 0.6)
      }
    })
  })

  it('finds no noise where there is nothing but one colour, or too little to look at', () => {
    tf.tidy(() => {
      const flat = { values: new Uint8Array(64 * 64 * 3).fill(80), channels: 3, width: 64, height: 64 } as const
      expect(SubsampledPicture.from(flat, mean).noise()).toBe(0)
      expect(pictureOf(9, 30).noise()).toBe(0)
      expect(pictureOf(1, 1).noise()).toBe(0)
      expect(pictureOf(10, 10).noise()).toBeGreaterThan(1)
    })
  })

  it('resizes parts, which may reach outside, bilinearly', () => {
    const region = fc.record({
      x: fc.double({ min: -30, max: 50, noNaN: true }),
      y: fc.double({ min: -30, max: 50, noNaN: true }),
      width: fc.double({ min: 0.5, max: 90, noNaN: true }),
      height: fc.double({ min: 0.5, max: 90, noNaN: true }),
    })
    fc.assert(
      fc.property(side, side, region, side, side, (width, height, region: PictureRegion, toWidth, toHeight) => {
        tf.tidy(() => {
          const picture = pictureOf(width, height)
          const resized = picture.resize(region, toWidth, toHeight)
          const [before, after] = [planesOf(picture), planesOf(resized)]
          for (const plane of planes) {
            const start = plane === 'luma' ? 1 : 0.5
            after[plane].values.forEach((value, i) => {
              const y = region.y * start + (Math.floor(i / after[plane].width) + 0.5) * (region.height / toHeight) - 0.5
              const x = region.x * start + ((i % after[plane].width) + 0.5) * (region.width / toWidth) - 0.5
              // Rounded twice, weights to 14 bits.
              expect(Math.abs(value - bilinear(before[plane], y, x))).toBeLessThan(2)
            })
          }
        })
      }),
      { numRuns: 60 },
    )
  })

  it('keeps a picture that is resized to its own size, and leaves no tensor behind', () => {
    const before = tf.memory().numTensors
    const picture = pictureOf(21, 10, 4)
    const resized = picture.resize({ x: 0, y: 0, width: 21, height: 10 }, 21, 10)
    expect(planesOf(resized)).toEqual(planesOf(picture))
    picture.dispose()
    resized.dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it.each([
    { width: 2, height: 2, count: 11 },
    { width: 0, height: 2, count: 0 },
  ])('refuses values that do not fit: %o', ({ width, height, count }) => {
    expect(() => SubsampledPicture.from({ values: new Uint8Array(count), channels: 3, width, height }, mean)).toThrow(
      expect.objectContaining({ code: 'PICTURE_SHAPE' }),
    )
  })
})
