/** A grey picture of floats, row-major. */
export interface GrayImage {
  readonly data: Float32Array
  readonly width: number
  readonly height: number
}

/** Smallest side of a pyramid's coarsest level, in pixels. */
const smallestSide = 16

/**
 * The picture and its halves: each level is smoothed with the binomial filter [1 4 6 4 1] / 16 along both axes, then every second pixel is kept
 * (Burt and Adelson 1983). The border repeats.
 *
 * @param levels - at most this many; fewer when the next would have a side below 16 pixels
 */
export function imagePyramid(image: GrayImage, levels: number): GrayImage[] {
  const pyramid = [image]
  while (pyramid.length < levels) {
    const { width, height } = pyramid[pyramid.length - 1]
    if (Math.min(width, height) < smallestSide * 2) break
    pyramid.push(halve(pyramid[pyramid.length - 1]))
  }
  return pyramid
}

function halve({ data, width, height }: GrayImage): GrayImage {
  const halfWidth = (width + 1) >> 1
  const halfHeight = (height + 1) >> 1
  const narrow = new Float32Array(halfWidth * height)
  for (let row = 0; row < height; row++) {
    const start = row * width
    for (let column = 0; column < halfWidth; column++) {
      const center = column * 2
      const a = data[start + Math.max(center - 2, 0)]
      const b = data[start + Math.max(center - 1, 0)]
      const c = data[start + center]
      const d = data[start + Math.min(center + 1, width - 1)]
      const e = data[start + Math.min(center + 2, width - 1)]
      narrow[row * halfWidth + column] = (a + e + 4 * (b + d) + 6 * c) / 16
    }
  }
  const result = new Float32Array(halfWidth * halfHeight)
  for (let row = 0; row < halfHeight; row++) {
    const center = row * 2
    const a = Math.max(center - 2, 0) * halfWidth
    const b = Math.max(center - 1, 0) * halfWidth
    const c = center * halfWidth
    const d = Math.min(center + 1, height - 1) * halfWidth
    const e = Math.min(center + 2, height - 1) * halfWidth
    for (let column = 0; column < halfWidth; column++) {
      result[row * halfWidth + column] =
        (narrow[a + column] + narrow[e + column] + 4 * (narrow[b + column] + narrow[d + column]) + 6 * narrow[c + column]) / 16
    }
  }
  return { data: result, width: halfWidth, height: halfHeight }
}
