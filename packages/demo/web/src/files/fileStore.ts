import { computed, signal, type Signal } from '@preact/signals'
import type { CorpusEmotion } from '@emo/datasets'
import { sniffMedia } from '../../../src/mediaKind.ts'
import type { WrittenPrediction } from '../../../src/predictionFormat.ts'
import type { AudioAnalysis, ImageAnalysis } from '../workers/protocol.ts'
import { analyzeFile } from './analyzeFile.ts'
import type { VideoAnalysis } from './analyzeVideo.ts'
import { explainFileFailure, failure } from './explainFileFailure.ts'
import { toPrediction } from './toPrediction.ts'

/** Everything that is found in a file. */
export type FileAnalysis = AudioAnalysis | ImageAnalysis | VideoAnalysis

/** What became of a file. */
type FileState =
  | { readonly phase: 'waiting' }
  /** `done`: share of it judged, where that is known. */
  | { readonly phase: 'working'; readonly done?: number }
  /** `picture`: object URL of a picture that the browser cannot show by itself. */
  | { readonly phase: 'done'; readonly result: FileAnalysis; readonly picture?: string }
  | { readonly phase: 'failed'; readonly code: string; readonly message: string }

/** What a file is taken for. */
type FileKind = 'audio' | 'image' | 'video' | 'unknown'

/** A file that the person gave. */
export interface FileItem {
  readonly id: number
  readonly name: string
  /** Object URL of its contents, for this page only. */
  readonly url: string
  /** By its name first, by its contents once they are looked at. */
  readonly kind: Signal<FileKind>
  readonly state: Signal<FileState>
  /** Of an example: what its actor meant. */
  readonly acted?: CorpusEmotion
  /** Aborted when the file is removed: what waits is left out then, and what is under way stops where it can. */
  readonly removal: AbortController
}

/** The newest on top; files given together in their order. */
export const fileItems = signal<readonly FileItem[]>([])

/** The file that was answered or refused last. */
export const lastFinished = signal<FileItem | undefined>(undefined)

/** The answers so far, each with its file: two files may have the same name. */
export const answeredFiles = computed<readonly { readonly item: FileItem; readonly prediction: WrittenPrediction }[]>(() =>
  fileItems.value.flatMap((item) => {
    const state = item.state.value
    const prediction = state.phase === 'done' && toPrediction(item.name, state.result)
    return prediction ? [{ item, prediction }] : []
  }),
)

let nextId = 0

/** Takes files and answers them, one after the other for each model; returns them as they are shown. */
export function addFiles(files: Iterable<File>, acted?: CorpusEmotion): readonly FileItem[] {
  const given = [...files].map((file) => ({ file, item: createItem(file, acted) }))
  const items = given.map(({ item }) => item)
  fileItems.value = [...items, ...fileItems.value]
  void answerAll(given)
  return items
}

/** Forgets a file and its answer. */
export function removeFile(item: FileItem): void {
  forget(item)
  fileItems.value = fileItems.value.filter((other) => other !== item)
}

/** Forgets everything. */
export function removeAllFiles(): void {
  for (const item of fileItems.value) forget(item)
  fileItems.value = []
}

function forget(item: FileItem): void {
  item.removal.abort()
  URL.revokeObjectURL(item.url)
  const state = item.state.value
  if (state.phase === 'done' && state.picture) URL.revokeObjectURL(state.picture)
}

function createItem(file: File, acted: CorpusEmotion | undefined): FileItem {
  return {
    id: nextId++,
    name: file.name,
    url: URL.createObjectURL(file),
    kind: signal<FileKind>(declaredKind(file)),
    state: signal<FileState>({ phase: 'waiting' }),
    acted,
    removal: new AbortController(),
  }
}

function declaredKind(file: File): FileKind {
  return (/^(audio|image|video)\//.exec(file.type)?.[1] as FileKind | undefined) ?? 'unknown'
}

async function answerAll(given: readonly { readonly file: File; readonly item: FileItem }[]): Promise<void> {
  // Looked at in turn, so that they stand in line as they stand on the page.
  for (const { file, item } of given) {
    const head = await file
      .slice(0, 16)
      .arrayBuffer()
      .catch(() => new ArrayBuffer(0))
    const known = sniffMedia(new Uint8Array(head))
    if (known) item.kind.value = known.kind
    void answer(file, item, known !== undefined)
  }
}

async function answer(file: File, item: FileItem, decodable: boolean): Promise<void> {
  const { signal: removed } = item.removal
  try {
    if (file.size === 0) throw failure('FILE_EMPTY')
    if (item.kind.value === 'unknown') throw failure('FILE_UNSUPPORTED')
    const result = await analyzeFile(file, item, decodable)
    if (removed.aborted) return
    const picture = result.kind === 'image' && result.picture ? URL.createObjectURL(result.picture) : undefined
    item.state.value = { phase: 'done', result, picture }
  } catch (error) {
    if (removed.aborted) return
    item.state.value = { phase: 'failed', ...explainFileFailure(error) }
  }
  lastFinished.value = item
}
