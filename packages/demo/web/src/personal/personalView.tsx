import { EMOTION_FACES } from 'virtual:emotion-faces'
import type { Emotion } from '@emo/datasets'
import { useEffect, useRef } from 'preact/hooks'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import type { Modality } from '../../../src/prediction.ts'
import { percent } from '../components/answerPanel.tsx'
import { CloseIcon } from '../components/icons.tsx'
import { SteadyButton } from '../components/steadyButton.tsx'
import { download } from '../files/exportFiles.ts'
import { models } from '../workers/modelClient.ts'
import type { Comparison, Judgement } from './protocol.ts'
import {
  CLIP_SECONDS,
  closeCamera,
  deleteOwn,
  exportOwn,
  findKept,
  importOwn,
  keepOwn,
  leavePersonal,
  openCamera,
  personal,
  recordClip,
  removeExample,
  takePicture,
  train,
} from './personalStore.ts'

const MODALITIES: Readonly<Record<Modality, string>> = { speech: 'Voice', face: 'Face' }

/** Examples of the person's own, a model made of them, and what becomes of it. */
export function PersonalView() {
  useEffect(() => {
    void findKept()
    // Leaving the view switches everything off.
    return leavePersonal
  }, [])
  const modality = personal.modality.value
  return (
    <div class="personal" data-testid="personal" data-activity={personal.activity.value}>
      <div class="hero">
        <h1>Teach it your voice and face.</h1>
        <p>
          Show a few examples and say what they express. The model learns from them here, on your device. Examples are forgotten with the
          page; the result is kept only if you ask.
        </p>
      </div>
      <fieldset class="segments">
        <legend class="visually-hidden">What to teach</legend>
        {(Object.keys(MODALITIES) as Modality[]).map((name) => (
          <label key={name}>
            <input
              type="radio"
              name="modality"
              value={name}
              checked={modality === name}
              disabled={personal.activity.value !== 'idle'}
              onChange={() => {
                closeCamera()
                personal.problem.value = ''
                personal.modality.value = name
              }}
            />
            {MODALITIES[name]}
          </label>
        ))}
      </fieldset>
      {personal.problem.value && (
        <p class="notice" role="alert">
          {personal.problem.value}
        </p>
      )}
      <div class="personal-columns">
        <Examples modality={modality} />
        <Result modality={modality} />
      </div>
    </div>
  )
}

/** The emotions that a model can learn: the face model has no word for calm. */
function emotionsOf(modality: Modality): readonly Emotion[] {
  return (EMOTION_ORDER.slice(0, 8) as Emotion[]).filter((emotion) => modality === 'speech' || emotion !== 'calm')
}

