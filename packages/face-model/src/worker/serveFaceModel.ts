import { EmoError } from '@emo/errors'
import { serveRequests, type WorkerPort } from '@emo/runtime'
import { FaceEmotionModel } from '../faceEmotionModel.ts'
import type { Requests } from './messages.ts'

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
    predict: (image) => loaded().predict(image),
    predictBatch: (images) => loaded().predictBatch(images),
    detect: (image) => loaded().detect(image),
    dispose() {
      model?.dispose()
      model = undefined
      return null
    },
  })
}
