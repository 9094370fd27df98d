import type { FaceEmotionModel } from '@emo/face-model'
import { sniffMedia } from '../../../src/mediaKind.ts'
import { CROP_MAX_SIDE, largestFirst } from '../../../src/predictor.ts'
import type { FaceAnswer } from '../../../src/prediction.ts'
import type { ImageAnalysis } from '../workers/protocol.ts'
import { screenPicture } from './screenPicture.ts'

/** Decodes a picture and judges every face in it; a picture too small for a face and its surroundings is taken for a face. */
export async function analyzeImage(model: FaceEmotionModel, buffer: ArrayBuffer): Promise<ImageAnalysis> {
  const started = performance.now()
  const bytes = new Uint8Array(buffer)
  const type = sniffMedia(bytes)
  // The decoders of the command line where they apply, so that both see the same pixels; the browser's for anything else (WebP, AVIF, ...).
  const image = type?.kind === 'image' ? await (await import('@emo/datasets')).decodeImage(bytes) : await decodeWithBrowser(bytes)
  const { width, height } = image
  const decoded = performance.now()
  const faces = await judge(model, image)
  const judged = performance.now()
  const picture = type?.name === 'tiff' && 'channels' in image ? await screenPicture(image) : undefined
  if ('close' in image) image.close()
  return {
    kind: 'image',
    width,
    height,
    answer: faces[0],
    faces,
    picture,
    timings: { decode: decoded - started, detect: judged - decoded },
  }
}

type Drawable = Parameters<FaceEmotionModel['predict']>[0] & { readonly width: number; readonly height: number }

async function judge(model: FaceEmotionModel, image: Drawable): Promise<FaceAnswer[]> {
  const { width, height } = image
  if (Math.max(width, height) > CROP_MAX_SIDE) return largestFirst(await model.detectAsync(image))
  const { emotion, confidence, scores, uncertain } = model.predict(image)
  return [{ box: { x: 0, y: 0, width, height }, emotion, confidence, scores, uncertain }]
}

async function decodeWithBrowser(bytes: Uint8Array<ArrayBuffer>): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(new Blob([bytes]))
  } catch (error) {
    throw Object.assign(new Error('This browser cannot read this picture.', { cause: error }), { code: 'IMAGE_UNDECODABLE' })
  }
}
