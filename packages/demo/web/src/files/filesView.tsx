import { EMOTION_FACES } from 'virtual:emotion-faces'
import { useRef } from 'preact/hooks'
import type { CorpusEmotion } from '@emo/datasets'
import astronaut from '../../../examples/astronaut.jpg?url'
import voice from '../../../examples/1001_DFA_ANG_XX.wav?url'
import { EMOTION_DISPLAY } from '../../../src/emotionDisplay.ts'
import { percent } from '../components/answerPanel.tsx'
import { CameraIcon } from '../components/icons.tsx'
import { dragging } from '../fileDrop.ts'
import { models, type ModelClient } from '../workers/modelClient.ts'
import { download, toCsv, toJson } from './exportFiles.ts'
import { addFiles, answeredFiles, fileItems, lastFinished, removeAllFiles, type FileItem } from './fileStore.ts'
import { FileResult } from './fileResult.tsx'
import { focusedFile } from './focusedFile.ts'
import { reportHtml, type ReportEntry } from './reportHtml.ts'
import { thumbnail } from './thumbnail.ts'

const ACCEPT = 'audio/*,image/*,video/*,.wav,.mp3,.flac,.ogg,.oga,.opus,.png,.jpg,.jpeg,.tif,.tiff'

/** Files in, answers out. */
export function FilesView() {
  const items = fileItems.value
  const empty = items.length === 0
  return (
    <>
      {empty ? (
        <div class="hero">
          <h1>Which emotion is in a voice or a face?</h1>
          <p>
            Give Emo a recording, a photograph or a film, or let it listen and look live. It answers with one of eight emotions and how sure
            it is. All of it runs in this page: nothing is uploaded.
          </p>
        </div>
      ) : (
        <h1 class="visually-hidden">Files</h1>
      )}
      <Dropzone compact={!empty} />
      {empty ? <Promises /> : <Results />}
      <Announcer />
    </>
  )
}

function Dropzone({ compact }: { readonly compact: boolean }) {
  const input = useRef<HTMLInputElement>(null)

  return (
    <section class={`dropzone ${compact ? 'compact' : ''} ${dragging.value ? 'over' : ''}`} aria-label="Choose files">
      <div class="faces-row" aria-hidden="true">
        {(['happiness', 'surprise', 'calm', 'sadness', 'anger', 'fear'] as const).map((emotion) => (
          <img key={emotion} src={EMOTION_FACES[emotion]} alt="" width="44" height="44" />
        ))}
      </div>
      <div>
        <strong>{compact ? 'Drop more files' : 'Drop recordings, pictures or films here'}</strong>
        {!compact && <div class="muted small">wav, mp3, flac, ogg · png, jpeg · and what your browser plays</div>}
      </div>
      <div class="ways">
        <button type="button" class="button primary" onClick={() => input.current!.click()}>
          Choose files
        </button>
        {!compact && (
          <a class="button" href="#live">
            <CameraIcon />
            Use camera and microphone
          </a>
        )}
      </div>
      <input
        ref={input}
        type="file"
        multiple
        accept={ACCEPT}
        hidden
        data-testid="file-input"
        onChange={(event) => {
          addFiles(event.currentTarget.files ?? [])
          event.currentTarget.value = ''
        }}
      />
      {!compact && (
        <div class="examples">
          <span class="muted small">No file at hand?</span>
          <Example text="Try a voice" url={voice} name="1001_DFA_ANG_XX.wav" acted="anger" client={models.speech} />
          <Example text="Try a photograph" url={astronaut} name="astronaut.jpg" client={models.face} />
        </div>
      )}
    </section>
  )
}

/** Its model starts to load when the pointer comes near. */
function Example({
  text,
  url,
  name,
  acted,
  client,
}: {
  readonly text: string
  readonly url: string
  readonly name: string
  /** What the actor meant. */
  readonly acted?: CorpusEmotion
  readonly client: ModelClient
}) {
  return (
    <span class="example">
      <button
        type="button"
        class="button small"
        onPointerEnter={() => void client.load().catch(() => undefined)}
        onClick={() => void addExample(url, name, acted)}
      >
        {text}
      </button>
      {acted && <span class="muted small">acted: {EMOTION_DISPLAY[acted].label.toLowerCase()}</span>}
    </span>
  )
}

async function addExample(url: string, name: string, acted: CorpusEmotion | undefined): Promise<void> {
  const response = await fetch(url)
  const [item] = addFiles([new File([await response.blob()], name)], acted)
  focusedFile.value = item
}

function Promises() {
  return (
    <div class="promises">
      <div>
        <h2>Nothing leaves your device</h2>
        <p class="muted small">Both models run here. The page may talk to no other server: the browser itself enforces it.</p>
      </div>
      <div>
        <h2>Honest probabilities</h2>
        <p class="muted small">The bars are calibrated on people the models never met. Where they are unsure, you see it.</p>
      </div>
      <div>
        <h2>An expression, not a mind</h2>
        <p class="muted small">
          Trained on acted emotion. <a href="#about">What it cannot know</a>
        </p>
      </div>
    </div>
  )
}

function Results() {
  const items = fileItems.value
  const answered = answeredFiles.value
  const predictions = answered.map(({ prediction }) => prediction)
  return (
    <section aria-label="Answers">
      <div class="toolbar">
        <h2>
          {predictions.length} of {items.length} answered
        </h2>
        <button
          type="button"
          class="button small"
          disabled={predictions.length === 0}
          onClick={() => download('emotions.csv', 'text/csv', toCsv(predictions))}
        >
          CSV
        </button>
        <button
          type="button"
          class="button small"
          disabled={predictions.length === 0}
          onClick={() => download('emotions.json', 'application/json', toJson(predictions))}
        >
          JSON
        </button>
        <button type="button" class="button small" disabled={predictions.length === 0} onClick={() => void downloadReport(answered)}>
          Report
        </button>
        <button type="button" class="button small" onClick={removeAllFiles}>
          Clear
        </button>
      </div>
      <ul class="results">
        {items.map((item) => (
          <li key={item.id}>
            <FileResult item={item} />
          </li>
        ))}
      </ul>
    </section>
  )
}

async function downloadReport(answered: typeof answeredFiles.value): Promise<void> {
  const entries: ReportEntry[] = []
  // One picture after the other: each is decoded whole for its thumbnail.
  for (const { item, prediction } of answered) {
    entries.push({ prediction, picture: await pictureOf(item), acted: item.acted })
  }
  download('emotion-report.html', 'text/html', reportHtml(entries, new Date()))
}

async function pictureOf(item: FileItem): Promise<string | undefined> {
  const state = item.state.value
  return item.kind.value === 'image' && state.phase === 'done' ? thumbnail(state.picture ?? item.url) : undefined
}

/** Says each new answer to screen readers. */
function Announcer() {
  const item = lastFinished.value
  const state = item && fileItems.value.includes(item) ? item.state.value : undefined
  let text = ''
  if (state?.phase === 'failed') text = `${item!.name}: ${state.message}`
  if (state?.phase === 'done') {
    const { answer } = state.result
    text = answer
      ? `${item!.name}: ${EMOTION_DISPLAY[answer.emotion].label}, ${percent(answer.confidence)}${answer.uncertain ? ', unsure' : ''}`
      : `${item!.name}: no answer`
  }
  return (
    <div class="visually-hidden" role="status">
      {text}
    </div>
  )
}
