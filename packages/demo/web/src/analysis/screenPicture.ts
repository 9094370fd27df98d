/** Pixels, row by row, channels interleaved: 1 grey, 3 RGB, 4 RGBA. */
interface Pixels {
  readonly data: ArrayLike<number>
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}

/** Longest side of a picture for the screen, about. */
const SCREEN_SIDE = 1600

/** A decoded picture as a file that every browser shows: of TIFF, most show nothing. */
export function screenPicture(image: Pixels): Promise<Blob> {
  const { data, width, height } = screenPixels(image, SCREEN_SIDE)
  const canvas = new OffscreenCanvas(width, height)
  canvas.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0)
  return canvas.convertToBlob({ type: 'image/png' })
}

/** RGBA with each square of as many pixels as one, their mean, that no side is longer than `side`; what is left over at the edges is dropped. */
export function screenPixels(
  { data, width, height, channels }: Pixels,
  side: number,
): { data: Uint8ClampedArray<ArrayBuffer>; width: number; height: number } {
  const factor = Math.ceil(Math.max(width, height) / side)
  const columns = Math.max(1, Math.floor(width / factor))
  const rows = Math.max(1, Math.floor(height / factor))
  const pixels = new Uint8ClampedArray(4 * columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const to = 4 * (row * columns + column)
      pixels[to + 3] = 255
      for (let channel = 0; channel < Math.max(3, channels); channel++) {
        const from = channels === 1 ? 0 : channel
        let sum = 0
        let count = 0
        for (let y = row * factor; y < Math.min(height, (row + 1) * factor); y++) {
          for (let x = column * factor; x < Math.min(width, (column + 1) * factor); x++) {
            sum += data[(y * width + x) * channels + from]
            count++
          }
        }
        pixels[to + channel] = sum / count
      }
    }
  }
  return { data: pixels, width: columns, height: rows }
}
