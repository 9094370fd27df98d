import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toGray, trackPoints, opticalFlow, type Point } from '../opticalFlow.ts'
import { sampleImage, type GrayImage } from '../imagePyramid.ts'
import { resample } from '../resample.ts'
import { readPixels } from '../pixels.ts'
import { photo } from './photos.ts'

/** A photograph of at most 512 pixels a side as grey. */
function grayPhoto(name: Parameters<typeof photo>[0]): GrayImage {
  const pixels = readPixels(photo(name))
  const ratio = Math.min(1, 512 / Math.max(pixels.width, pixels.height))
  const width = Math.round(pixels.width * ratio)
  const height = Math.round(pixels.height * ratio)
  return { data: resample(pixels, { x: 0, y: 0, width: pixels.width, height: pixels.height }, width, height, 1), width, height }
}

interface Motion {
  readonly shift: Point
  /** Degrees. */
  readonly rotation: number
  readonly scale: number
}

/** Where a motion around the middle takes a point. */
function move({ shift, rotation, scale }: Motion, image: GrayImage, { x, y }: Point): Point {
  const [u, v] = [x - image.width / 2, y - image.height / 2]
  const angle = (rotation * Math.PI) / 180
  return {
    x: image.width / 2 + shift.x + scale * (Math.cos(angle) * u - Math.sin(angle) * v),
    y: image.height / 2 + shift.y + scale * (Math.sin(angle) * u + Math.cos(angle) * v),
  }
}

/** The picture after the motion, by cubic convolution (Keys 1981), so that the test does not interpolate as the code under test does. */
function warp(image: GrayImage, motion: Motion): GrayImage {
  const data = new Float32Array(image.data.length)
  const inverse = 1 / motion.scale
  for (let row = 0, i = 0; row < image.height; row++) {
    for (let column = 0; column < image.width; column++, i++) {
      const u = column - image.width / 2 - motion.shift.x
      const v = row - image.height / 2 - motion.shift.y
      const angle = (-motion.rotation * Math.PI) / 180
      data[i] = cubic(
        image,
        image.width / 2 + inverse * (Math.cos(angle) * u - Math.sin(angle) * v),
        image.height / 2 + inverse * (Math.sin(angle) * u + Math.cos(angle) * v),
      )
    }
  }
  return { ...image, data }
}

function cubic({ data, width, height }: GrayImage, x: number, y: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  let sum = 0
  for (let j = -1; j <= 2; j++) {
    const row = Math.min(Math.max(top + j, 0), height - 1)
    const weight = keys(y - top - j)
    for (let i = -1; i <= 2; i++) {
      sum += weight * keys(x - left - i) * data[row * width + Math.min(Math.max(left + i, 0), width - 1)]
    }
  }
  return sum
}

function keys(distance: number): number {
  const d = Math.abs(distance)
  if (d < 1) return 1.5 * d ** 3 - 2.5 * d ** 2 + 1
  return d < 2 ? -0.5 * d ** 3 + 2.5 * d ** 2 - 4 * d + 2 : 0
}

/** Corners (smaller eigenvalue of the structure matrix), the best of each 16 x 16 cell, away from the border: textured points. */
function texturedPoints(image: GrayImage, least = 100): Point[] {
  return corners(image)
    .filter(({ strength }) => strength > least)
    .map(({ x, y }) => ({ x, y }))
}

function corners(image: GrayImage): (Point & { strength: number })[] {
  const border = 48
  const cell = 16
  const points: (Point & { strength: number })[] = []
  for (let top = border; top + cell < image.height - border; top += cell) {
    for (let left = border; left + cell < image.width - border; left += cell) {
      let best = { x: 0, y: 0, strength: 0 }
      for (let y = top; y < top + cell; y += 2) {
        for (let x = left; x < left + cell; x += 2) {
          const strength = cornerStrength(image, x, y)
          if (strength > best.strength) best = { x, y, strength }
        }
      }
      points.push(best)
    }
  }
  return points
}

