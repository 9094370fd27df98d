import { EmoError, EmoRangeError } from '@emo/errors'
import { readUrl, startBackend, tf } from '@emo/runtime'
import type { DetectedFace, DetectionHint, FaceDetector } from './faceDetector.ts'
import { intersectionOverUnion, nonMaxSuppression } from './nonMaxSuppression.ts'
import { readPixels, type ImageInput, type Pixels } from './pixels.ts'
import { resample, squareAround, type Box } from './resample.ts'
import { detectorFiles } from './weightFiles.ts'

/** Options of {@link TinyFaceDetector.load}. */
export interface TinyFaceDetectorOptions {
  /** Smallest face, in pixels of the picture, that must be found. Default 24. Larger is faster. */
  readonly minFaceSize?: number
  /** Least confidence of a face, 0 to 1. Default 0.5. */
  readonly scoreThreshold?: number
  /** Two boxes whose intersection over union is above this are one face. Default 0.4. */
  readonly overlap?: number
  /** Longest side, in pixels, that the network ever sees; bounds time and memory: in pictures with a side above 960, `minFaceSize` grows with it. Default 1600. */
  readonly maxInputSize?: number
}

/** Width and height of the five anchors, in cells of the output grid; from the network's configuration. */
const anchors: readonly (readonly [number, number])[] = [
  [1.603231, 2.094468],
  [6.041143, 7.080126],
  [2.882459, 3.518061],
  [4.266906, 5.178857],
  [9.041765, 10.66308],
]
/** Mean colour that the network was trained with. */
const meanRgb = [117.001, 114.697, 97.404]
/** Pixels of the input for one cell of the output grid. */
const cellSize = 32
/** x, y, width, height, confidence. */
const boxValues = 5
/** Smallest and largest face that the network finds reliably, in pixels of its input. */
const faceRange = [40, 320] as const
/** Longest side of the smallest look, in pixels. */
const smallestLook = 224
/** Ratio between the sizes of two looks, about. */
const lookRatio = 2
/** Score below which a look has seen nothing. */
const faintScore = 0.2
/** A face is confirmed when its score and the mean of the looks that must show it add up to this multiple of the threshold. */
const agreement = 1.75

/** Side of the square that is looked at around a known face, as a multiple of the face's. */
const regionScale = 2.2
/** Side of that square in pixels of the network's input. */
const regionSize = 192

interface WeightEntry {
  readonly name: string
  readonly shape: number[]
  readonly quantization: { readonly scale: number; readonly min: number }
}

interface SeparableWeights {
  readonly depthwise: tf.Tensor4D
  readonly pointwise: tf.Tensor4D
  readonly bias: tf.Tensor1D
}

/**
 * The "tiny face detector" of face-api.js (MIT; a Tiny YOLO v2 with depthwise separable convolutions, 193 kB), run on Emo's own backend.
 *
 * The package carries the network's weights and loads nothing else of that library.
 */
export class TinyFaceDetector implements FaceDetector {
  readonly #stem: { readonly filters: tf.Tensor4D; readonly bias: tf.Tensor1D }
  readonly #separable: readonly SeparableWeights[]
  readonly #head: { readonly filters: tf.Tensor4D; readonly bias: tf.Tensor1D }
  readonly #options: Required<TinyFaceDetectorOptions>
  #disposed = false

