import { EmoError } from '@emo/errors'
import { FaceEmotionModel } from '../faceEmotionModel.ts'
import type { AnswerMessage, RequestMessage, Requests } from './messages.ts'

/** The part of a worker's global scope that is used. */
export interface WorkerPort {
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(data: unknown): void
}

type Handlers = {
  [Method in keyof Requests]: (
    argument: Requests[Method]['argument'],
    id: number,
  ) => Requests[Method]['answer'] | Promise<Requests[Method]['answer']>
}

/** Answers requests on a port, one after the other, until it is closed. */
export function serveFaceModel(port: WorkerPort): void {
  let model: FaceEmotionModel | undefined
  const loaded = (): FaceEmotionModel => {
    if (model === undefined) throw new EmoError('MODEL_NOT_LOADED', 'The worker has no model yet.')
    return model
  }
  const handlers: Handlers = {
    async load(options, id) {
      model?.dispose()
      model = undefined
      model = await FaceEmotionModel.load({
        ...options,
        onProgress: (bytes, total) => {
          port.postMessage({ id, progress: { loaded: bytes, total } } satisfies AnswerMessage)
        },
      })
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
  }
  let last: Promise<void> = Promise.resolve()
  port.addEventListener('message', ({ data }) => {
    if (isRequest(data)) last = last.then(() => answer(data))
  })

  async function answer<Method extends keyof Requests>({ id, method, argument }: RequestMessage<Method>): Promise<void> {
    try {
      const result = await handlers[method](argument, id)
      port.postMessage({ id, result } satisfies AnswerMessage)
    } catch (error) {
      const { code = 'WORKER_FAILED', message } = error as { code?: string; message: string }
      port.postMessage({ id, error: { code, message } } satisfies AnswerMessage)
    }
  }

  function isRequest(data: unknown): data is RequestMessage {
    const message = data as Partial<RequestMessage> | null
    return (
      typeof message === 'object' && message !== null && typeof message.id === 'number' && Object.hasOwn(handlers, String(message.method))
    )
  }
}
