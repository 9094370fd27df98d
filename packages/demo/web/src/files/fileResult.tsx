import { useSignal } from '@preact/signals'
import { AnswerPanel, Timings } from '../components/answerPanel.tsx'
import { CloseIcon } from '../components/icons.tsx'
import { ModelProgress } from '../components/modelProgress.tsx'
import { models } from '../workers/modelClient.ts'
import type { AudioAnalysis, ImageAnalysis } from '../workers/protocol.ts'
import type { VideoAnalysis } from './analyzeVideo.ts'
import { AudioPlayer, VideoPlayer } from './players.tsx'
import { removeFile, type FileItem } from './fileStore.ts'
import { FacePicture } from './facePicture.tsx'

const KIND_LABEL = { audio: 'Recording', image: 'Picture', video: 'Film', unknown: 'File' } as const

/** One file: what it is, what was found in it, or why nothing could be. */
export function FileResult({ item }: { readonly item: FileItem }) {
  const state = item.state.value
  return (
    <article class="card result" data-testid="result" data-phase={state.phase} aria-busy={state.phase === 'working'}>
      <div class="result-head">
        <span class="pill">{KIND_LABEL[item.kind]}</span>
        <h3 title={item.name}>{item.name}</h3>
        <button type="button" class="icon-button" aria-label={`Remove ${item.name}`} onClick={() => removeFile(item)}>
          <CloseIcon />
        </button>
      </div>
      {state.phase === 'working' && (
        <ModelProgress
          client={item.kind === 'audio' ? models.speech : models.face}
          fallback={state.done === undefined ? 'Listening and looking' : `${Math.round(100 * state.done)} % of the film`}
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
      {state.phase === 'done' && state.result.kind === 'image' && <ImageResult item={item} result={state.result} />}
      {state.phase === 'done' && state.result.kind === 'video' && <VideoResult item={item} result={state.result} />}
    </article>
  )
}

function AudioResult({ item, result }: { readonly item: FileItem; readonly result: AudioAnalysis }) {
  return (
    <div class="result-body">
      <AudioPlayer url={item.url} analysis={result} />
      <div>
        <AnswerPanel answer={result.answer} missing="No voice found" />
        <Timings timings={result.timings} />
      </div>
    </div>
  )
}

function ImageResult({ item, result }: { readonly item: FileItem; readonly result: ImageAnalysis }) {
  const selected = useSignal(0)
  const answer = result.faces.length > 0 ? result.faces[selected.value] : undefined
  return (
    <div class="result-body">
      <FacePicture
        url={item.url}
        name={item.name}
        result={result}
        selected={selected.value}
        onSelect={(index) => (selected.value = index)}
      />
      <div>
        <AnswerPanel answer={answer} missing="No face found" />
        {result.faces.length > 1 && (
          <p class="small muted which-face">
            Face {selected.value + 1} of {result.faces.length}: choose another in the picture.
          </p>
        )}
        <Timings timings={result.timings} />
      </div>
    </div>
  )
}

function VideoResult({ item, result }: { readonly item: FileItem; readonly result: VideoAnalysis }) {
  return (
    <div class="result-body">
      <VideoPlayer url={item.url} analysis={result} />
      <div>
        <AnswerPanel answer={result.answer} missing="Neither voice nor face" />
        <Timings timings={result.timings} />
      </div>
    </div>
  )
}
