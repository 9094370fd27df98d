import { EmoError } from '@emo/errors'
import { SpeechEmotionModel } from '../speechEmotionModel.ts'
import type { SpeechStream } from '../speechStream.ts'
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
export function serveSpeechModel(port: WorkerPort): void {
  let model: SpeechEmotionModel | undefined
  const streams = new Map<number, SpeechStream>()
  let lastStream = 0
  const loaded = () => {
    if (!model) throw new EmoError('MODEL_NOT_LOADED', 'the worker has no model yet')
    return model
  }
  const opened = (id: number) => {
    const stream = streams.get(id)
    if (!stream) throw new EmoError('STREAM_CLOSED', 'this stream is closed; create a new one')
    return stream
  }
  const handlers: Handlers = {
    async load(options, id) {
      model?.dispose()
      model = await SpeechEmotionModel.load({
        ...options,
        onProgress: (bytes, total) => port.postMessage({ id, progress: { loaded: bytes, total } } satisfies AnswerMessage),
      })
      return model.card
    },
    predict: (input) => loaded().predict(input),
    predictBatch: (inputs) => loaded().predictBatch(inputs),
    openStream(options) {
      streams.set(++lastStream, loaded().createStream(options))
      return lastStream
    },
    push: ({ stream, chunk }) => opened(stream).push(chunk),
    closeStream({ stream }) {
      streams.get(stream)?.close()
      streams.delete(stream)
      return null
    },
    dispose() {
      for (const stream of streams.values()) stream.close()
      streams.clear()
      model?.dispose()
      model = undefined
      return null
    },
  }
  let last: Promise<void> = Promise.resolve()
  port.addEventListener('message', ({ data }) => {
    if (!isRequest(data)) return
    last = last.then(() => answer(data))
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
    return typeof message === 'object' && message !== null && typeof message.id === 'number' && String(message.method) in handlers
  }
}