function Examples({ modality }: { readonly modality: Modality }) {
  const video = useRef<HTMLVideoElement>(null)
  const list = useRef<HTMLUListElement>(null)
  const activity = personal.activity.value
  const camera = personal.camera.value
  const ready = activity === 'idle' && (modality === 'speech' || camera !== undefined)
  const items = personal.examples.value[modality]
  const add = (emotion: Emotion): void => void (modality === 'speech' ? recordClip(emotion) : takePicture(video.current!, emotion))
  useEffect(() => {
    if (video.current) video.current.srcObject = camera ?? null
  }, [camera])
  return (
    <section class="card panel" aria-labelledby="examples-title">
      <h2 id="examples-title">1. Give examples</h2>
      <p class="muted small">
        {modality === 'speech'
          ? `Press an emotion, then speak in that way: ${CLIP_SECONDS} seconds are recorded.`
          : 'Switch the camera on, make a face, press its emotion.'}{' '}
        Two or more emotions with two or more examples each: then the page can measure what the training gained.
      </p>
      {modality === 'face' && (
        <div class="mirror">
          {camera && <video ref={video} class="mirrored" muted playsInline autoPlay aria-label="What the camera sees, mirrored" />}
          <span class={`recording ${camera ? 'on' : ''}`}>{camera ? 'Camera on' : 'Off'}</span>
          <SteadyButton
            class={`button ${camera ? 'small' : 'primary'}`}
            off={activity !== 'idle'}
            onPress={() => (camera ? closeCamera() : void openCamera())}
          >
            {camera ? 'Switch off' : 'Switch the camera on'}
          </SteadyButton>
        </div>
      )}
      {modality === 'speech' && (
        <p class="recording-line" role="status">
          <span class={`recording ${activity === 'recording' ? 'on' : ''}`}>
            {activity === 'recording' ? 'Recording: speak now' : 'Microphone off'}
          </span>
        </p>
      )}
      <div class="emotion-buttons">
        {emotionsOf(modality).map((emotion) => (
          <SteadyButton
            class="button"
            key={emotion}
            off={!ready}
            label={`${modality === 'speech' ? 'Record' : 'Take a picture of'} ${EMOTION_DISPLAY[emotion].label}`}
            onPress={() => add(emotion)}
          >
            <img src={EMOTION_FACES[emotion]} alt="" width="24" height="24" />
            {EMOTION_DISPLAY[emotion].label}
            <span class="count">{items.filter(({ example }) => example.emotion === emotion).length || ''}</span>
          </SteadyButton>
        ))}
      </div>
      {items.length > 0 && (
        <ul ref={list} class="examples-list" aria-label="Examples">
          {items.map(({ id, example: { emotion } }, index) => (
            <li key={id} class="pill">
              <img src={EMOTION_FACES[emotion]} alt="" width="18" height="18" />
              {EMOTION_DISPLAY[emotion].label}
              <SteadyButton
                class="remove"
                label={`Remove example ${index + 1}, ${EMOTION_DISPLAY[emotion].label}`}
                off={activity !== 'idle'}
                onPress={() => {
                  // The focus goes to the next example: this button goes with its own.
                  const buttons = list.current!.querySelectorAll('button')
                  ;(buttons[index + 1] ?? buttons[index - 1])?.focus()
                  removeExample(modality, id)
                }}
              >
                <CloseIcon />
              </SteadyButton>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Result({ modality }: { readonly modality: Modality }) {
  const input = useRef<HTMLInputElement>(null)
  const { activity, examples, comparison, kept } = personal
  const idle = activity.value === 'idle'
  const own = models[modality].own.value
  const done = models[modality].training.value
  return (
    <section class="card panel" aria-labelledby="result-title" data-testid="own-model" data-own={own} data-kept={kept.value[modality]}>
      <h2 id="result-title">2. Train</h2>
      <SteadyButton class="button primary" off={!idle || examples.value[modality].length === 0} onPress={() => void train()}>
        {activity.value === 'training' ? `Training, ${percent(done)}` : trainOn(examples.value[modality].length)}
      </SteadyButton>
      <div
        class="progress"
        role="progressbar"
        aria-label="Training"
        aria-valuenow={Math.round(100 * (activity.value === 'training' ? done : 0))}
        style={{ visibility: activity.value === 'training' ? 'visible' : 'hidden' }}
      >
        <div style={{ transform: `scaleX(${done})` }} />
      </div>
      {comparison.value[modality] && <BeforeAndAfter comparison={comparison.value[modality]} />}
      <p role="status">
        {own ? (
          <>
            <strong>Your own model answers</strong> in Files and Live.{' '}
            {kept.value[modality] ? 'It is kept on this device.' : 'It is forgotten when you close the page.'}
          </>
        ) : (
          <span class="muted">So far the built-in model answers.</span>
        )}
      </p>
      <div class="toolbar">
        <SteadyButton class="button small" off={!idle || !own || kept.value[modality]} onPress={() => void keepOwn(modality)}>
          Keep on this device
        </SteadyButton>
        <SteadyButton
          class="button small"
          off={!idle || !own}
          onPress={() => void exportOwn(modality).then((file) => download(`my-${modality}.emo`, file.type, file))}
        >
          Export
        </SteadyButton>
        <SteadyButton class="button small" off={!idle} onPress={() => input.current!.click()}>
          Import
        </SteadyButton>
        <SteadyButton class="button small" off={!idle || !own} onPress={() => void deleteOwn(modality)}>
          Delete
        </SteadyButton>
        <input
          ref={input}
          type="file"
          accept=".emo"
          class="visually-hidden"
          tabIndex={-1}
          aria-hidden="true"
          data-testid="model-input"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0]
            if (file) void importOwn(modality, file)
            event.currentTarget.value = ''
          }}
        />
      </div>
    </section>
  )
}

function trainOn(count: number): string {
  return count === 0 ? 'Give examples first' : `Train on ${count} ${count === 1 ? 'example' : 'examples'}`
}

function BeforeAndAfter({ comparison }: { readonly comparison: Comparison }) {
  const { examples, before, after, heldOut } = comparison
  const row = (name: string, { right, probability }: Judgement) => (
    <tr>
      <th scope="row">{name}</th>
      <td>
        {right} of {examples}
      </td>
      <td>{percent(probability)}</td>
    </tr>
  )
  return (
    <div data-testid="comparison" data-held-out={heldOut}>
      <table class="comparison">
        <thead>
          <tr>
            <td />
            <th scope="col">Right</th>
            <th scope="col">Probability of the right emotion</th>
          </tr>
        </thead>
        <tbody>
          {row('Before', before)}
          {row('After', after)}
        </tbody>
      </table>
      <p class="small muted">
        {heldOut
          ? 'Measured fairly: each example was judged by a model that had not learned from it.'
          : 'Too few examples to measure fairly: these are the ones that it learned from, so the figures say little. Give at least two for each of two emotions.'}
      </p>
    </div>
  )
}
