import { useEffect, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { CloseIcon } from '../components/icons.tsx'
import { ModelProgress } from '../components/modelProgress.tsx'
import { models } from '../workers/modelClient.ts'
import type { AudioAnalysis, ImageAnalysis } from '../workers/protocol.ts'
import type { VideoAnalysis } from './analyzeVideo.ts'
import { FileAnswer } from './fileAnswer.tsx'
import { FacePicture } from './facePicture.tsx'
import { removeFile, type FileItem } from './fileStore.ts'
import { focusedFile } from './focusedFile.ts'
import { AudioPlayer, VideoPlayer } from './players.tsx'

const KIND_LABEL = { audio: 'Recording', image: 'Picture', video: 'Film', unknown: 'File' } as const
const WHOLE = { audio: 'recording', image: 'picture', video: 'film', unknown: 'file' } as const

/** One file: what it is, what was found in it, or why nothing could be. */
export function FileResult({ item }: { readonly item: FileItem }) {
  const state = item.state.value
  const kind = item.kind.value
  return (
    <article class="card result" data-testid="result" data-phase={state.phase} aria-busy={state.phase === 'working'}>
      <div class="result-head">
        <span class="pill">{KIND_LABEL[kind]}</span>
        <Name item={item} />
        {state.phase === 'waiting' && <span class="small muted waiting">waiting</span>}
        <button type="button" class="icon-button" aria-label={`Remove ${item.name}`} onClick={() => removeFile(item)}>
          <CloseIcon />
        </button>
      </div>
      {state.phase === 'working' && (
        <ModelProgress
          client={kind === 'audio' ? models.speech : models.face}
          fallback={state.done === undefined ? 'Listening and looking' : `${Math.round(100 * state.done)} % of the ${WHOLE[kind]}`}
        />
      )}
      {state.phase === 'failed' && (
        <p class="notice" role="alert">
          <span>
            {state.message} <code>{state.code}</code>
          </span>
        </p>
      )}
      {state.phase === 'done' && state.result.kind === 'audio' && <AudioResult item={item} result={state.result} />}
      {state.phase === 'done' && state.result.kind === 'image' && (
        <ImageResult name={item.name} url={state.picture ?? item.url} result={state.result} />
      )}
      {state.phase === 'done' && state.result.kind === 'video' && <VideoResult item={item} result={state.result} />}
    </article>
  )
}

/** The name of a file; has the focus where what was pressed to give it is gone. */
function Name({ item }: { readonly item: FileItem }) {
  const heading = useRef<HTMLHeadingElement>(null)
  const wanted = focusedFile.value === item
  useEffect(() => {
    if (!wanted) return
    heading.current!.focus()
    focusedFile.value = undefined
  }, [wanted])
  return (
    <h3 ref={heading} title={item.name} tabIndex={-1}>
      {item.name}
    </h3>
  )
}

function AudioResult({ item, result }: { readonly item: FileItem; readonly result: AudioAnalysis }) {
  return (
    <div class="result-body">
      <AudioPlayer url={item.url} analysis={result} />
      <FileAnswer answer={result.answer} missing="No voice found" timings={result.timings} acted={item.acted} />
    </div>
  )
}

function ImageResult({ name, url, result }: { readonly name: string; readonly url: string; readonly result: ImageAnalysis }) {
  const selected = useSignal(0)
  const answer = result.faces.length > 0 ? result.faces[selected.value] : undefined
  return (
    <div class="result-body level">
      <FacePicture url={url} name={name} result={result} selected={selected.value} onSelect={(index) => (selected.value = index)} />
      <FileAnswer answer={answer} missing="No face found" timings={result.timings}>
        {result.faces.length > 1 && (
          <p class="small muted which-face">
            Face {selected.value + 1} of {result.faces.length}: choose another in the picture.
          </p>
        )}
      </FileAnswer>
    </div>
  )
}

function VideoResult({ item, result }: { readonly item: FileItem; readonly result: VideoAnalysis }) {
  return (
    <VideoPlayer url={item.url} analysis={result}>
      <FileAnswer answer={result.answer} missing="Neither voice nor face" timings={result.timings} />
    </VideoPlayer>
  )
}
