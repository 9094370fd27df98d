import { EmoError } from '@emo/errors'
import type { MediaFormat } from './mediaKind.ts'
import type { EmotionAnswer, FaceAnswer, FaceBox, Modality } from './prediction.ts'

/** A recording, decoded. */
export interface DecodedAudio {
  /** Mono, -1 to 1. */
  readonly samples: Float32Array
  /** In hertz. */
  readonly sampleRate: number
}

/** A picture, decoded: rows from the top, pixels from the left, channels interleaved, 0 to 255. */
export interface DecodedImage {
  readonly data: Uint8Array | Uint8ClampedArray
  readonly width: number
  readonly height: number
  /** 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 3 | 4
}

/** The part of `SpeechEmotionModel` that files need. */
export interface SpeechPredictor {
  /** `emotion` is `null` where nobody speaks. */
  predict(audio: DecodedAudio): Omit<EmotionAnswer, 'emotion'> & { readonly emotion: EmotionAnswer['emotion'] | null }
}

/** The part of `FaceEmotionModel` that files need. */
export interface FacePredictor {
  predict(face: DecodedImage): EmotionAnswer | Promise<EmotionAnswer>
  detect(image: DecodedImage): readonly FaceAnswer[] | Promise<readonly FaceAnswer[]>
}

/** Where decoders and models come from; each is asked for only when a file needs it. */
export interface PredictorSources {
  /** Mixed to mono. `fileName` is for messages. */
  decodeAudio(bytes: Uint8Array, fileName: string): Promise<DecodedAudio>
  decodeImage(bytes: Uint8Array, fileName: string): Promise<DecodedImage>
  loadSpeechModel(): Promise<SpeechPredictor>
  loadFaceModel(options: { readonly mirrored?: boolean }): Promise<FacePredictor>
}

/** How pictures are read. */
export interface PredictorOptions {
  /** Whether every picture is one face that fills it: no detection. Default: only those of at most {@link CROP_MAX_SIDE} pixels a side. */
  readonly crops?: boolean
  /** Looks at each face a second time as its mirror image: more accurate, in about twice the time. */
  readonly mirrored?: boolean
}

/** The answer for the contents of a file. */
export interface MediaAnswer extends EmotionAnswer {
  readonly modality: Modality
  readonly faces?: readonly FaceAnswer[]
}

/** Pictures of at most this many pixels a side are taken for faces already cut out, as in FER2013 (48). */
export const CROP_MAX_SIDE = 96

/** In pictures with fewer pixels a side there is no face to be made out. */
const FACE_MIN_SIDE = 16

/** Whether a picture is taken for one face that fills it. */
export function isCrop({ width, height }: Pick<DecodedImage, 'width' | 'height'>, crops: boolean | undefined): boolean {
  return crops ?? Math.max(width, height) <= CROP_MAX_SIDE
}

/** Answers for recordings and pictures, loading each model once, when first needed. */
export class Predictor {
  readonly #sources: PredictorSources
  readonly #options: PredictorOptions
  #speechModel: Promise<SpeechPredictor> | undefined
  #faceModel: Promise<FacePredictor> | undefined

  constructor(sources: PredictorSources, options: PredictorOptions = {}) {
    this.#sources = sources
    this.#options = options
  }

  /**
   * @param bytes - the whole file
   * @param fileName - for messages
   * @throws EmoError `SPEECH_NOT_FOUND` for a recording without a voice, `FACE_NOT_FOUND` for a picture without a face, `IMAGE_TOO_SMALL` for one that can show none; the decoders' and models' own codes pass through
   */
  async answer(bytes: Uint8Array, format: MediaFormat, fileName: string): Promise<MediaAnswer> {
    return format.kind === 'audio' ? this.#answerAudio(bytes, fileName) : this.#answerImage(bytes, fileName)
  }

  async #answerAudio(bytes: Uint8Array, fileName: string): Promise<MediaAnswer> {
    // Started together: the decoder's own WASM compiles while the weights are read.
    const model = (this.#speechModel ??= this.#sources.loadSpeechModel())
    const [audio, speech] = await Promise.all([this.#sources.decodeAudio(bytes, fileName), model])
    const { emotion, confidence, scores, uncertain } = speech.predict(audio)
    if (emotion === null) throw new EmoError('SPEECH_NOT_FOUND', 'no voice found in this recording')
    return { modality: 'speech', emotion, confidence, scores, uncertain }
  }

  async #answerImage(bytes: Uint8Array, fileName: string): Promise<MediaAnswer> {
    const model = (this.#faceModel ??= this.#sources.loadFaceModel({ mirrored: this.#options.mirrored }))
    const [image, face] = await Promise.all([this.#sources.decodeImage(bytes, fileName), model])
    const { width, height } = image
    if (Math.min(width, height) < FACE_MIN_SIDE) {
      throw new EmoError('IMAGE_TOO_SMALL', `${width} by ${height} pixels; a face needs at least ${FACE_MIN_SIDE} by ${FACE_MIN_SIDE}`)
    }
    const whole: FaceBox = { x: 0, y: 0, width, height }
    if (isCrop(image, this.#options.crops)) {
      const { emotion, confidence, scores, uncertain } = await face.predict(image)
      const answer = { emotion, confidence, scores, uncertain }
      return { modality: 'face', ...answer, faces: [{ box: whole, ...answer }] }
    }
    const faces = largestFirst(await face.detect(image))
    if (faces.length === 0) {
      throw new EmoError('FACE_NOT_FOUND', 'no face found in this picture; if it is a face already cut out, add --crops')
    }
    const { emotion, confidence, scores, uncertain } = faces[0]
    return { modality: 'face', emotion, confidence, scores, uncertain, faces }
  }
}

/** Orders faces by the area of their boxes. */
export function largestFirst(faces: readonly FaceAnswer[]): FaceAnswer[] {
  return [...faces]
    .map(({ box, emotion, confidence, scores, uncertain }) => ({ box, emotion, confidence, scores, uncertain }))
    .sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)
}
