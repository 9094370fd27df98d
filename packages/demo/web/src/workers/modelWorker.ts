import type { FaceEmotionModel } from '@emo/face-model'
import type { SpeechEmotionModel } from '@emo/speech-model'
import type { FrameReport, Requests, WorkerMessage, WorkerRequest } from './protocol.ts'

/** The part of a dedicated worker's global scope that is used here; the DOM library describes a window instead. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null
  postMessage(message: WorkerMessage, transfer?: Transferable[]): void
}
const scope = self as unknown as WorkerScope

let speech: SpeechEmotionModel | undefined
let face: FaceEmotionModel | undefined
let stream: { close(): void } | undefined

scope.onmessage = ({ data }) => {
  answer(data).then(
    ({ body, transfer }) => scope.postMessage({ kind: 'response', id: data.id, body }, transfer),
    (error: unknown) => {
      const { code, message } = error as { code?: unknown; message?: unknown }
      scope.postMessage({
        kind: 'failure',
        id: data.id,
        code: typeof code === 'string' ? code : 'UNEXPECTED',
        message: typeof message === 'string' ? message : String(error),
      })
    },
  )
}

async function answer(request: WorkerRequest): Promise<{ body: unknown; transfer?: Transferable[] }> {
  switch (request.type) {
    case 'load':
      await load(request.body)
      return { body: undefined }
    case 'analyzeAudio': {
      const { analyzeAudio } = await import('../analysis/analyzeAudio.ts')
      const body = await analyzeAudio(speech!, request.body)
      return { body, transfer: [body.peaks.buffer, body.spectrogram.data.buffer] }
    }
    case 'analyzeImage': {
      const { analyzeImage } = await import('../analysis/analyzeImage.ts')
      return { body: await analyzeImage(face!, request.body.bytes) }
    }
    case 'detect':
      return { body: detect(request.body.bitmap) }
    case 'startStream': {
      const { startLiveSpeech } = await import('../analysis/liveSpeech.ts')
      stream?.close()
      stream = startLiveSpeech(speech!, request.body, (report) =>
        scope.postMessage({ kind: 'live', report }, [report.peaks.buffer, report.spectrogram.data.buffer]),
      )
      return { body: undefined }
    }
    case 'stopStream':
      stream?.close()
      stream = undefined
      return { body: undefined }
  }
}

async function load({ modality }: Requests['load']['request']): Promise<void> {
  const onProgress = (loaded: number, total: number | undefined): void => scope.postMessage({ kind: 'progress', loaded, total })
  if (modality === 'speech') speech = await (await import('@emo/speech-model')).SpeechEmotionModel.load({ onProgress })
  else face = await (await import('@emo/face-model')).FaceEmotionModel.load({ onProgress })
}

function detect(bitmap: ImageBitmap): FrameReport {
  const started = performance.now()
  const faces = face!.detect(bitmap)
  bitmap.close()
  return { faces: faces.map(({ box, emotion, confidence, scores }) => ({ box, emotion, confidence, scores })), milliseconds: performance.now() - started }
}
