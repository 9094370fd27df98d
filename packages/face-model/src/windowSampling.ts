import type { GrayImage } from './imagePyramid.ts'

/** Where a window is in a picture: `[u, v]`, from its middle, is at `[x + a u - b v, y + b u + a v]`. Pixel centres are at whole numbers. */
export interface WindowPlace {
  readonly x: number
  readonly y: number
  readonly a: number
  readonly b: number
}

/**
 * Values of a square window, row by row, by cubic convolution (Keys 1981, a = -1/2); the border repeats. Bilinear ones would be blurred by as much as they lie between
 * pixels, which pulls points aside by a tenth of a pixel.
 */
export function sampleWindow(image: GrayImage, { x, y, a, b }: WindowPlace, side: number, values: Float64Array): void {
  const { data, width, height } = image
  const radius = (side - 1) / 2
  for (let v = -radius, i = 0; v <= radius; v++) {
    for (let u = -radius; u <= radius; u++, i++) {
      const px = x + a * u - b * v
      const py = y + b * u + a * v
      const left = Math.floor(px)
      const top = Math.floor(py)
      if (!(left >= 1 && top >= 1 && left < width - 2 && top < height - 2)) {
        values[i] = sampleImage(image, px, py)
        continue
      }
      const s = px - left
      const t = py - top
      const s0 = ((2 - s) * s - 1) * s
      const s1 = (3 * s - 5) * s * s + 2
      const s2 = ((4 - 3 * s) * s + 1) * s
      const s3 = (s - 1) * s * s
      const at = top * width + left
      const above = at - width
      const below = at + width
      const last = below + width
      values[i] =
        (((2 - t) * t - 1) * t * (s0 * data[above - 1] + s1 * data[above] + s2 * data[above + 1] + s3 * data[above + 2]) +
          ((3 * t - 5) * t * t + 2) * (s0 * data[at - 1] + s1 * data[at] + s2 * data[at + 1] + s3 * data[at + 2]) +
          ((4 - 3 * t) * t + 1) * t * (s0 * data[below - 1] + s1 * data[below] + s2 * data[below + 1] + s3 * data[below + 2]) +
          (t - 1) * t * t * (s0 * data[last - 1] + s1 * data[last] + s2 * data[last + 1] + s3 * data[last + 2])) /
        4
    }
  }
}

/** Value between pixels, as {@link sampleWindow} says. */
export function sampleImage({ data, width, height }: GrayImage, x: number, y: number): number {
  const left = Math.floor(x)
  const top = Math.floor(y)
  const c0 = clamp(left - 1, width - 1)
  const c1 = clamp(left, width - 1)
  const c2 = clamp(left + 1, width - 1)
  const c3 = clamp(left + 2, width - 1)
  const [s0, s1, s2, s3] = [keys(x - left + 1), keys(x - left), keys(x - left - 1), keys(x - left - 2)]
  let sum = 0
  for (let j = -1; j <= 2; j++) {
    const row = clamp(top + j, height - 1) * width
    sum += keys(y - top - j) * (s0 * data[row + c0] + s1 * data[row + c1] + s2 * data[row + c2] + s3 * data[row + c3])
  }
  return sum
}

function keys(distance: number): number {
  const d = Math.abs(distance)
  return d < 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2
}

function clamp(index: number, most: number): number {
  return index < 0 ? 0 : index > most ? most : index
}
