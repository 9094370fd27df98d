import { describe, expect, it } from 'vitest'
import type { GrayImage } from '../imagePyramid.ts'
import { motionFeatures } from '../motionFeatures.ts'
import { toGray } from '../opticalFlow.ts'
import type { RawImage } from '../pixels.ts'
import { sampleImage } from '../windowSampling.ts'
import { photo } from './photos.ts'

const box = { x: 160, y: 72, width: 124, height: 118 }

/** The astronaut's face with a part around (`x`, `y`) moved by (`dx`, `dy`), less and less away from there, and the whole picture shifted. */
function deform(image: GrayImage, x: number, y: number, dx: number, dy: number, shift = { x: 0, y: 0 }): RawImage {
  const data = new Float32Array(image.data.length)
  for (let row = 0, i = 0; row < image.height; row++) {
    for (let column = 0; column < image.width; column++, i++) {
      const [u, v] = [column - shift.x, row - shift.y]
      const weight = Math.exp(-((u - x) ** 2 + (v - y) ** 2) / (2 * 22 ** 2))
      data[i] = sampleImage(image, u - weight * dx, v - weight * dy)
    }
  }
  return { data, width: image.width, height: image.height }
}

/** How far the expression is in each frame: rises from 3 to the apex at 7, falls until 12. */
const course = [0, 0, 0, 0.25, 0.5, 0.75, 0.95, 1, 0.9, 0.6, 0.3, 0.1, 0, 0]