function cornerStrength(image: GrayImage, x: number, y: number): number {
  let [xx, xy, yy] = [0, 0, 0]
  for (let v = -3; v <= 3; v++) {
    for (let u = -3; u <= 3; u++) {
      const gx = (sampleImage(image, x + u + 1, y + v) - sampleImage(image, x + u - 1, y + v)) / 2
      const gy = (sampleImage(image, x + u, y + v + 1) - sampleImage(image, x + u, y + v - 1)) / 2
      xx += gx * gx
      xy += gx * gy
      yy += gy * gy
    }
  }
  return (xx + yy - Math.sqrt((xx - yy) ** 2 + 4 * xy ** 2)) / 2 / 49
}

const motions: Record<string, Motion> = {
  'translation of 6 px': { shift: { x: 6, y: 0 }, rotation: 0, scale: 1 },
  'diagonal translation of 6 px': { shift: { x: -4.3, y: 4.2 }, rotation: 0, scale: 1 },
  'sub-pixel translation': { shift: { x: 0.37, y: -0.61 }, rotation: 0, scale: 1 },
  'rotation by 5 degrees': { shift: { x: 0, y: 0 }, rotation: 5, scale: 1 },
  'enlargement by 5 %': { shift: { x: 0, y: 0 }, rotation: 0, scale: 1.05 },
  'reduction by 5 %, shifted': { shift: { x: 3, y: -2 }, rotation: 0, scale: 0.95 },
  'all at once': { shift: { x: 2, y: 3 }, rotation: -4, scale: 1.04 },
}

describe.each(['astronaut.png', 'image-2-women-on-phones.jpg', 'image-4-woman-jumps-into-water.jpg'] as const)(
  'opticalFlow on %s',
  (name) => {
    const image = grayPhoto(name)
    const points = texturedPoints(image)

    it.each(Object.entries(motions))('follows a %s', (_, motion) => {
      const vectors = trackPoints(image, warp(image, motion), points)
      const errors = vectors
        .map((vector, index) => {
          const truth = move(motion, image, points[index])
          // A lost point counts as an error: 95 % of all textured points must be followed.
          return vector.found ? Math.hypot(vector.to.x - truth.x, vector.to.y - truth.y) : Infinity
        })
        .sort((a, b) => a - b)
      const kept = errors.slice(0, Math.floor(errors.length * 0.95))
      const mean = kept.reduce((sum, error) => sum + error, 0) / kept.length
      expect(points.length).toBeGreaterThan(50)
      expect(mean).toBeLessThanOrEqual(0.15)
    })
  },
)

describe('opticalFlow', () => {
  const image = toGray(photo('astronaut.png'))

  it.each([
    ['rotation by 5 degrees', { shift: { x: 0, y: 0 }, rotation: 5, scale: 1 }],
    ['vertical translation of 6 px', { shift: { x: 0, y: 6 }, rotation: 0, scale: 1 }],
  ])('follows weak corners, from a hundredth of the best one on, through a %s', (_, motion) => {
    const water = grayPhoto('image-4-woman-jumps-into-water.jpg')
    const all = corners(water)
    const weakest = 0.01 * Math.max(...all.map(({ strength }) => strength))
    const points = all.filter(({ strength }) => strength > weakest).filter((_, index) => index % 3 === 0)
    const vectors = trackPoints(water, warp(water, motion), points)
    const errors = vectors.map(({ to, found }, index) => {
      const truth = move(motion, water, points[index])
      return { found, error: Math.hypot(to.x - truth.x, to.y - truth.y) }
    })
    expect(errors.filter(({ found }) => !found).length).toBeLessThanOrEqual(0.05 * points.length)
    expect(errors.filter(({ found, error }) => found && error > 1).length).toBeLessThanOrEqual(0.01 * points.length)
  })

  it.each([0.5, 1, 2])('reports points as lost where there is nothing but noise of %f grey levels', (deviation) => {
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
