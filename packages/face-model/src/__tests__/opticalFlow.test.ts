import { createRandom } from '@emo/runtime'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toGray, trackPoints, opticalFlow, type Point } from '../opticalFlow.ts'
import type { GrayImage } from '../imagePyramid.ts'
import { photo } from './photos.ts'
import { corners, flowErrors, grayPhoto, motions, photoNames, texturedPoints, warp, type Motion } from './warpedPhotos.ts'

describe.each(photoNames)('opticalFlow on %s', (name) => {
  const image = grayPhoto(name)
  const strong = texturedPoints(image)
  const all = corners(image)
  const weak = texturedPoints(image, 0.01 * Math.max(...all.map(({ strength }) => strength))).filter((_, index) => index % 3 === 0)

  const check = (points: readonly Point[], moved: GrayImage, motion: Motion, farthest: number): void => {
    expect(points.length).toBeGreaterThan(50)
    const { strictShare, bestMean, worst } = flowErrors(image, moved, motion, points)
    expect(strictShare).toBeGreaterThanOrEqual(0.95)
    expect(bestMean).toBeLessThanOrEqual(0.05)
    expect(worst).toBeLessThanOrEqual(farthest)
  }

  it.each(Object.entries(motions))('follows strong and weak corners, from a hundredth of the best one on, through a %s', (_, motion) => {
    const moved = warp(image, motion, 'lanczos')
    check(strong, moved, motion, 1)
    check(weak, moved, motion, 1.5)
  })

  // Weak corners are blurred away.
  it.each(Object.entries(motions))(
    'follows strong corners through a %s of a picture that was blurred by bilinear interpolation',
    (_, motion) => {
      check(strong, warp(image, motion, 'bilinear'), motion, 1)
    },
  )
})

/** Waves of 4.5 to 10 pixels in all directions: halving leaves next to nothing of them. */
function fineTexture(width: number, height: number, shift: Point): GrayImage {
  const random = createRandom('fine texture')
  const waves = Array.from({ length: 40 }, () => {
    const [angle, length] = [2 * Math.PI * random.next(), 4.5 + 5.5 * random.next()]
    return {
      x: (2 * Math.PI * Math.cos(angle)) / length,
      y: (2 * Math.PI * Math.sin(angle)) / length,
      phase: 2 * Math.PI * random.next(),
    }
  })
  const value = (x: number, y: number) => waves.reduce((sum, wave) => sum + Math.sin(wave.x * x + wave.y * y + wave.phase), 0)
  const data = Float32Array.from({ length: width * height }, (_, i) => {
    return 128 + 10 * value((i % width) - shift.x, Math.floor(i / width) - shift.y)
  })
  return { data, width, height }
}

