import { EmoError, EmoRangeError } from '@emo/errors'
import {
  checkOptions,
  compileNetwork,
  describeValue,
  loadModel,
  serializeModel,
  type CompiledNetwork,
  type ModelSource,
  type ReadOptions,
  type SerializedModel,
  type tf,
} from '@emo/runtime'
import { mirror, standardizeImage } from './augmentation.ts'
import { checkList } from './checkArguments.ts'
import { cloneNetwork } from './cloneNetwork.ts'
import { checkDetectorOption, checkFaces, detectorError, type DetectedFace, type DetectionHint, type FaceDetector } from './faceDetector.ts'
import type { FaceModelCard } from './faceModelCard.ts'
import { toPrediction, type DetectedEmotion, type FacePrediction } from './facePrediction.ts'
import { checkMetadata, checkNetwork, type FaceModelMetadata } from './modelMetadata.ts'
import { readCopy, readPixels, type ImageInput, type Pixels } from './pixels.ts'
import { resample, squareAround, type Box } from './resample.ts'
import { SharedDetector } from './sharedDetector.ts'
import { TinyFaceDetector, type TinyFaceDetectorOptions } from './tinyFaceDetector.ts'
import { modelFiles, type WeightsName } from './weightFiles.ts'

/** What {@link FaceEmotionModel.load} takes. */
export interface FaceModelLoadOptions extends ReadOptions {
  /** `'default'`, the model to use; `'paper'`, the published CNN, for comparison; or the two files of a model of your own. */
  readonly weights?: WeightsName | ModelSource
  /** Another detector; options for the one in the package; or false: none, when only {@link FaceEmotionModel.predict} is called. */
  readonly detector?: FaceDetector | TinyFaceDetectorOptions | false
  /**
   * Whether each face is looked at a second time as its mirror image: a point more accurate on FER2013, and the same answer to both, for twice the network's
   * time. Default: as the weights say, false for those in the package.
   */
  readonly mirrored?: boolean
}

/** Faces that go through the network together: enough for its largest tiles, few enough that what passes between layers stays in the second cache. */
const batchSize = 16
/**
 * Side of the square that is cut out around a detected face, as a multiple of the box's longer side. The best of those measured by
 * `training/measureMargin.ts`.
 */
const cropScale = 1

/**
 * Recognises the emotion in faces, on this device.
 *
 * ```ts
 * const model = await FaceEmotionModel.load()
 * for (const { box, emotion, confidence } of model.detect(image)) draw(box, emotion, confidence)
 * ```
 */
export class FaceEmotionModel {
  /** The network itself: standardised grey faces in, scores out (uncalibrated). */
  readonly network: tf.LayersModel
  /** Input, calibration, card. */
  readonly metadata: FaceModelMetadata
  readonly #detector: FaceDetector | undefined
  /** The detector, if it goes with this model. */
  #shared: SharedDetector | undefined
  readonly #run: CompiledNetwork
  #disposed = false

  /**
   * Wraps a network, its metadata and a detector; {@link FaceEmotionModel.load} is the usual way in. The model owns the network from here on, not the detector.
   *
   * @throws EmoError `MODEL_INVALID`
   */
  constructor(network: tf.LayersModel, metadata: FaceModelMetadata, detector?: FaceDetector, ownsDetector = false) {
    this.network = network
    this.metadata = checkMetadata({ face: metadata })
    checkNetwork(network, metadata)
    this.#detector = detector
    if (ownsDetector && detector) this.#shared = new SharedDetector(detector)
    this.#run = compileNetwork(network)
  }

  /**
   * Loads weights and detector, and starts the backend. In Node the files are read from the package, in browsers fetched from where the bundler put them; nothing
   * else is fetched.
   *
   * @throws EmoError `WEIGHTS_UNREADABLE`, `WEIGHTS_DAMAGED`, `WEIGHTS_UNKNOWN`, `MODEL_SOURCE_INVALID`, `MODEL_INVALID`, `OPTIONS_NOT_OBJECT`, `DETECTOR_INVALID`,
   * `SIMD_UNSUPPORTED`; EmoRangeError `OPTION_RANGE`
   */
  static async load(options: FaceModelLoadOptions = {}): Promise<FaceEmotionModel> {
    checkOptions(options, "{ weights: 'paper' }")
    const { weights = 'default', detector = {}, mirrored, ...read } = options
    checkDetectorOption(detector)
    if (mirrored !== undefined && typeof mirrored !== 'boolean')
      throw new EmoRangeError('OPTION_RANGE', `mirrored must be true or false, not ${describeValue(mirrored)}.`, { details: { mirrored } })
    if (typeof weights === 'string' && !Object.hasOwn(modelFiles, weights)) {
      throw new EmoError(
        'WEIGHTS_UNKNOWN',
        `There are no weights "${weights as string}"; give ${Object.keys(modelFiles).join(' or ')}, or the files of a model.`,
        {
          details: { weights },
        },
      )
    }
    const given = detector !== false && 'detect' in detector
    // Both are waited for, whatever becomes of the other: nobody else could free it.
    const [loaded, ready] = await Promise.allSettled([
      loadModel(typeof weights === 'string' ? modelFiles[weights] : weights, read),
      detector === false ? undefined : given ? detector : TinyFaceDetector.load(detector),
    ])
    try {
      const { model, metadata: stored } = valueOf(loaded)
      const metadata = checkMetadata(stored)
      return new FaceEmotionModel(model, mirrored === undefined ? metadata : { ...metadata, mirrored }, valueOf(ready), !given)
    } catch (error) {
      if (loaded.status === 'fulfilled') loaded.value.model.dispose()
      if (!given && ready.status === 'fulfilled') ready.value?.dispose?.()
      throw error
    }
  }

