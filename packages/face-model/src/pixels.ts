import { EmoError, EmoRangeError } from '@emo/errors'
import { describeValue, type tf } from '@emo/runtime'

/** Decoded pixels, row-major, channels interleaved. */
export interface RawImage {
  /**
   * `width * height * channels` values. Integer arrays use their type's full range (8 bits: 0..255, 16 bits: 0..65535);
   * `Int32Array` and floats are 0..255, or 0..1 when no float is above 2: resizing and the like go a little beyond 1.
   */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array | Int32Array | Float32Array | Float64Array | readonly number[]
  /** Pixels a row. */
  readonly width: number
  /** Rows. */
  readonly height: number
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; default: `data.length / (width * height)`, so `ImageData` is a `RawImage`. */
  readonly channels?: number
}

/** What a browser can draw. */
export type DrawableImage = HTMLCanvasElement | OffscreenCanvas | HTMLVideoElement | HTMLImageElement | ImageBitmap | VideoFrame

/** Everything that this package takes for a picture: decoded pixels, what a browser draws, or a tensor `[h, w]`, `[h, w, c]` or `[1, h, w, c]`. */
export type ImageInput = RawImage | ImageData | DrawableImage | tf.Tensor

/** A checked {@link RawImage} and how its values map to 0..255. */
export interface Pixels {
  readonly data: RawImage['data']
  readonly width: number
  readonly height: number
  readonly channels: 1 | 2 | 3 | 4
  /** Multiply by this to get 0..255. */
  readonly gain: number
}

/**
 * Checks a picture of any accepted kind and gives access to its pixels, without copying those that are in memory already.
 *
 * @throws EmoError `IMAGE_UNSUPPORTED` not a picture, or none that can be read; `IMAGE_EMPTY` no pixels, or a video without a frame yet; `IMAGE_SIZE` the array's
 * length does not fit; `IMAGE_NOT_FINITE` a list holds anything but numbers; `IMAGE_CROSS_ORIGIN` a picture of another site that the browser draws but does not let a page read
 */
export function readPixels(image: ImageInput): Pixels {
  if (typeof image !== 'object' || image === null) {
    throw new EmoError('IMAGE_UNSUPPORTED', `An image was expected, ${image === null ? 'null' : typeof image} was given.`)
  }
  if (isTensor(image)) return fromTensor(image)
  // Some libraries' canvases have a method `data`.
  if ('getContext' in image || !('data' in image)) return fromDrawable(image)
  return isChecked(image) ? image : fromRaw(image)
}

/** As {@link readPixels}, but a copy: for answers that take until others may have changed the picture. */
export function readCopy(image: ImageInput): Pixels {
  const pixels = readPixels(image)
  return markChecked({ ...pixels, data: copyValues(pixels.data) })
}

/** A copy with memory of its own. */
function copyValues(data: RawImage['data']): RawImage['data'] {
  // Buffers have a slice of their own, which copies nothing.
  return Array.isArray(data) ? data.slice() : Uint8Array.prototype.slice.call(data)
}

/** What {@link readPixels} gave before. By identity: a field `gain` is nothing special, frames of cameras have one. */
const checked = new WeakSet<object>()

function isChecked(image: object): image is Pixels {
  return checked.has(image)
}

function markChecked(pixels: Pixels): Pixels {
  checked.add(pixels)
  return pixels
}

function fromRaw(image: RawImage): Pixels {
  const { data, width, height } = image
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 0 || height < 0) {
    throw new EmoRangeError('IMAGE_SIZE', `width and height must be whole numbers, not ${width} and ${height}.`, {
      details: { width, height },
    })
  }
  if (width === 0 || height === 0) {
    throw new EmoError('IMAGE_EMPTY', `The image is ${width} x ${height}: it has no pixels.`, { details: { width, height } })
  }
  if (!isNumbers(data)) {
    throw new EmoError(
      'IMAGE_UNSUPPORTED',
      `image.data is ${describeValue(data)}; give numbers: ${numberTypes.join(', ')} or a list that is not nested.`,
    )
  }
  const channels = image.channels ?? data.length / (width * height)
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4) {
    throw new EmoRangeError(
      'IMAGE_SIZE',
      `An image has 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels; ${width} x ${height} with ${data.length} values gives ${channels}.`,
      { details: { width, height, channels, length: data.length } },
    )
  }
  if (data.length !== width * height * channels) {
    throw new EmoRangeError(
      'IMAGE_SIZE',
      `${width} x ${height} with ${channels} channels needs ${width * height * channels} values, image.data has ${data.length}.`,
      { details: { width, height, channels, length: data.length } },
    )
  }
  if (Array.isArray(data)) checkNumbers(data)
  return markChecked({ data, width, height, channels, gain: gainOf(data) })
}

/** `null`, which JSON makes of NaN, would count as 0. */
function checkNumbers(values: readonly unknown[]): void {
  const index = values.findIndex((value) => typeof value !== 'number')
  if (index < 0) return
  throw new EmoError('IMAGE_NOT_FINITE', `image.data[${index}] is ${describeValue(values[index])}; every pixel must be a finite number.`, {
    details: { index },
  })
}

const numberTypes = ['Uint8Array', 'Uint8ClampedArray', 'Uint16Array', 'Int32Array', 'Float32Array', 'Float64Array']

/** By name: arrays of another realm, a frame's for instance, are of other classes. */
function typeOf(data: unknown): string {
  return Array.isArray(data) ? 'Array' : ArrayBuffer.isView(data) ? Object.prototype.toString.call(data).slice(8, -1) : ''
}

