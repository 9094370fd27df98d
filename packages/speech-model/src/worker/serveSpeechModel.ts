import { EmoError } from '@emo/errors'
import { serveRequests, type WorkerPort } from '@emo/runtime'
import { SpeechEmotionModel } from '../speechEmotionModel.ts'
import type { SpeechStream } from '../speechStream.ts'
import type { Requests } from './messages.ts'

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
  serveRequests<Requests>(port, {
    async load(options, onProgress) {
      model?.dispose()
      model = await SpeechEmotionModel.load({ ...options, onProgress })
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
  })
}
