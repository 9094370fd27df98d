import type { DecodedImage } from './decodeImage.ts'

const ORIENTATION = 0x0112

/**
 * Tag 0x0112 of the first directory of EXIF data, which is laid out as a TIFF.
 *
 * @returns `undefined` without one of the eight orientations
 */
export function exifOrientation(exif: Uint8Array): number | undefined {
  if (exif.length < 8) return undefined
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength)
  const little = view.getUint16(0) === 0x4949
  const directory = view.getUint32(4, little)
  if (directory + 2 > view.byteLength) return undefined
  const entries = view.getUint16(directory, little)
  for (let i = 0; i < entries; i++) {
    const at = directory + 2 + i * 12
    if (at + 12 > view.byteLength) return undefined
    if (view.getUint16(at, little) === ORIENTATION) {
      const value = view.getUint16(at + 8, little)
      return value >= 1 && value <= 8 ? value : undefined
    }
  }
  return undefined
}

/** Applies one of the eight EXIF orientations; others leave an image as it is. */
export function upright(image: DecodedImage, orientation: number): DecodedImage {
  if (!(orientation > 1 && orientation <= 8)) return image
  const { data, width, height, channels } = image
  const swapped = orientation >= 5
  const [newWidth, newHeight] = swapped ? [height, width] : [width, height]
  // Mirrored along x: 2, 3, 7, 8 in the frame of the stored picture; along y: 3, 4, 6, 7.
  const flipX = [2, 3, 7, 8].includes(orientation)
  const flipY = [3, 4, 6, 7].includes(orientation)
  const result = new Uint8Array(data.length)
  for (let y = 0; y < newHeight; y++) {
    for (let x = 0; x < newWidth; x++) {
      const storedX = swapped ? y : x
      const storedY = swapped ? x : y
      const from = ((flipY ? height - 1 - storedY : storedY) * width + (flipX ? width - 1 - storedX : storedX)) * channels
      const to = (y * newWidth + x) * channels
      for (let c = 0; c < channels; c++) result[to + c] = data[from + c]
    }
  }
  return { data: result, width: newWidth, height: newHeight, channels }
}
