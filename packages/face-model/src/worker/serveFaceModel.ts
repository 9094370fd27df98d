import { EmoError } from '@emo/errors'
import { serveRequests, type WorkerPort } from '@emo/runtime'
import { FaceEmotionModel } from '../faceEmotionModel.ts'
import type { Requests, SendableImage } from './messages.ts'

/** Answers requests on a port, one after the other, until it is closed. */
export function serveFaceModel(port: WorkerPort): void {
  let model: FaceEmotionModel | undefined
  const loaded = (): FaceEmotionModel => {
    if (model === undefined) throw new EmoError('MODEL_NOT_LOADED', 'The worker has no model yet.')
    return model
  }
  serveRequests<Requests>(port, {
    async load(options, onProgress) {
      model?.dispose()
      model = undefined
      model = await FaceEmotionModel.load({ ...options, onProgress })
      return model.card
    },
    predict: (image) => closing([image], () => loaded().predict(image)),
    predictBatch: (images) => closing(images, () => loaded().predictBatch(images)),
    detect: (image) => closing([image], () => loaded().detect(image)),
    dispose() {
      model?.dispose()
      model = undefined
      return null
    },
  })
}

/** Bitmaps and frames hold memory, a camera's frames the camera itself, until they are closed; what came in a message is the worker's own. */
function closing<Answer>(images: readonly SendableImage[], answer: () => Answer): Answer {
  try {
    return answer()
  } finally {
    // The declared type is not what every page sends.
    const given: readonly unknown[] = Array.isArray(images) ? images : []
    for (const image of given) if (isClosable(image)) image.close()
  }
}

function isClosable(image: unknown): image is { close(): void } {
  return typeof (image as { close?: unknown } | null | undefined)?.close === 'function'
}
