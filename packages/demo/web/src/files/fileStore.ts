import { computed, signal, type Signal } from '@preact/signals'
import { sniffMedia } from '../../../src/mediaKind.ts'
import type { FilePrediction } from '../../../src/prediction.ts'
import { models } from '../workers/modelClient.ts'
import type { AudioAnalysis, ImageAnalysis } from '../workers/protocol.ts'
import { analyzeVideo, type VideoAnalysis } from './analyzeVideo.ts'
import { decodeWithBrowser } from './decodeWithBrowser.ts'

/** What became of a file. */
type FileState =
  | { readonly phase: 'working'; readonly done?: number }
  | { readonly phase: 'done'; readonly result: AudioAnalysis | ImageAnalysis | VideoAnalysis }
  | { readonly phase: 'failed'; readonly code: string; readonly message: string }

/** A file that the person gave. */
export interface FileItem {
  readonly id: number
  readonly name: string
  /** Object URL of its contents, for this page only. */
  readonly url: string
  readonly kind: 'audio' | 'image' | 'video' | 'unknown'
  readonly state: Signal<FileState>
}

/** Newest first. */
export const fileItems = signal<readonly FileItem[]>([])

/** The answers so far, as the command line writes them. */
export const filePredictions = computed<readonly FilePrediction[]>(() =>
  fileItems.value.flatMap((item) => {
    const state = item.state.value
    if (state.phase !== 'done' || !state.result.answer) return []
    const { result } = state
    const { emotion, confidence, scores } = result.answer!
    if (result.kind === 'image') return [{ file: item.name, modality: 'face', emotion, confidence, scores, faces: result.faces }]
    const modality = result.kind === 'audio' || result.audio?.answer ? 'speech' : 'face'
    return [{ file: item.name, modality, emotion, confidence, scores }]
  }),
)

let nextId = 0

/** Takes files and answers them, one after the other for each model. */
export function addFiles(files: Iterable<File>): void {
  for (const file of files) void addFile(file)
}

/** Forgets a file and its answer. */
export function removeFile(item: FileItem): void {
  URL.revokeObjectURL(item.url)
  fileItems.value = fileItems.value.filter((other) => other !== item)
}

/** Forgets everything. */
export function removeAllFiles(): void {
  for (const item of fileItems.value) URL.revokeObjectURL(item.url)
  fileItems.value = []
}

async function addFile(file: File): Promise<void> {
  const head = new Uint8Array(
    await file
      .slice(0, 16)
      .arrayBuffer()
      .catch(() => new ArrayBuffer(0)),
  )
  const known = sniffMedia(head)
  const declared = /^(audio|image|video)\//.exec(file.type)?.[1] as 'audio' | 'image' | 'video' | undefined
  const kind = known?.kind ?? declared
  const item: FileItem = {
    id: nextId++,
    name: file.name,
    url: URL.createObjectURL(file),
    kind: kind ?? 'unknown',
    state: signal<FileState>({ phase: 'working' }),
  }
  fileItems.value = [item, ...fileItems.value]
  try {
    if (file.size === 0) throw Object.assign(new Error('The file is empty.'), { code: 'FILE_EMPTY' })
    if (!kind) {
      throw Object.assign(new Error('Neither a recording nor a picture nor a film that this browser knows.'), { code: 'FILE_UNSUPPORTED' })
    }
    item.state.value = { phase: 'done', result: await analyze(file, item, known !== undefined) }
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    item.state.value = {
      phase: 'failed',
      code: typeof code === 'string' ? code : 'UNEXPECTED',
      message: typeof message === 'string' ? sentence(message) : String(error),
    }
  }
}

async function analyze(file: File, item: FileItem, decodable: boolean): Promise<AudioAnalysis | ImageAnalysis | VideoAnalysis> {
  if (item.kind === 'video') {
    return analyzeVideo(file, item.url, (done) => {
      item.state.value = { phase: 'working', done }
    })
  }
  const bytes = await file.arrayBuffer()
  if (item.kind === 'image') return models.face.request('analyzeImage', { bytes }, [bytes])
  if (decodable) return models.speech.request('analyzeAudio', { bytes }, [bytes])
  const audio = await decodeWithBrowser(bytes)
  return models.speech.request('analyzeAudio', audio, [audio.samples.buffer])
}

function sentence(text: string): string {
  // The decoders name what they were given; here the name stands above.
  const bare = text.replace(/^(audio|image): /, '')
  const capital = bare.charAt(0).toUpperCase() + bare.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
