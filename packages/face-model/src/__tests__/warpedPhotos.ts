import type { GrayImage } from '../imagePyramid.ts'
import { trackPoints, type Point } from '../opticalFlow.ts'
import { readPixels } from '../pixels.ts'
import { resample } from '../resample.ts'
import { sampleImage } from '../windowSampling.ts'
import { photo } from './photos.ts'

export const photoNames = ['astronaut.png', 'image-2-women-on-phones.jpg', 'image-4-woman-jumps-into-water.jpg'] as const

/** A photograph of at most `side` pixels a side as grey. */
export function grayPhoto(name: Parameters<typeof photo>[0], side = 512): GrayImage {
  const pixels = readPixels(photo(name))
  const ratio = Math.min(1, side / Math.max(pixels.width, pixels.height))
  const width = Math.round(pixels.width * ratio)
  const height = Math.round(pixels.height * ratio)
  return { data: resample(pixels, { x: 0, y: 0, width: pixels.width, height: pixels.height }, width, height, 1), width, height }
}

export interface Motion {
  readonly shift: Point
  /** Degrees. */
  readonly rotation: number
  readonly scale: number
}

export const motions: Record<string, Motion> = {
  'translation of 6 px': { shift: { x: 6, y: 0 }, rotation: 0, scale: 1 },
  'diagonal translation of 6 px': { shift: { x: -4.3, y: 4.2 }, rotation: 0, scale: 1 },
  'sub-pixel translation': { shift: { x: 0.37, y: -0.61 }, rotation: 0, scale: 1 },
  'rotation by 5 degrees': { shift: { x: 0, y: 0 }, rotation: 5, scale: 1 },
  'enlargement by 5 %': { shift: { x: 0, y: 0 }, rotation: 0, scale: 1.05 },
  'reduction by 5 %, shifted': { shift: { x: 3, y: -2 }, rotation: 0, scale: 0.95 },
  'all at once': { shift: { x: 2, y: 3 }, rotation: -4, scale: 1.04 },
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

/** How a picture is read between its pixels; neither as the code under test does. */
export const interpolations = {
  bilinear: { reach: 1, weight: (distance: number) => Math.max(0, 1 - Math.abs(distance)) },
  lanczos: {
    reach: 3,
    weight: (distance: number) => (distance === 0 ? 1 : Math.abs(distance) >= 3 ? 0 : sinc(distance) * sinc(distance / 3)),
  },
} as const
export type Interpolation = keyof typeof interpolations

function sinc(x: number): number {
  return Math.sin(Math.PI * x) / (Math.PI * x)
}

/** The picture after the motion, in whole grey levels from 0 to 255. */
export function warp(image: GrayImage, motion: Motion, interpolation: Interpolation = 'lanczos'): GrayImage {
  const inverse: Motion = { shift: { x: 0, y: 0 }, rotation: -motion.rotation, scale: 1 / motion.scale }
  const data = new Float32Array(image.data.length)
  for (let row = 0, i = 0; row < image.height; row++) {
    for (let column = 0; column < image.width; column++, i++) {
      const { x, y } = move(inverse, image, { x: column - motion.shift.x, y: row - motion.shift.y })
      data[i] = Math.round(Math.min(Math.max(interpolate(image, x, y, interpolation), 0), 255))
    }
  }
  return { ...image, data }
}

function interpolate({ data, width, height }: GrayImage, x: number, y: number, interpolation: Interpolation): number {
  const { reach, weight } = interpolations[interpolation]
  const left = Math.floor(x)
  const top = Math.floor(y)
  let sum = 0
  let total = 0
  for (let j = 1 - reach; j <= reach; j++) {
    const row = Math.min(Math.max(top + j, 0), height - 1) * width
    const down = weight(y - top - j)
    for (let i = 1 - reach; i <= reach; i++) {
      const part = down * weight(x - left - i)
      sum += part * data[row + Math.min(Math.max(left + i, 0), width - 1)]
      total += part
    }
  }
  return sum / total
}

/** Corners (smaller eigenvalue of the structure matrix), the best of each 16 x 16 cell, away from the border: textured points. */
export function texturedPoints(image: GrayImage, least = 100): Point[] {
  return corners(image)
    .filter(({ strength }) => strength > least)
    .map(({ x, y }) => ({ x, y }))
}

export function corners(image: GrayImage): (Point & { strength: number })[] {
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

/** End-point errors of points whose motion is known. */
export interface FlowErrors {
  /** Share of all points that are found and at most 0.15 pixels off. */
  readonly strictShare: number
  /** Mean of the best 95 % of all points, in pixels; a lost one among them makes it infinite. */
  readonly bestMean: number
  readonly lost: number
  /** Largest error of a point that is not lost, in pixels. */
  readonly worst: number
}

export function flowErrors(image: GrayImage, moved: GrayImage, motion: Motion, points: readonly Point[]): FlowErrors {
  const errors = trackPoints(image, moved, points)
    .map(({ to, found }, index) => {
      const truth = move(motion, image, points[index])
      return found ? Math.hypot(to.x - truth.x, to.y - truth.y) : Infinity
    })
    .sort((a, b) => a - b)
  const kept = errors.slice(0, Math.floor(errors.length * 0.95))
  const found = errors.filter((error) => error < Infinity)
  return {
    strictShare: errors.filter((error) => error <= 0.15).length / errors.length,
    bestMean: kept.reduce((sum, error) => sum + error, 0) / kept.length,
    lost: errors.length - found.length,
    worst: Math.max(0, ...found),
  }
}
