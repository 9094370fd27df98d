import type { DecodedImage } from '../index.ts'

/** A smooth RGB picture that JPEG hardly changes. */
export function picture(width: number, height: number): DecodedImage & { channels: 3 } {
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([(255 * x) / width, (255 * y) / height, 100], (y * width + x) * 3)
  }
  return { data, width, height, channels: 3 }
}

/** How a picture is stored so that its EXIF orientation turns it upright (EXIF 2.32, 4.6.4 A). */
export function stored(image: DecodedImage, orientation: number): DecodedImage {
  const { width, height, channels, data } = image
  const swapped = orientation >= 5
  const [w, h] = swapped ? [height, width] : [width, height]
  // Where the stored row 0 and column 0 are seen: 1 top left, 2 top right, 3 bottom right, 4 bottom left, 5 left top, 6 right top, 7 right bottom, 8 left bottom.
  const top = [1, 2, 5, 6].includes(orientation)
  const left = [1, 4, 5, 8].includes(orientation)
  const result = new Uint8Array(data.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const fromTop = top ? y : height - 1 - y
      const fromLeft = left ? x : width - 1 - x
      const [row, column] = swapped ? [fromLeft, fromTop] : [fromTop, fromLeft]
      for (let c = 0; c < channels; c++) result[(row * w + column) * channels + c] = data[(y * width + x) * channels + c]
    }
  }
  return { data: result, width: w, height: h, channels }
}

/** Mean absolute difference of the values of two pictures. */
export const meanDifference = (a: DecodedImage, b: DecodedImage) =>
  a.data.reduce((sum, value, i) => sum + Math.abs(value - b.data[i]), 0) / a.data.length
