import { EmoError, EmoRangeError } from '@emo/errors'
import {
  checkOptions,
  QuantizedConvolution,
  startBackend,
  SubsampledConvolution,
  tf,
  type QuantizedFilter,
  type SubsampledPicture,
} from '@emo/runtime'
import { readDetectorWeights, type StoredWeight } from './detectorWeights.ts'
import type { DetectedFace, DetectionHint, FaceDetector } from './faceDetector.ts'
import { intersectionOverUnion, nonMaxSuppression } from './nonMaxSuppression.ts'
import { PicturePyramid } from './picturePyramid.ts'
import { readPixels, type ImageInput } from './pixels.ts'
import { squareAround, type Box } from './resample.ts'

/** Options of {@link TinyFaceDetector.load}. */
export interface TinyFaceDetectorOptions {
  /** Smallest face, in pixels of the picture, that must be found. Default 24. Larger is faster. */
  readonly minFaceSize?: number
  /** Least confidence of a face, 0 to 1. Default 0.5. */
  readonly scoreThreshold?: number
  /** Two boxes whose intersection over union is above this are one face. Default 0.4. */
  readonly overlap?: number
  /** Longest side, in pixels, that the network ever sees; bounds time and memory: in pictures with a side above 1200, `minFaceSize` grows with it. Default 1600. */
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
/** Of the leaky ReLUs below zero. */
const slope = 0.1
/** x, y, width, height, confidence. */
const boxValues = 5
/** Smallest and largest face that the network is sure about, in pixels of its input. */
const faceRange = [40, 320] as const
/** Smallest face that it notices, if only faintly. */
const noticedSize = 32
/** Longest side of the coarse look for a video, and the least one of any look, in pixels. */
const smallestLook = 224
/** Looks are halved as long as their longer side is at least this, in pixels. */
const halvedFrom = 336
/** Score below which a look has seen nothing: a hint at where to look closely is enough. */
const faintScore = 0.05
/** Of the threshold: what a face's score and the mean of the looks that must show it have to add up to. */
const agreement = 1.85
/** Sizes, in pixels of the network's input, at which a face that is not confirmed is looked at again. */
const closeSizes = [80, 56, 67] as const
/** Score from which on a look has seen more than a hint; the first close one has to. */
const clearScore = 0.3
/** Of the threshold: what a first close look has to reach for the others to be spared, and a look that is alone for all. */
const confidence = 1.3
/** Of the threshold: what the mean of the close looks has to reach. */
const closeAgreement = 1.08
/** Faces that are looked at again, at most: the best ones. */
const mostCloseLooks = 32

/** Side of the square that is looked at around a known face, as a multiple of the face's. */
const regionScale = 2.2
/** Side of that square in pixels of the network's input. */
const regionSize = 192
/** Side of a close look in pixels of the network's input. */
const closeRegionSize = 160

/**
 * The "tiny face detector" of face-api.js (MIT; a Tiny YOLO v2 with depthwise separable convolutions, 193 kB), run on Emo's own backend.
 *
 * The package carries the network's weights and loads nothing else of that library.
 */
export class TinyFaceDetector implements FaceDetector {
  /** Halves the picture. */
  readonly #stem: SubsampledConvolution
  /** Each halves it once more, but for the last one. */
  readonly #layers: readonly QuantizedConvolution[]
  readonly #head: { readonly filters: tf.Tensor4D; readonly bias: tf.Tensor1D }
  readonly #options: Required<TinyFaceDetectorOptions>
  #disposed = false

