import type { FaceEmotionModel } from '@emo/face-model'
import { sniffMedia } from '../../../src/mediaKind.ts'
import { CROP_MAX_SIDE, largestFirst } from '../../../src/predictor.ts'
import type { FaceAnswer } from '../../../src/prediction.ts'
import type { ImageAnalysis } from '../workers/protocol.ts'

/** Decodes a picture and judges every face in it; a picture too small for a face and its surroundings is taken for a face. */
export async function analyzeImage(model: FaceEmotionModel, buffer: ArrayBuffer): Promise<ImageAnalysis> {
  const started = performance.now()
  const image = await decode(new Uint8Array(buffer))
  const { width, height } = image
  const decoded = performance.now()
  let faces: FaceAnswer[]
  if (Math.max(width, height) <= CROP_MAX_SIDE) {
    const { emotion, confidence, scores } = model.predict(image)
    faces = [{ box: { x: 0, y: 0, width, height }, emotion, confidence, scores }]
  } else faces = largestFirst(await model.detectAsync(image))
  return {
    kind: 'image',
    width,
    height,
    answer: faces[0],
    faces,
    timings: { decode: decoded - started, detect: performance.now() - decoded },
  }
}

type Drawable = Parameters<FaceEmotionModel['predict']>[0] & { readonly width: number; readonly height: number }

/** The decoders of the command line where they apply, so that both see the same pixels; the browser's for anything else (WebP, AVIF, ...). */
async function decode(bytes: Uint8Array<ArrayBuffer>): Promise<Drawable> {
  if (sniffMedia(bytes)?.kind === 'image') return (await import('@emo/datasets')).decodeImage(bytes)
  return createImageBitmap(new Blob([bytes]))
}
