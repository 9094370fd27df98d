import { kernels } from '../kernelModule.ts'
import type { SubsampledPicture } from '../subsampledPicture.ts'

/** A plane of a picture, row-major. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly values: readonly number[]
}

/** The integers of a picture, out of the backend's memory. */
export function planesOf(picture: SubsampledPicture): Record<'luma' | 'red' | 'green', Plane> {
  const { luma, red, green } = picture.planeAddresses()
  const colour = { width: Math.ceil(picture.width / 2), height: Math.ceil(picture.height / 2) }
  const read = (address: number, { width, height }: { width: number; height: number }): Plane => ({
    width,
    height,
    values: [...new Int16Array(kernels().heap.HEAPU8.slice(address, address + 2 * width * height).buffer)],
  })
  return { luma: read(luma, picture), red: read(red, colour), green: read(green, colour) }
}

/** A pixel; its border is repeated outside of the plane. */
export function pixelOf({ width, height, values }: Plane, y: number, x: number): number {
  return values[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))]
}