  private constructor(weights: ReadonlyMap<string, tf.Tensor>, options: Required<TinyFaceDetectorOptions>) {
    const get = <T extends tf.Tensor>(name: string): T => {
      const tensor = weights.get(name)
      if (tensor === undefined) {
        throw new EmoError('WEIGHTS_DAMAGED', `The face detector's weights have no ${name}; reinstall @emo/face-model.`, { details: { name } })
      }
      return tensor as T
    }
    this.#options = options
    this.#stem = { filters: get('conv0/filters'), bias: get('conv0/bias') }
    this.#separable = [1, 2, 3, 4, 5].map((index) => ({
      depthwise: get(`conv${index}/depthwise_filter`),
      pointwise: get(`conv${index}/pointwise_filter`),
      bias: get(`conv${index}/bias`),
    }))
    this.#head = { filters: get('conv8/filters'), bias: get('conv8/bias') }
  }

  /**
   * Starts the backend and reads the weights that come with the package.
   *
   * @throws EmoRangeError `OPTION_RANGE`
   * @throws EmoError `WEIGHTS_UNREADABLE`, `WEIGHTS_DAMAGED`
   */
  static async load(options: TinyFaceDetectorOptions = {}): Promise<TinyFaceDetector> {
    const { minFaceSize = 24, scoreThreshold = 0.5, overlap = 0.4, maxInputSize = 1600 } = options
    if (!(minFaceSize >= 1)) throw outOfRange('minFaceSize', minFaceSize, 'at least 1')
    if (!(scoreThreshold > 0 && scoreThreshold < 1)) throw outOfRange('scoreThreshold', scoreThreshold, 'between 0 and 1')
    if (!(overlap >= 0 && overlap <= 1)) throw outOfRange('overlap', overlap, 'from 0 to 1')
    if (!(maxInputSize >= cellSize)) throw outOfRange('maxInputSize', maxInputSize, `at least ${cellSize}`)
    await startBackend()
    const [manifest, binary] = await Promise.all([readUrl(detectorFiles.manifest), readUrl(detectorFiles.weights)])
    const weights = decode(manifest, binary)
    return new TinyFaceDetector(weights, { minFaceSize, scoreThreshold, overlap, maxInputSize })
  }

  /**
   * Finds faces in one picture. The network looks at it at several sizes, from a small one that shows large faces to one as sharp as `minFaceSize` needs.
   * One look errs now and then: a face counts when one of those that must show it is confident and the others agree on average.
   *
   * @param hint - with `near`, a video's next frame takes a fraction of the time; faces that are new and small are found without it only
   * @throws EmoError as {@link ImageInput} says; `DISPOSED`
   */
  detect(image: ImageInput, hint: DetectionHint = {}): DetectedFace[] {
    if (this.#disposed) throw new EmoError('DISPOSED', 'This face detector has been disposed of; load another one.')
    const { minFaceSize, scoreThreshold, overlap, maxInputSize } = this.#options
    const pixels = readPixels(image)
    const longest = Math.max(pixels.width, pixels.height)
    if (hint.near !== undefined) return this.#detectNear(pixels, hint.near)
    const sides = lookSizes(Math.min((longest * faceRange[0]) / minFaceSize, maxInputSize))
    // One pass over the picture; every look reduces the one before it.
    let picture = reduce(pixels, Math.min(1, sides[0] / longest))
    const looks = sides.map((side) => {
      const size = Math.max(picture.width, picture.height)
      if (side < size) picture = reduce(picture, side / size)
      return { ratio: side / longest, faces: this.#look(picture, side / longest) }
    })
    const candidates = nonMaxSuppression(
      looks.flatMap(({ faces }) => faces.filter(({ score }) => score > scoreThreshold)),
      overlap,
    )
    return candidates.filter((face) => {
      const size = Math.max(face.box.width, face.box.height)
      const witnesses = looks.filter(({ ratio }) => size * ratio >= faceRange[0] * 0.9 && size * ratio <= faceRange[1])
      const support = witnesses.reduce((sum, { faces }) => sum + bestOverlapping(face, faces, overlap), 0)
      const mean = witnesses.length === 0 ? face.score : support / witnesses.length
      return size >= minFaceSize * 0.7 && face.score + mean >= scoreThreshold * agreement
    })
  }

  #detectNear(pixels: Pixels, near: readonly Box[]): DetectedFace[] {
    const { minFaceSize, scoreThreshold, overlap } = this.#options
    const ratio = smallestLook / Math.max(pixels.width, pixels.height)
    const found = this.#look(reduce(pixels, Math.min(1, ratio)), ratio)
    for (const box of near) {
      const region = squareAround(box, regionScale)
      const rgb = resample(pixels, region, regionSize, regionSize, 3)
      const scale = region.width / regionSize
      for (const face of this.#look({ rgb, width: regionSize, height: regionSize, scaleX: scale, scaleY: scale }, 1 / scale)) {
        found.push({ score: face.score, box: { ...face.box, x: face.box.x + region.x, y: face.box.y + region.y } })
      }
    }
    return nonMaxSuppression(
      found.filter(({ box, score }) => score > scoreThreshold && Math.max(box.width, box.height) >= minFaceSize * 0.7),
      overlap,
    )
  }

  /** Frees the weights. */
  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    tf.dispose([this.#stem.filters, this.#stem.bias, this.#head.filters, this.#head.bias])
    for (const { depthwise, pointwise, bias } of this.#separable) tf.dispose([depthwise, pointwise, bias])
  }

  /** @param ratio - pixels of the network's input for one of the original; what the picture lacks is interpolated */
  #look({ rgb, width, height, scaleX, scaleY }: ReducedPicture, ratio: number): DetectedFace[] {
    const toWidth = Math.max(width, Math.round(width * scaleX * ratio))
    const toHeight = Math.max(height, Math.round(height * scaleY * ratio))
    const columns = Math.ceil(toWidth / cellSize)
    const rows = Math.ceil(toHeight / cellSize)
    const values = tf.tidy(() => {
      const picture = tf.tensor4d(normalizeColours(rgb), [1, height, width, 3])
      const enlarged = toWidth > width || toHeight > height ? tf.image.resizeBilinear(picture, [toHeight, toWidth], false, true) : picture
      // Whole cells; what is beyond the picture is the mean colour (0), as the network was trained.
      const padded = tf.pad(enlarged, [[0, 0], [0, rows * cellSize - toHeight], [0, columns * cellSize - toWidth], [0, 0]])
      return this.#run(padded).dataSync<'float32'>()
    })
    return this.#boxes(values, rows, columns, (scaleX * width) / toWidth, (scaleY * height) / toHeight)
  }

  #run(input: tf.Tensor4D): tf.Tensor4D {
    const convolve = (x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D =>
      tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 'same' })
    let x = convolve(input, this.#stem.filters, this.#stem.bias)
    for (const { depthwise, pointwise, bias } of this.#separable) {
      // A leaky ReLU is monotonic, so it may come after the pooling, on a quarter of the values.
      x = leaky(tf.maxPool(x, 2, 2, 'same'))
      x = convolve(tf.depthwiseConv2d(x, depthwise, 1, 'same'), pointwise, bias)
    }
    // The last pooling keeps the size.
    x = leaky(tf.maxPool(x, 2, 1, 'same'))
    return convolve(x, this.#head.filters, this.#head.bias)
  }

  #boxes(values: Float32Array, rows: number, columns: number, scaleX: number, scaleY: number): DetectedFace[] {
    const faces: DetectedFace[] = []
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        anchors.forEach(([anchorWidth, anchorHeight], anchor) => {
          const at = ((row * columns + column) * anchors.length + anchor) * boxValues
          const score = sigmoid(values[at + 4])
          if (score <= Math.min(faintScore, this.#options.scoreThreshold)) return
          const width = Math.exp(values[at + 2]) * anchorWidth * cellSize * scaleX
          const height = Math.exp(values[at + 3]) * anchorHeight * cellSize * scaleY
          const x = (column + sigmoid(values[at])) * cellSize * scaleX - width / 2
          const y = (row + sigmoid(values[at + 1])) * cellSize * scaleY - height / 2
          faces.push({ box: { x, y, width, height }, score })
        })
      }
    }
    return faces
  }
}