  private constructor(weights: ReadonlyMap<string, StoredWeight>, options: Required<TinyFaceDetectorOptions>) {
    // The list is the one that the package was built with.
    const get = (name: string): StoredWeight => weights.get(name)!
    this.#options = options
    const filter = wholeNumbers(get('conv0/filters'))
    // The network was trained with colours of 0 to 1.
    this.#stem = new SubsampledConvolution({ filter: { ...filter, scale: filter.scale / 255 }, bias: floats(get('conv0/bias')), slope })
    this.#layers = [1, 2, 3, 4, 5].map(
      (index) =>
        new QuantizedConvolution({
          filter: wholeNumbers(get(`conv${index}/pointwise_filter`)),
          depthwise: floats(get(`conv${index}/depthwise_filter`)),
          bias: floats(get(`conv${index}/bias`)),
          slope,
          poolStride: index < 5 ? 2 : 1,
        }),
    )
    const [filters, bias] = [get('conv8/filters'), get('conv8/bias')]
    this.#head = {
      filters: tf.tensor4d(floats(filters), filters.shape as [number, number, number, number]),
      bias: tf.tensor1d(floats(bias)),
    }
  }

  /**
   * Starts the backend and reads the weights that come with the package.
   *
   * @throws EmoRangeError `OPTION_RANGE`
   * @throws EmoError `WEIGHTS_UNREADABLE`, `WEIGHTS_DAMAGED`, `OPTIONS_NOT_OBJECT`
   */
  static async load(options: TinyFaceDetectorOptions = {}): Promise<TinyFaceDetector> {
    checkOptions(options, '{ minFaceSize: 48 }')
    const { minFaceSize = 24, scoreThreshold = 0.5, overlap = 0.4, maxInputSize = 1600 } = options
    if (!(minFaceSize >= 1)) throw outOfRange('minFaceSize', minFaceSize, 'at least 1')
    if (!(scoreThreshold > 0 && scoreThreshold < 1)) throw outOfRange('scoreThreshold', scoreThreshold, 'between 0 and 1')
    if (!(overlap >= 0 && overlap <= 1)) throw outOfRange('overlap', overlap, 'from 0 to 1')
    if (!(maxInputSize >= cellSize)) throw outOfRange('maxInputSize', maxInputSize, `at least ${cellSize}`)
    await startBackend()
    return new TinyFaceDetector(await readDetectorWeights(), { minFaceSize, scoreThreshold, overlap, maxInputSize })
  }

  /**
   * Finds faces in one picture. The network looks at it at several sizes, from a small one that shows large faces to one that is just sharp enough to hint at
   * those of `minFaceSize`, each half of the one before. One look errs now and then: a face counts at once when one of those that must show it is confident and the
   * others agree on average, or when it is the only one and very confident; any other is looked at again closely, at up to three sizes.
   *
   * @param hint - with `near`, a video's next frame takes a fraction of the time; faces that are new and small are found without it only
   * @throws EmoError as {@link ImageInput} says; `DISPOSED`
   */
  detect(image: ImageInput, hint: DetectionHint = {}): DetectedFace[] {
    if (this.#disposed) throw new EmoError('DISPOSED', 'This face detector has been disposed of; load another one.')
    const { minFaceSize, overlap, maxInputSize } = this.#options
    const pixels = readPixels(image)
    const { width, height } = pixels
    const leastRatio = smallestLook / Math.max(width, height)
    const ratio =
      hint.near === undefined
        ? Math.max(Math.min(noticedSize / minFaceSize, maxInputSize / Math.max(width, height)), leastRatio)
        : leastRatio
    let faces: DetectedFace[] = []
    tf.tidy(() => {
      const picture: Picture = { width, height, pyramid: new PicturePyramid(pixels, ratio, meanRgb) }
      faces = hint.near === undefined ? this.#search(picture, ratio) : this.#searchNear(picture, ratio, hint.near)
    })
    return nonMaxSuppression(
      faces.filter((face) => longerSide(face) >= minFaceSize * 0.7),
      overlap,
    )
  }

  #search(picture: Picture, ratio: number): DetectedFace[] {
    const { scoreThreshold, overlap } = this.#options
    const looks = this.#looks(picture, ratio, halvedFrom)
    const candidates = nonMaxSuppression(
      looks.flatMap(({ faces }) => faces),
      overlap,
    )
    let closeLooks = 0
    return candidates.flatMap((face) => {
      const size = longerSide(face)
      const witnesses = looks.filter(({ ratio }) => size * ratio >= faceRange[0] * 0.9 && size * ratio <= faceRange[1])
      const support = witnesses.reduce((sum, { faces }) => sum + (bestOverlapping(face, faces, overlap)?.score ?? 0), 0)
      const mean = witnesses.length === 0 ? face.score : support / witnesses.length
      // Nobody else can speak for what one look alone must show.
      const least = scoreThreshold * (witnesses.length < 2 ? confidence : 1)
      if (face.score > least && face.score + mean >= scoreThreshold * agreement) return [face]
      return closeLooks++ < mostCloseLooks ? this.#lookClosely(picture, face) : []
    })
  }

  /** The face again, if close looks agree that it is one: the first two that saw it when both are clear, or else all close ones on average. */
  #lookClosely(picture: Picture, face: DetectedFace): DetectedFace[] {
    const { scoreThreshold, overlap } = this.#options
    const lookFor = (expected: DetectedFace, size: number): DetectedFace | undefined =>
      bestOverlapping(expected, this.#lookAt(picture, squareAround(expected.box, closeRegionSize / size), closeRegionSize), overlap)
    const [firstSize, ...otherSizes] = closeSizes
    const found = lookFor(face, firstSize)
    if (found === undefined || found.score < clearScore) return []
    if (face.score >= clearScore && found.score >= scoreThreshold * confidence) return [found]
    const others = otherSizes.reduce((sum, size) => sum + (lookFor(found, size)?.score ?? 0), 0)
    const score = (found.score + others) / closeSizes.length
    return score >= scoreThreshold * closeAgreement ? [{ ...found, score }] : []
  }

  #searchNear(picture: Picture, ratio: number, near: readonly Box[]): DetectedFace[] {
    const { scoreThreshold, overlap } = this.#options
    const sure = (face: DetectedFace): boolean => face.score > scoreThreshold
    const known = near.flatMap((box) => this.#lookAt(picture, squareAround(box, regionScale), regionSize)).filter(sure)
    const coarse = this.#looks(picture, ratio, Infinity)[0].faces.filter(sure)
    // One coarse look is not enough for somebody who was not there before.
    return [...known, ...coarse.flatMap((face) => (bestOverlapping(face, known, overlap) ? [face] : this.#lookClosely(picture, face)))]
  }

  /** One look at a square part of the picture, as `size` pixels squared. */
  #lookAt({ pyramid }: Picture, region: Box, size: number): DetectedFace[] {
    const scale = region.width / size
    return this.#look(pyramid.cut(region, size, size), scale, scale).map(({ box, score }) => ({
      score,
      box: { ...box, x: box.x + region.x, y: box.y + region.y },
    }))
  }

  /** Frees the weights. */
  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    tf.dispose([this.#head.filters, this.#head.bias])
    this.#stem.dispose()
    for (const layer of this.#layers) layer.dispose()
  }

  /**
   * Looks at a picture, at its half and so on.
   *
   * @param ratio - pixels of the network's input for one of the original; what the picture lacks is interpolated
   * @param halved - longer side, in pixels, from which on a look is followed by one of half its size
   */
  #looks({ pyramid, width, height }: Picture, ratio: number, halved: number): Look[] {
    const toWidth = Math.max(1, Math.round(width * ratio))
    const toHeight = Math.max(1, Math.round(height * ratio))
    const looks: Look[] = []
    let input = pyramid.cut({ x: 0, y: 0, width, height }, toWidth, toHeight)
    for (let part = 1; ; part *= 2) {
      looks.push({ ratio: ratio / part, faces: this.#look(input, (part * width) / toWidth, (part * height) / toHeight) })
      if (Math.max(input.width, input.height) < halved) return looks
      input = input.halve()
    }
  }

  /** One look. `scaleX` and `scaleY`: pixels of the original for one of the input. */
  #look(input: SubsampledPicture, scaleX: number, scaleY: number): DetectedFace[] {
    const columns = Math.ceil(input.width / cellSize)
    const rows = Math.ceil(input.height / cellSize)
    const output = tf.tidy(() => this.#run(input, rows, columns))
    const faces = this.#boxes(output.dataSync<'float32'>(), rows, columns, scaleX, scaleY)
    output.dispose()
    return faces
  }

  #run(input: SubsampledPicture, rows: number, columns: number): tf.Tensor4D {
    // Whole cells; what is beyond the picture is the mean colour (0), as the network was trained.
    const halvings = this.#layers.length
    const size = (halved: number): [number, number] => [(rows * cellSize) >> halved, (columns * cellSize) >> halved]
    const x = this.#layers.reduce(
      (picture, layer, index) => layer.run(picture, size(Math.min(index + 2, halvings))),
      this.#stem.run(input, size(1)),
    )
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

function wholeNumbers({ bytes, shape, zero, scale }: StoredWeight): QuantizedFilter {
  return { values: Int16Array.from(bytes, (value) => value - zero), shape, scale }
}

function floats({ bytes, zero, scale }: StoredWeight): Float32Array {
  return Float32Array.from(bytes, (value) => (value - zero) * scale)
}

function longerSide({ box }: DetectedFace): number {
  return Math.max(box.width, box.height)
}

function bestOverlapping(face: DetectedFace, others: readonly DetectedFace[], overlap: number): DetectedFace | undefined {
  let best: DetectedFace | undefined
  for (const other of others) {
    if (other.score > (best?.score ?? 0) && intersectionOverUnion(face.box, other.box) > overlap) best = other
  }
  return best
}

/** What one look saw. */
interface Look {
  /** Pixels of the network's input for one of the picture. */
  readonly ratio: number
  readonly faces: DetectedFace[]
}

/** The picture that is searched. */
interface Picture {
  readonly width: number
  readonly height: number
  readonly pyramid: PicturePyramid
}

function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D {
  return tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 'same' })
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function outOfRange(name: string, value: number, range: string): EmoRangeError {
  return new EmoRangeError('OPTION_RANGE', `${name} must be ${range}, not ${value}.`, { details: { [name]: value } })
}
