import type { FaceEmotionModel } from '@emo/face-model'
import type { SpeechEmotionModel } from '@emo/speech-model'
import { largestFirst } from '../../../src/predictor.ts'
import type { Trainer } from './personalize.ts'
import type { Example, FacePixels } from './protocol.ts'

/** For voices. */
export async function speechTrainer(base: SpeechEmotionModel): Promise<Trainer<SpeechEmotionModel>> {
  const { fineTune } = await import('@emo/speech-model')
  return {
    fineTune: (examples, onProgress) =>
      fineTune(
        base,
        examples.map((example) => ({ ...soundOf(example), emotion: example.emotion })),
        { onProgress: ({ epoch, epochs }) => onProgress(epoch / epochs) },
      ),
    scores: (example, model = base) => model.predict(soundOf(example)).scores,
    dispose: (model) => model.dispose(),
  }
}

/** For faces. */
export async function faceTrainer(base: FaceEmotionModel): Promise<Trainer<FaceEmotionModel>> {
  const { fineTune } = await import('@emo/face-model')
  type Known = Parameters<typeof fineTune>[1][number]['emotion']
  return {
    fineTune: (examples, onProgress) =>
      fineTune(
        base,
        // The page offers only emotions that the model knows; the model refuses others by name.
        examples.map((example) => ({ image: pictureOf(example), emotion: example.emotion as Known })),
        { onProgress: ({ epoch, epochs }) => onProgress(epoch / epochs) },
      ),
    scores: (example, model = base) => model.predict(pictureOf(example)).scores,
    dispose: (model) => model.dispose(),
  }
}

/** The largest face of a picture, cut out as the model sees it; nothing without a face. */
export async function cutFace(model: FaceEmotionModel, bitmap: ImageBitmap): Promise<FacePixels | undefined> {
  const largest = largestFirst(await model.detectAsync(bitmap)).at(0)
  if (!largest) return undefined
  const { x, y, width, height } = largest.box
  const side = Math.round(Math.max(width, height))
  const canvas = new OffscreenCanvas(side, side)
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, Math.round(side / 2 - (x + width / 2)), Math.round(side / 2 - (y + height / 2)))
  return { data: context.getImageData(0, 0, side, side).data, width: side, height: side }
}

function soundOf(example: Example): { samples: Float32Array; sampleRate: number } {
  if (!('sound' in example)) throw new TypeError('A picture cannot teach the voice model.')
  return example.sound
}

function pictureOf(example: Example): FacePixels {
  if (!('picture' in example)) throw new TypeError('A recording cannot teach the face model.')
  return example.picture
}
