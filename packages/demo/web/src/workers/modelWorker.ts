import type { FaceEmotionModel, FaceModelLoadOptions } from '@emo/face-model'
import type { SpeechEmotionModel } from '@emo/speech-model'
import { frameReport } from '../analysis/frameReport.ts'
import type { LiveFaces } from '../analysis/liveFaces.ts'
import type { Comparison, Example, ModelFiles } from '../personal/protocol.ts'
import type { FrameReport, Requests, WorkerMessage, WorkerRequest } from './protocol.ts'

/** The part of a dedicated worker's global scope that is used here; the DOM library describes a window instead. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<WorkerRequest>) => void) | null
  postMessage(message: WorkerMessage, transfer?: Transferable[]): void
}
const scope = self as unknown as WorkerScope

/** The page's models, and those that the person made of them; one modality a worker. */
const page: { speech?: SpeechEmotionModel; face?: FaceEmotionModel } = {}
const own: { speech?: SpeechEmotionModel; face?: FaceEmotionModel } = {}
let stream: { close(): void } | undefined
let liveFaces: LiveFaces | undefined

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
      const body = await analyzeAudio(speech(), request.body, (done) => scope.postMessage({ kind: 'step', id: request.id, done }))
      return { body, transfer: [body.peaks.buffer, body.spectrogram.data.buffer] }
    }
    case 'analyzeImage': {
      const { analyzeImage } = await import('../analysis/analyzeImage.ts')
      return { body: await analyzeImage(face(), request.body.bytes) }
    }
    case 'detect':
      return { body: await detect(request.body.bitmap) }
    case 'warmUp':
      if (page.speech) (await import('../analysis/liveSpeech.ts')).warmUpSpeech(speech())
      else await (await import('../analysis/liveFaces.ts')).warmUpFaces(face())
      return { body: undefined }
    case 'startFollowing': {
      const { createLiveFaces } = await import('../analysis/liveFaces.ts')
      liveFaces = await createLiveFaces(face())
      return { body: undefined }
    }
    case 'follow':
      return { body: await liveFaces!.update(request.body.frame, request.body.time) }
    case 'stopFollowing':
      liveFaces = undefined
      return { body: undefined }
    case 'startStream': {
      const { startLiveSpeech } = await import('../analysis/liveSpeech.ts')
      stream?.close()
      stream = startLiveSpeech(speech(), request.body, (report) =>
        scope.postMessage({ kind: 'live', report }, [report.peaks.buffer, report.spectrogram.data.buffer]),
      )
      return { body: undefined }
    }
    case 'cutFace': {
      const { cutFace } = await import('../personal/trainers.ts')
      const body = await cutFace(page.face!, request.body.bitmap)
      request.body.bitmap.close()
      return { body, transfer: body && [body.data.buffer] }
    }
    case 'personalize':
      return { body: await makeOwn(request.body.examples) }
    case 'exportOwn': {
      const body = await (own.speech ?? own.face)!.save()
      return { body, transfer: [body.weights.buffer] }
    }
    case 'importOwn':
      await importOwn(request.body)
      return { body: undefined }
    case 'deleteOwn':
      deleteOwn()
      return { body: undefined }
    case 'stopStream':
      stream?.close()
      stream = undefined
      return { body: undefined }
  }
}

/** The model that answers. */
function speech(): SpeechEmotionModel {
  return own.speech ?? page.speech!
}

function face(): FaceEmotionModel {
  return own.face ?? page.face!
}

function deleteOwn(): void {
  own.speech?.dispose()
  own.face?.dispose()
  own.speech = own.face = undefined
}

async function makeOwn(examples: readonly Example[]): Promise<Comparison> {
  const { personalize } = await import('../personal/personalize.ts')
  const trainers = await import('../personal/trainers.ts')
  const onProgress = (done: number): void => scope.postMessage({ kind: 'training', done })
  if (page.speech) {
    const { model, comparison } = await personalize(await trainers.speechTrainer(page.speech), examples, onProgress)
    deleteOwn()
    own.speech = model
    return comparison
  }
  const { model, comparison } = await personalize(await trainers.faceTrainer(page.face!), examples, onProgress)
  deleteOwn()
  own.face = model
  return comparison
}

/** A broken file leaves the model in use as it is. */
async function importOwn(weights: ModelFiles): Promise<void> {
  if (page.speech) {
    const model = await (await import('@emo/speech-model')).SpeechEmotionModel.load({ weights })
    deleteOwn()
    own.speech = model
  } else {
    const model = await loadFaceModel({ weights })
    deleteOwn()
    own.face = model
  }
}

async function load({ modality, live }: Requests['load']['request']): Promise<void> {
  const onProgress = (loaded: number, total: number | undefined): void => scope.postMessage({ kind: 'progress', loaded, total })
  if (modality === 'speech') {
    const [{ SpeechEmotionModel }] = await Promise.all([import('@emo/speech-model'), live && import('../analysis/liveSpeech.ts')])
    page.speech = await SpeechEmotionModel.load({ onProgress })
  } else {
    const detector = live && import('../analysis/liveFaces.ts').then(({ loadDetector }) => loadDetector())
    ;[page.face] = await Promise.all([loadFaceModel({ onProgress }), detector])
  }
}

async function loadFaceModel(options: FaceModelLoadOptions): Promise<FaceEmotionModel> {
  const [{ FaceEmotionModel }, { pictureDetector }] = await Promise.all([
    import('@emo/face-model'),
    import('../analysis/pictureDetector.ts'),
  ])
  return FaceEmotionModel.load({ ...options, detector: pictureDetector })
}

async function detect(bitmap: ImageBitmap): Promise<FrameReport> {
  const started = performance.now()
  const { width, height } = bitmap
  const faces = await face().detectAsync(bitmap)
  bitmap.close()
  return frameReport(faces, { width, height }, started)
}