describe('motionFeatures', () => {
  const image = toGray(photo('astronaut.png'))
  // The mouth is at about (224, 158).
  const smile = course.map((part) => deform(image, 224, 158, 0, -5 * part))

  it('finds onset, apex and offset of an expression', () => {
    const features = motionFeatures(smile, { box })
    expect(features.apex).toBeGreaterThanOrEqual(6)
    expect(features.apex).toBeLessThanOrEqual(8)
    expect(features.onset).toBeGreaterThanOrEqual(2)
    expect(features.onset).toBeLessThanOrEqual(4)
    expect(features.offset).toBeGreaterThanOrEqual(9)
    expect(features.offset).toBeLessThanOrEqual(11)
    expect(features.magnitude).toHaveLength(course.length)
    expect(features.magnitude[0]).toBe(0)
    expect(features.magnitude[13]).toBeLessThan(0.2 * features.magnitude[7])
  })

  it('tells the direction: upwards is the bin three quarters round', () => {
    const { directions, apex } = motionFeatures(smile, { box, bins: 8 })
    const row = Array.from({ length: 8 }, (_, bin) => directions.get(apex, bin))
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
    expect(row.indexOf(Math.max(...row))).toBe(6)
    expect(directions.shape).toEqual([course.length, 8])
  })

  it('takes out what the head does', () => {
    const still = course.map((_, index) => deform(image, 224, 158, 0, 0, { x: index * 0.8, y: index * 0.4 }))
    const stabilized = motionFeatures(still, { box })
    const raw = motionFeatures(still, { box, stabilize: false })
    expect(Math.max(...stabilized.magnitude)).toBeLessThan(0.3)
    expect(raw.magnitude[13]).toBeGreaterThan(10)
    expect(raw.speed[5]).toBeCloseTo(Math.hypot(0.8, 0.4), 1)
  })

  it('finds the apex although the head moves', () => {
    const frames = course.map((part, index) => deform(image, 224, 158, 0, -5 * part, { x: index * 0.7, y: 0 }))
    expect(Math.abs(motionFeatures(frames, { box }).apex - 7)).toBeLessThanOrEqual(1)
  })

  it('follows the points it is given', () => {
    const points = [
      { x: 200, y: 110 },
      { x: 245, y: 110 },
      { x: 205, y: 155 },
      { x: 224, y: 160 },
      { x: 243, y: 155 },
    ]
    // A window shows how far the skin in it moved on average; the mouth's motion is narrow.
    const { apexFlow, apex, found } = motionFeatures(smile, { points, stabilize: false, windowSize: 15 })
    expect(apexFlow.shape).toEqual([5, 2])
    expect(found[apex]).toBe(5)
    // The fourth one is on the mouth.
    expect(apexFlow.get(3, 1)).toBeCloseTo(-5, 0)
  })

  const points = [190, 215, 240, 265].flatMap((x) => [95, 125, 155].map((y) => ({ x, y })))
  const smiles = (strengths: readonly number[]): RawImage[] => strengths.map((strength) => deform(image, 224, 158, 0, -strength))
  const blank: RawImage = { data: new Float32Array(image.data.length).fill(128), width: image.width, height: image.height }

  it.each([
    [[0, 5], 1, 1, 1],
    [[0, 5, 1], 1, 1, 1],
    [[0, 0, 2, 3, 5, 3], 4, 2, 5],
    [[0, 0, 1, 2, 3, 5, 4], 5, 3, 6],
    [[0, 0, 0, 0, 5, 0, 0], 4, 4, 4],
    [[0, 1, 5], 2, 2, 2],
    // A smaller movement at the end.
    [[0, 0, 2, 4, 2, 0, 0, 2.5], 3, 2, 4],
    [[0, 0, 5, 0, 0, 2], 2, 2, 2],
  ])('finds the frame of the peak in %j', (strengths, apex, onset, offset) => {
    const features = motionFeatures(smiles(strengths), { points, activeShare: 0.3 })
    expect(features).toMatchObject({ apex, onset, offset })
    // Upwards, in the frame of the peak.
    expect(Math.min(...features.apexFlow.data)).toBeLessThan(-2)
  })

  it('finds no expression where nothing moves', () => {
    expect(motionFeatures(smiles([0, 0, 0, 0]), { points })).toMatchObject({ onset: 0, apex: 0, offset: 0 })
  })

  it.each([
    ['at the end', [0, 1, 3, undefined], 2],
    ['in the middle', [0, 1, 3, undefined, 5, 1], 4],
    ['first of all', [0, undefined, 3, 1], 2],
  ])('leaves out a blank frame %s', (_, strengths, apex) => {
    const frames = strengths.map((strength) => (strength === undefined ? blank : smiles([strength])[0]))
    const lost = strengths.indexOf(undefined)
    const features = motionFeatures(frames, { points })
    expect(features.apex).toBe(apex)
    expect(features.found[lost]).toBe(0)
    expect(features.magnitude[lost]).toBeNaN()
    expect(features.speed[lost]).toBeNaN()
    expect([...features.magnitude].filter(Number.isNaN)).toHaveLength(1)
    expect([...features.directions.data.subarray(8 * lost, 8 * lost + 8)]).toEqual(Array(8).fill(0))
    expect([features.onset, features.offset]).not.toContain(lost)
    expect(features.apexFlow.data.some(Number.isNaN)).toBe(false)
  })

  it('loses frames in which too few points are left to tell the head from the face', () => {
    const six = [...points.filter(({ x }) => x === 215 || x === 240)]
    const frames = [0, 5, 10, 15, 20].map((x, frame) => {
      const moved = deform(image, 224, 158, 0, 0, { x, y: 0 })
      // A hand over all but two of them.
      return frame < 3 ? moved : { ...moved, data: Float32Array.from(moved.data, (value, i) => (i < 108 * image.width ? value : 120)) }
    })
    const { magnitude, found, apex } = motionFeatures(frames, { points: six })
    expect([...found.subarray(3)].every((count) => count < 4)).toBe(true)
    expect([...magnitude].map(Number.isNaN)).toEqual([false, false, false, true, true])
    expect(apex).toBeLessThan(3)
  })

  it('takes a change of brightness for no motion', () => {
    const frames = Array.from({ length: 10 }, (_, frame) => ({
      ...blank,
      data: image.data.map((value) => value * (1 + 0.02 * frame) + 3 * frame),
    }))
    expect(Math.max(...motionFeatures(frames, { box }).magnitude)).toBeLessThan(0.02)
  })

  it('refuses too few frames, frames without texture and bad options', () => {
    const flat = { data: new Uint8Array(64 * 64).fill(9), width: 64, height: 64 }
    expect(() => motionFeatures([flat])).toThrow(expect.objectContaining({ code: 'FRAMES_TOO_FEW' }))
    expect(() => motionFeatures([flat, flat])).toThrow(expect.objectContaining({ code: 'POINTS_LOST' }))
    expect(() => motionFeatures([flat, flat], { bins: 1 })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
    expect(() => motionFeatures([flat, flat], { smoothing: 2 })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
    expect(() => motionFeatures([flat, flat], { activeShare: 1 })).toThrow(expect.objectContaining({ code: 'OPTION_RANGE' }))
  })
})