  /** Where these weights come from, what they reach, and what they must not be used for. */
  get card(): FaceModelCard {
    return this.metadata.card
  }

  /** Answers less confident than this are flagged `uncertain`. */
  get uncertainBelow(): number {
    return this.metadata.uncertainBelow
  }

  /**
   * The emotion of one face that fills the picture, as a detector cuts it out. Any size; the longer side is cut to a square around the middle.
   *
   * @throws EmoError `IMAGE_EMPTY`, `IMAGE_SIZE`, `IMAGE_UNSUPPORTED`, `IMAGE_NOT_FINITE`, `IMAGE_CROSS_ORIGIN`, `MODEL_DISPOSED`
   */
  predict(image: ImageInput): FacePrediction {
    return this.predictBatch([image])[0]
  }

  /**
   * The same as {@link FaceEmotionModel.predict} for several faces, many at a time through the network.
   *
   * @throws EmoError as {@link FaceEmotionModel.predict}, `IMAGES_NOT_LIST`; nothing is answered when one picture is bad
   */
  predictBatch(images: readonly ImageInput[]): FacePrediction[] {
    this.#checkAlive()
    checkList('IMAGES_NOT_LIST', 'images', images, 'a list of pictures, or one to predict')
    return this.#predictFaces(
      images.map((image) => {
        const pixels = readPixels(image)
        return this.prepareFace(pixels, middleSquare(pixels))
      }),
    )
  }

  /**
   * Finds the faces of a picture and the emotion of each, in the order of the detector's confidence; an empty list when there is no face.
   *
   * @param hint - where faces were a moment ago, for a video
   * @throws EmoError as {@link FaceEmotionModel.predict}; `DETECTOR_MISSING` when the model was loaded without one; `DETECTOR_ASYNC` when
   * it answers with a promise: use {@link FaceEmotionModel.detectAsync}; `DETECTOR_FAILED` when it throws (its error is the `cause`) or answers anything but faces
   */
  detect(image: ImageInput, hint?: DetectionHint): DetectedEmotion[] {
    const detector = this.#checkDetector()
    const pixels = readPixels(image)
    const faces = askDetector(detector, pixels, hint)
    if (faces instanceof Promise) {
      // Its outcome is nobody's any more.
      faces.catch(() => undefined)
      throw new EmoError('DETECTOR_ASYNC', 'This detector answers with a promise: call detectAsync instead of detect.')
    }
    return this.#answerFaces(pixels, faces)
  }

  /**
   * As {@link FaceEmotionModel.detect}, for detectors that answer with a promise, too. The picture is copied: its memory may be used for the next one at once.
   *
   * @throws EmoError as {@link FaceEmotionModel.detect}, but for `DETECTOR_ASYNC`
   */
  async detectAsync(image: ImageInput, hint?: DetectionHint): Promise<DetectedEmotion[]> {
    const detector = this.#checkDetector()
    const pixels = readCopy(image)
    const faces = await Promise.resolve(askDetector(detector, pixels, hint)).catch((error: unknown) => {
      throw detectorError(error)
    })
    this.#checkAlive()
    return this.#answerFaces(pixels, faces)
  }

  /** One face as the network takes it: `inputSize * inputSize` grey values, standardised. */
  prepareFace(image: ImageInput, box: Box): Float32Array {
    const { inputSize } = this.metadata
    const face = resample(readPixels(image), box, inputSize, inputSize, 1)
    standardizeImage(face)
    return face
  }

  /**
   * The model as two files, `model.json` and its binary, in memory; {@link FaceEmotionModel.load} takes them as `weights`.
   *
   * @throws EmoError `MODEL_DISPOSED`
   */
  async save(): Promise<SerializedModel> {
    this.#checkAlive()
    return serializeModel(this.network, { metadata: { face: this.metadata }, dtype: 'float32' })
  }

  /**
   * A model with a network of its own, equal to this one's, and the same detector: that of the package is freed with the last model that has it, another one is the
   * caller's.
   *
   * @param changes - metadata that differs
   * @throws EmoError `MODEL_DISPOSED`, `MODEL_INVALID`
   */
  async copy(changes: Partial<FaceModelMetadata> = {}): Promise<FaceEmotionModel> {
    this.#checkAlive()
    // At once: this model may be disposed of before the copy is there.
    const shared = this.#shared?.retain()
    let network: tf.LayersModel | undefined
    try {
      network = await cloneNetwork(this.network)
      const copy = new FaceEmotionModel(network, { ...this.metadata, ...changes }, this.#detector)
      copy.#shared = shared
      return copy
    } catch (error) {
      network?.dispose()
      shared?.release()
      throw error
    }
  }

  /**
   * Frees the memory of the weights and, with the last model that has it, of the detector in the package; every later call throws `MODEL_DISPOSED`. Disposing twice
   * is fine.
   */
  dispose(): void {
    if (this.#disposed) return
    this.#disposed = true
    this.network.dispose()
    this.#shared?.release()
  }

  #checkAlive(): void {
    if (this.#disposed) throw new EmoError('MODEL_DISPOSED', 'This face model has been disposed of; load another one.')
  }

  #checkDetector(): FaceDetector {
    this.#checkAlive()
    if (this.#detector === undefined) {
      throw new EmoError(
        'DETECTOR_MISSING',
        'The model was loaded with `detector: false`: load it with one, or cut the faces out and call predict.',
      )
    }
    return this.#detector
  }

  #answerFaces(pixels: Pixels, found: readonly DetectedFace[]): DetectedEmotion[] {
    // Of a face that lies wholly outside there is nothing to see.
    const faces = checkFaces(found).filter(({ box }) => isInside(box, pixels))
    const answers = this.#predictFaces(faces.map(({ box }) => this.prepareFace(pixels, squareAround(box, cropScale))))
    return faces.map(({ box, score }, index) => ({ box: cutBox(box, pixels), faceScore: score, ...answers[index] }))
  }

  #predictFaces(faces: readonly Float32Array[]): FacePrediction[] {
    const { inputSize, mirrored = false } = this.metadata
    const views = mirrored ? faces.flatMap((face) => [face, mirror(face, inputSize)]) : faces
    const outputs = this.#runFaces(views)
    return faces.map((_, index) =>
      toPrediction(mirrored ? mean(outputs[2 * index], outputs[2 * index + 1]) : outputs[index], this.metadata),
    )
  }

  /** The network's output for each face. */
  #runFaces(faces: readonly Float32Array[]): Float32Array[] {
    const { inputSize } = this.metadata
    const outputs: Float32Array[] = []
    for (let start = 0; start < faces.length; start += batchSize) {
      const part = faces.slice(start, start + batchSize)
      const values = new Float32Array(part.length * inputSize * inputSize)
      part.forEach((face, index) => {
        values.set(face, index * inputSize * inputSize)
      })
      const output = this.#run(values, [part.length, inputSize, inputSize, 1])
      const length = output.length / part.length
      part.forEach((_, index) => {
        outputs.push(output.subarray(index * length, (index + 1) * length))
      })
    }
    return outputs
  }
}

function valueOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason
  return result.value
}

function mean(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, index) => (value + b[index]) / 2)
}

function askDetector(detector: FaceDetector, pixels: Pixels, hint: DetectionHint | undefined): ReturnType<FaceDetector['detect']> {
  try {
    return detector.detect(pixels, hint)
  } catch (error) {
    throw detectorError(error)
  }
}

/** Whether any of a box is in the picture. */
function isInside(box: Box, picture: Pixels): boolean {
  return box.x < picture.width && box.y < picture.height && box.x + box.width > 0 && box.y + box.height > 0
}

/** The largest square in the middle of a picture. */
export function middleSquare({ width, height }: Pixels): Box {
  const side = Math.min(width, height)
  return { x: (width - side) / 2, y: (height - side) / 2, width: side, height: side }
}

function cutBox(box: Box, picture: Pixels): Box {
  const x = Math.max(0, box.x)
  const y = Math.max(0, box.y)
  return {
    x,
    y,
    width: Math.max(0, Math.min(picture.width, box.x + box.width) - x),
    height: Math.max(0, Math.min(picture.height, box.y + box.height) - y),
  }
}
