/** Longest side of the pictures that faces are looked for in; larger ones are reduced to it. */
export const FRAME_SIDE = 640

/** RGBA, rows of interleaved 8-bit pixels. */
interface FrameImage {
  readonly data: Uint8ClampedArray<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly channels: 4
}

/** The part of a `VideoFrame` that newer browsers have and the DOM library lacks. */
interface Turned {
  readonly rotation?: number
  readonly flip?: boolean
}

let buffer = new Uint8ClampedArray()
let canvas: OffscreenCanvas | undefined

/**
 * RGBA of a picture of a camera. Valid until the next call: there is one buffer for all.
 *
 * Copied where the browser converts a camera's colours itself, which takes about a millisecond; drawn elsewhere, which takes ten times as long without a graphics card.
 */
export async function framePixels(frame: VideoFrame | ImageBitmap): Promise<FrameImage> {
  return (await copied(frame)) ?? drawn(frame)
}

async function copied(frame: VideoFrame | ImageBitmap): Promise<FrameImage | undefined> {
  if (!('copyTo' in frame) || !frame.visibleRect) return undefined
  const { width, height } = frame.visibleRect
  // What is copied are the sensor's own pixels: turned and stretched ones have to be drawn.
  const { rotation = 0, flip = false } = frame as Turned
  if (rotation !== 0 || flip || width !== frame.displayWidth || height !== frame.displayHeight) return undefined
  try {
    const bytes = frame.allocationSize({ format: 'RGBA' })
    // Browsers that do not know the option would copy luma and chroma.
    if (bytes !== 4 * width * height) return undefined
    if (buffer.length !== bytes) buffer = new Uint8ClampedArray(bytes)
    await frame.copyTo(buffer, { format: 'RGBA' })
  } catch {
    // Not from this kind of frame, such as one in the memory of a graphics card.
    return undefined
  }
  return reduced({ data: buffer, width, height, channels: 4 }, Math.ceil(Math.max(width, height) / FRAME_SIDE))
}

function drawn(frame: VideoFrame | ImageBitmap): FrameImage {
  const fullWidth = 'displayWidth' in frame ? frame.displayWidth : frame.width
  const fullHeight = 'displayHeight' in frame ? frame.displayHeight : frame.height
  const scale = Math.min(1, FRAME_SIDE / Math.max(fullWidth, fullHeight))
  const width = Math.max(1, Math.round(fullWidth * scale))
  const height = Math.max(1, Math.round(fullHeight * scale))
  if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(frame, 0, 0, width, height)
  return { data: context.getImageData(0, 0, width, height).data, width, height, channels: 4 }
}

/** A picture with each square of `factor` pixels as one, their mean, in the same memory; what is left over at the edges is dropped. */
export function reduced({ data, width, height }: FrameImage, factor: number): FrameImage {
  if (factor <= 1) return { data, width, height, channels: 4 }
  const columns = Math.floor(width / factor)
  const rows = Math.floor(height / factor)
  const count = factor * factor
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let red = 0
      let green = 0
      let blue = 0
      for (let y = row * factor; y < (row + 1) * factor; y++) {
        let at = 4 * (y * width + column * factor)
        for (let x = 0; x < factor; x++, at += 4) {
          red += data[at]
          green += data[at + 1]
          blue += data[at + 2]
        }
      }
      const to = 4 * (row * columns + column)
      data[to] = red / count
      data[to + 1] = green / count
      data[to + 2] = blue / count
      data[to + 3] = 255
    }
  }
  return { data: data.subarray(0, 4 * columns * rows), width: columns, height: rows, channels: 4 }
}