function decode(manifest: Uint8Array, binary: Uint8Array): Map<string, tf.Tensor> {
  let entries: WeightEntry[]
  try {
    ;[{ weights: entries }] = JSON.parse(new TextDecoder().decode(manifest)) as [{ weights: WeightEntry[] }]
  } catch (cause) {
    throw new EmoError('WEIGHTS_DAMAGED', "The face detector's weight list cannot be read; reinstall @emo/face-model.", { cause })
  }
  const total = entries.reduce((sum, { shape }) => sum + tf.util.sizeFromShape(shape), 0)
  if (total !== binary.length) {
    throw new EmoError('WEIGHTS_DAMAGED', `The face detector's weights have ${binary.length} bytes instead of ${total}; reinstall @emo/face-model.`, {
      details: { bytes: binary.length, expected: total },
    })
  }
  const weights = new Map<string, tf.Tensor>()
  let start = 0
  for (const { name, shape, quantization } of entries) {
    const length = tf.util.sizeFromShape(shape)
    const values = Float32Array.from(binary.subarray(start, start + length), (value) => value * quantization.scale + quantization.min)
    weights.set(name, tf.tensor(values, shape))
    start += length
  }
  return weights
}

/** Longest sides of the looks, from the sharpest one down, in about equal ratios. */
function lookSizes(sharpest: number): number[] {
  if (sharpest <= smallestLook * 1.2) return [Math.max(sharpest, smallestLook)]
  const steps = Math.max(1, Math.round(Math.log(sharpest / smallestLook) / Math.log(lookRatio)))
  return Array.from({ length: steps + 1 }, (_, step) => sharpest * (smallestLook / sharpest) ** (step / steps))
}

function bestOverlapping(face: DetectedFace, others: readonly DetectedFace[], overlap: number): number {
  return others.reduce((best, { box, score }) => (intersectionOverUnion(face.box, box) > overlap ? Math.max(best, score) : best), 0)
}

interface ReducedPicture {
  readonly rgb: Float32Array
  readonly width: number
  readonly height: number
  /** Pixels of the original for one of this. */
  readonly scaleX: number
  readonly scaleY: number
}

function normalizeColours(rgb: Float32Array): Float32Array {
  const values = new Float32Array(rgb.length)
  for (let i = 0; i < rgb.length; i += 3) {
    values[i] = (rgb[i] - meanRgb[0]) / 255
    values[i + 1] = (rgb[i + 1] - meanRgb[1]) / 255
    values[i + 2] = (rgb[i + 2] - meanRgb[2]) / 255
  }
  return values
}

function reduce(picture: Pixels | ReducedPicture, ratio: number): ReducedPicture {
  const width = Math.max(1, Math.round(picture.width * ratio))
  const height = Math.max(1, Math.round(picture.height * ratio))
  const source: Pixels = 'rgb' in picture ? { data: picture.rgb, width: picture.width, height: picture.height, channels: 3, gain: 1 } : picture
  const whole: Box = { x: 0, y: 0, width: picture.width, height: picture.height }
  const original = 'rgb' in picture ? picture : { scaleX: 1, scaleY: 1 }
  return {
    rgb: resample(source, whole, width, height, 3),
    width,
    height,
    scaleX: (original.scaleX * picture.width) / width,
    scaleY: (original.scaleY * picture.height) / height,
  }
}

/** `max(x, 0.1 x)`: two vectorised kernels, where the fused activation is a scalar loop. */
function leaky(x: tf.Tensor4D): tf.Tensor4D {
  return tf.maximum(x, tf.mul(x, 0.1))
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function outOfRange(name: string, value: number, range: string): EmoRangeError {
  return new EmoRangeError('OPTION_RANGE', `${name} must be ${range}, not ${value}.`, { details: { [name]: value } })
}