/** Whether values may be fractions, and NaN or infinite. */
export function isFloating(data: RawImage['data']): boolean {
  return ['Float32Array', 'Float64Array', 'Array'].includes(typeOf(data))
}

function gainOf(data: RawImage['data']): number {
  if (typeOf(data) === 'Uint16Array') return 255 / 65_535
  if (!isFloating(data)) return 1
  for (let i = 0; i < data.length; i++) if (data[i] > 2) return 1
  return 255
}

/** The values, if they are bytes: both types of them as one, so that loops see one. */
export function bytesOf({ data }: Pixels): Uint8Array | undefined {
  const type = typeOf(data)
  if (type !== 'Uint8Array' && type !== 'Uint8ClampedArray') return undefined
  const { buffer, byteOffset, length } = data as Uint8Array
  return new Uint8Array(buffer, byteOffset, length)
}

/** Whether an image's `data` is of a type that is taken. */
export function isNumbers(data: unknown): data is RawImage['data'] {
  if (Array.isArray(data)) return data.length === 0 || typeof data[0] === 'number'
  return numberTypes.includes(typeOf(data))
}

function isTensor(image: ImageInput): image is tf.Tensor {
  return 'dataSync' in image && 'shape' in image
}

function fromTensor(tensor: tf.Tensor): Pixels {
  if (tensor.isDisposed) throw new EmoError('IMAGE_UNSUPPORTED', 'The image tensor has been disposed of.')
  const shape = tensor.rank === 4 && tensor.shape[0] === 1 ? tensor.shape.slice(1) : tensor.shape
  if (shape.length !== 2 && shape.length !== 3) {
    throw new EmoRangeError(
      'IMAGE_SIZE',
      `An image tensor has the shape [height, width], [height, width, channels] or [1, height, width, channels], not [${tensor.shape.join(', ')}].`,
      { details: { shape: tensor.shape } },
    )
  }
  const [height, width, channels = 1] = shape
  if (height * width * channels === 0) return fromRaw({ data: new Float32Array(), width, height, channels })
  const data = tensor.dataSync()
  if (typeof data === 'string') throw new EmoError('IMAGE_UNSUPPORTED', 'A tensor of strings is not an image.')
  return fromRaw({ data: data as RawImage['data'], width, height, channels })
}

/** `HTMLMediaElement.HAVE_CURRENT_DATA`. */
const haveCurrentData = 2

function fromDrawable(image: DrawableImage): Pixels {
  const [width, height] = sizeOf(image)
  if (typeof width !== 'number' || typeof height !== 'number') {
    throw new EmoError(
      'IMAGE_UNSUPPORTED',
      'Not an image: give { data, width, height, channels }, ImageData, a canvas, video, image element, ImageBitmap or VideoFrame, or a tensor.',
    )
  }
  if (width === 0 || height === 0) {
    throw new EmoError('IMAGE_EMPTY', `The image is ${width} x ${height}: it is empty, closed, or not loaded yet.`, {
      details: { width, height },
    })
  }
  // A video knows its size before it has a frame; until then it draws nothing.
  if ('readyState' in image && image.readyState < haveCurrentData) {
    throw new EmoError('IMAGE_EMPTY', 'The video has no frame yet: wait for its `loadeddata` event.', {
      details: { width, height, readyState: image.readyState },
    })
  }
  try {
    return fromRaw(readableContext(image, width, height).getImageData(0, 0, width, height))
  } catch (error) {
    throw readingError(error)
  }
}

/** Why a browser did not let a picture be read; errors about its pixels stay as they are. */
function readingError(cause: unknown): EmoError {
  if (cause instanceof EmoError) return cause
  if ((cause as Error).name !== 'SecurityError')
    return new EmoError('IMAGE_UNSUPPORTED', `The image cannot be read: ${(cause as Error).message}`, { cause })
  return new EmoError(
    'IMAGE_CROSS_ORIGIN',
    'The picture comes from another site, and the browser does not let this page read it: load it with crossorigin="anonymous" from a server that allows it (CORS).',
    { cause },
  )
}

function sizeOf(image: DrawableImage): [width: number, height: number] {
  if ('videoWidth' in image) return [image.videoWidth, image.videoHeight]
  if ('naturalWidth' in image) return [image.naturalWidth, image.naturalHeight]
  if ('displayWidth' in image) return [image.displayWidth, image.displayHeight]
  return [image.width, image.height]
}

function readableContext(
  image: DrawableImage,
  width: number,
  height: number,
): CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D {
  if ('getContext' in image) {
    // A canvas that already draws in 2D is read in place; one that draws with WebGL has no 2D context and is copied.
    const own = image.getContext('2d')
    if (own !== null) return own
  }
  if (typeof OffscreenCanvas === 'undefined' && typeof document === 'undefined') {
    throw new EmoError(
      'IMAGE_UNSUPPORTED',
      'Outside a browser only decoded pixels ({ data, width, height, channels }) and tensors can be read.',
    )
  }
  const canvas =
    typeof OffscreenCanvas === 'undefined'
      ? Object.assign(document.createElement('canvas'), { width, height })
      : new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true }) as
    CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null
  if (context === null) throw new EmoError('IMAGE_UNSUPPORTED', 'This browser gives no 2D canvas to read the image with.')
  context.drawImage(image, 0, 0)
  return context
}
