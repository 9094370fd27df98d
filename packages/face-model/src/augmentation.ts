/** How far an image may be changed for training; see {@link augmentFace}. */
export interface AugmentationOptions {
  /** Mirror left and right half of the time. Default true. */
  readonly flip?: boolean
  /** Largest rotation to either side, in degrees. Default 15. */
  readonly rotation?: number
  /** Largest relative change of size, either way. Default 0.15. */
  readonly scale?: number
  /** Largest shift along each axis, as a part of the image's side. Default 0.12. */
  readonly shift?: number
  /** Largest relative change of contrast, either way. Default 0.3. */
  readonly contrast?: number
  /** Largest change of brightness, as a part of the full range. Default 0.2. */
  readonly brightness?: number
  /** Probability that one rectangle is erased. Default 0.5. */
  readonly erasing?: number
  /** Sides of the erased rectangle, as parts of the image's side: smallest and largest. Default [0.15, 0.45]. */
  readonly erasedSide?: readonly [number, number]
}

/** No change at all: the crop that validation and serving use. */
export const noAugmentation: AugmentationOptions = {
  flip: false,
  rotation: 0,
  scale: 0,
  shift: 0,
  contrast: 0,
  brightness: 0,
  erasing: 0,
}

/**
 * Subtracts an image's own mean and divides by its own standard deviation, in place.
 *
 * A constant image becomes zero: its deviation is taken as at least 1e-3 of the range of 8 bits.
 */
export function standardizeImage(pixels: Float32Array, start = 0, length = pixels.length - start): void {
  const end = start + length
  let sum = 0
  for (let i = start; i < end; i++) sum += pixels[i]
  const mean = sum / length
  let squares = 0
  for (let i = start; i < end; i++) squares += (pixels[i] - mean) ** 2
  const factor = 1 / Math.max(Math.sqrt(squares / length), 0.255)
  for (let i = start; i < end; i++) pixels[i] = (pixels[i] - mean) * factor
}

/** Square pictures of `size * size` values, left and right exchanged. */
export function mirror(pictures: Float32Array, size: number): Float32Array {
  const mirrored = pictures.slice()
  for (let row = 0; row < mirrored.length; row += size) mirrored.subarray(row, row + size).reverse()
  return mirrored
}

/**
 * Writes one randomly changed, standardised copy of a square grey image.
 *
 * One inverse affine map carries mirror, rotation, size and shift, and the change from `size` to `targetSize`, so that every pixel is interpolated
 * (bilinearly, the border repeated) once; then contrast and brightness, clipped to 0..255 as a camera would; then {@link standardizeImage}; last the erased
 * rectangle, filled with the mean (0).
 *
 * @param source - grey values 0..255, row-major, `size * size` of them from `sourceStart` on
 * @param size - side of the source in pixels
 * @param target - receives `targetSize * targetSize` values from `targetStart` on
 * @param random - uniform numbers in [0, 1); the same sequence gives the same image
 */
export function augmentFace(
  source: Uint8Array | Float32Array,
  sourceStart: number,
  size: number,
  target: Float32Array,
  targetStart: number,
  targetSize: number,
  random: () => number,
  options: AugmentationOptions = {},
): void {
  const {
    flip = true,
    rotation = 15,
    scale = 0.15,
    shift = 0.12,
    contrast = 0.3,
    brightness = 0.2,
    erasing = 0.5,
    erasedSide = [0.15, 0.45],
  } = options
  const between = (limit: number): number => (random() * 2 - 1) * limit

  // Every call draws the same number of values, so that one option does not reshuffle the others.
  const mirrored = random() < 0.5 && flip
  const angle = (between(rotation) * Math.PI) / 180
  const zoom = 1 + between(scale)
  const shiftX = between(shift) * size
  const shiftY = between(shift) * size
  const gain = 1 + between(contrast)
  const offset = between(brightness) * 255
  const erase = random() < erasing
  const erasedWidth = erasedSide[0] + random() * (erasedSide[1] - erasedSide[0])
  const erasedHeight = erasedSide[0] + random() * (erasedSide[1] - erasedSide[0])
  const erasedX = random()
  const erasedY = random()

  const step = size / targetSize / zoom
  const cos = Math.cos(angle) * step
  const sin = Math.sin(angle) * step
  const direction = mirrored ? -1 : 1
  const middle = (size - 1) / 2
  const targetMiddle = (targetSize - 1) / 2
  const last = size - 1
  let write = targetStart
  let sum = 0
  for (let row = 0; row < targetSize; row++) {
    const v = row - targetMiddle
    for (let column = 0; column < targetSize; column++) {
      const u = (column - targetMiddle) * direction
      let x = middle + shiftX + cos * u - sin * v
      let y = middle + shiftY + sin * u + cos * v
      x = x < 0 ? 0 : x > last ? last : x
      y = y < 0 ? 0 : y > last ? last : y
      const left = x | 0
      const top = y | 0
      const right = left < last ? 1 : 0
      const below = top < last ? size : 0
      const fx = x - left
      const fy = y - top
      const at = sourceStart + top * size + left
      const upper = source[at] + (source[at + right] - source[at]) * fx
      const lower = source[at + below] + (source[at + below + right] - source[at + below]) * fx
      const value = upper + (lower - upper) * fy
      target[write++] = value
      sum += value
    }
  }

  const count = targetSize * targetSize
  if (gain !== 1 || offset !== 0) {
    const mean = sum / count
    for (let i = targetStart; i < targetStart + count; i++) {
      const value = (target[i] - mean) * gain + mean + offset
      target[i] = value < 0 ? 0 : value > 255 ? 255 : value
    }
  }
  standardizeImage(target, targetStart, count)

  if (erase) {
    const width = Math.round(erasedWidth * targetSize)
    const height = Math.round(erasedHeight * targetSize)
    const left = Math.round(erasedX * (targetSize - width))
    const top = Math.round(erasedY * (targetSize - height))
    for (let row = top; row < top + height; row++) {
      const start = targetStart + row * targetSize + left
      target.fill(0, start, start + width)
    }
  }
}