describe('opticalFlow', () => {
  it.each([
    [{ x: 1, y: 0 }, 1],
    [{ x: 0.5, y: -0.5 }, 1],
    [{ x: 2, y: 1 }, 0.6],
  ])('follows fine texture that moves by %j, though coarse levels cannot', (shift, least) => {
    const [before, after] = [fineTexture(128, 96, { x: 0, y: 0 }), fineTexture(128, 96, shift)]
    const points = Array.from({ length: 25 }, (_, i) => ({ x: 32 + 16 * (i % 5), y: 24 + 12 * Math.floor(i / 5) }))
    const vectors = trackPoints(before, after, points)
    const right = vectors.filter(({ found, dx, dy }) => found && Math.hypot(dx - shift.x, dy - shift.y) <= 0.15)
    expect(right.length / points.length).toBeGreaterThanOrEqual(least)
  })

  const image = toGray(photo('astronaut.png'))

  it.each([
    ['offset of 20 levels', 1, 20],
    ['gain of 0.7', 0.7, 0],
    ['gain of 1.4 and offset of -40 levels', 1.4, -40],
  ])('follows a motion through a change of exposure: an %s', (_, gain, offset) => {
    const motion = { shift: { x: 3.3, y: -2.6 }, rotation: 0, scale: 1 }
    const moved = warp(image, motion)
    // Without the clipping at 255 that a camera adds.
    const lit = { ...moved, data: moved.data.map((value) => gain * value + offset) }
    expect(flowErrors(image, lit, motion, texturedPoints(image)).strictShare).toBeGreaterThanOrEqual(0.95)
  })

  it('follows points far from the middle of a large photograph that turns: it has more levels by default', () => {
    const large = grayPhoto('image-2-women-on-phones.jpg', 1280)
    const motion = motions['rotation by 5 degrees']
    const points = texturedPoints(large).filter((_, index) => index % 3 === 0)
    const moved = warp(large, motion, 'bilinear')
    expect(flowErrors(large, moved, motion, points).strictShare).toBeGreaterThanOrEqual(0.98)
    expect(trackPoints(large, moved, points)).toEqual(trackPoints(large, moved, points, { levels: 5 }))
  })

  it('takes undefined for the default', () => {
    const points = texturedPoints(image).slice(0, 3)
    const undefinedOptions = Object.fromEntries(
      ['windowSize', 'levels', 'iterations', 'epsilon', 'minEigenvalue', 'maxReturnError', 'maxResidual'].map((name) => [name, undefined]),
    )
    const moved = warp(image, motions['all at once'])
    expect(trackPoints(image, moved, points, undefinedOptions)).toEqual(trackPoints(image, moved, points))
  })

  it.each([0.5, 1, 2, 3, 5, 10, 30])('reports points as lost where there is nothing but noise of %f grey levels', (deviation) => {
    let state = 7
    const uniform = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
    const noisy = (): GrayImage => ({
      data: Float32Array.from({ length: 96 * 96 }, () => 90 + deviation * (uniform() + uniform() + uniform() - 1.5) * 2),
      width: 96,
      height: 96,
    })
    const points = Array.from({ length: 16 }, (_, i) => ({ x: 24 + 16 * (i % 4), y: 24 + 16 * (i >> 2) }))
    expect(trackPoints(noisy(), noisy(), points).filter(({ found }) => found)).toEqual([])
  })

  it('reports points without texture as lost', () => {
    const flat: GrayImage = { data: new Float32Array(64 * 64).fill(90), width: 64, height: 64 }
    expect(trackPoints(flat, flat, [{ x: 32, y: 32 }])[0]).toMatchObject({ found: false })
  })

  it('reports points that leave the picture as lost', () => {
    const moved = warp(image, { shift: { x: 12, y: 0 }, rotation: 0, scale: 1 })
    const [vector] = trackPoints(image, moved, [{ x: image.width - 5, y: 200 }])
    expect(vector.found).toBe(false)
  })

  it('reports points that are covered in the next picture as lost', () => {
    const covered: GrayImage = { ...image, data: image.data.slice() }
    let state = 1
    for (let y = 70; y < 200; y++) {
      for (let x = 160; x < 290; x++) {
        state = (state * 1103515245 + 12345) % 2147483648
        covered.data[y * image.width + x] = state % 256
      }
    }
    const inside = texturedPoints(image).filter(({ x, y }) => x > 185 && x < 265 && y > 95 && y < 175)
    expect(inside.length).toBeGreaterThan(5)
    expect(trackPoints(image, covered, inside).filter(({ found }) => found)).toHaveLength(0)
  })

  it('finds no motion between equal pictures', () => {
    for (const { dx, dy, found } of trackPoints(image, image, texturedPoints(image))) {
      expect(found).toBe(true)
      expect(Math.hypot(dx, dy)).toBeLessThan(1e-6)
    }
  })

  it('takes colour, 16 bits and fractional points', () => {
    const colour = photo('astronaut.png')
    const gray16 = { data: Uint16Array.from(image.data, (value) => value * 257), width: image.width, height: image.height }
    const [vector] = opticalFlow(colour, gray16, [{ x: 200.5, y: 110.25 }])
    expect(vector.found).toBe(true)
    expect(Math.hypot(vector.dx, vector.dy)).toBeLessThan(0.05)
  })

  it('gives one vector a point for any points, even far outside', () => {
    const coordinate = fc.double({ min: -1e6, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(fc.array(fc.record({ x: coordinate, y: coordinate }), { maxLength: 4 }), (points) => {
        const vectors = trackPoints(image, image, points)
        expect(vectors.map(({ from }) => from)).toEqual(points)
        for (const { from, found } of vectors) {
          if (from.x < 0 || from.y < 0 || from.x > image.width - 1 || from.y > image.height - 1) expect(found).toBe(false)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('refuses pictures of two sizes, and points that are no numbers', () => {
    const small: GrayImage = { data: new Float32Array(16), width: 4, height: 4 }
    expect(() => trackPoints(image, small, [])).toThrow(expect.objectContaining({ code: 'IMAGE_SIZE_MISMATCH' }))
    expect(() => trackPoints(image, image, [{ x: Number.NaN, y: 1 }])).toThrow(expect.objectContaining({ code: 'POINT_NOT_FINITE' }))
    expect(() => trackPoints(image, image, [], { windowSize: 20 })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
  })

  it('takes pictures of one pixel', () => {
    const dot: GrayImage = { data: new Float32Array([7]), width: 1, height: 1 }
    expect(trackPoints(dot, dot, [{ x: 0, y: 0 }])[0].found).toBe(false)
  })
})
