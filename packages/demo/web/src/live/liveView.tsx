import { useEffect, useRef } from 'preact/hooks'
import { EMOTION_FACES } from 'virtual:emotion-faces'
import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import { AnswerPanel, percent } from '../components/answerPanel.tsx'
import { PlayIcon, StopIcon } from '../components/icons.tsx'
import { models } from '../workers/modelClient.ts'
import type { FaceBox } from '../../../src/prediction.ts'
import type { DeviceKind } from './explainFailure.ts'
import { live, chooseDevice, prepareLive, setMode, startLive, stopLive, type LiveMode } from './liveSession.ts'
import { LiveSound } from './liveSound.tsx'
import { Timelines } from './timelines.tsx'

/** What the voice model answers: the eight emotions with a numeric label. */
const EMOTIONS = EMOTION_ORDER.slice(0, 8)

const MODES: Readonly<Record<LiveMode, string>> = { both: 'Both', face: 'Face', voice: 'Voice' }

/** Microphone and camera. */
export function LiveView() {
  useEffect(() => {
    prepareLive()
    // Leaving the view switches everything off.
    return () => void stopLive()
  }, [])
  const running = live.status.value === 'running'
  return (
    <>
      <h1 class="visually-hidden">Live</h1>
      <div class="live" data-testid="live" data-status={live.status.value} data-mode={live.mode.value}>
        <section class="card stage" aria-label="Camera and microphone">
          <StageBar />
          <Viewport />
          <div class="controls">
            <button
              type="button"
              class={`button start ${running ? 'danger' : 'primary'}`}
              disabled={live.status.value === 'starting'}
              onClick={() => void (running ? stopLive() : startLive())}
            >
              {/* In the middle: another label is another element, not one that moves. */}
              <span key={live.status.value}>
                {running ? <StopIcon /> : <PlayIcon />}
                {running ? 'Stop' : live.status.value === 'starting' ? 'Starting' : 'Start'}
              </span>
            </button>
            <ModeChoice />
            {live.mode.value !== 'face' && <DeviceChoice kind="microphone" />}
            {live.mode.value !== 'voice' && <DeviceChoice kind="camera" />}
          </div>
        </section>
        <section class="card panel" aria-label="Answer">
          <LiveAnswer />
          <Stats />
        </section>
        <Timelines />
      </div>
      <LiveAnnouncer />
    </>
  )
}

/** Draws itself for every answer, and nothing else with it. */
function LiveAnswer() {
  const running = live.status.value === 'running'
  const mode = live.mode.value
  return (
    <AnswerPanel
      answer={live.answer.value}
      missing={running ? waitingFor(mode) : 'Not started'}
      hint={running ? 'No answer' : 'Press Start'}
      expected={expectedEmotions(mode)}
    />
  )
}

/** The face model has no word for calm. */
function expectedEmotions(mode: LiveMode): readonly CorpusEmotion[] {
  return mode === 'face' ? EMOTIONS.filter((emotion) => emotion !== 'calm') : EMOTIONS
}

function waitingFor(mode: LiveMode): string {
  return mode === 'voice' ? 'Say something' : mode === 'face' ? 'No face in view' : 'Nobody seen or heard'
}

function ModeChoice() {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">What to use</legend>
      {(Object.keys(MODES) as LiveMode[]).map((mode) => (
        <label key={mode}>
          <input type="radio" name="mode" value={mode} checked={live.mode.value === mode} onChange={() => void setMode(mode)} />
          {MODES[mode]}
        </label>
      ))}
    </fieldset>
  )
}

function DeviceChoice({ kind }: { readonly kind: DeviceKind }) {
  const devices = (kind === 'microphone' ? live.microphones : live.cameras).value
  const chosen = (kind === 'microphone' ? live.microphoneId : live.cameraId).value
  return (
    <label class="field">
      <span>{kind === 'microphone' ? 'Microphone' : 'Camera'}</span>
      {/* Devices have names only once they may be used; the place is there before. */}
      <select value={chosen} disabled={devices.length === 0} onChange={(event) => void chooseDevice(kind, event.currentTarget.value)}>
        {devices.length === 0 && <option>Default {kind}</option>}
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${kind} ${index + 1}`}
          </option>
        ))}
      </select>
    </label>
  )
}

/** What is on, above the picture: it must not hide a face. */
function StageBar() {
  const stream = live.camera.value
  const listening = live.microphoneOn.value
  const idle = !stream && !listening
  return (
    <div class="stage-bar">
      <span class={`recording ${idle ? '' : 'on'}`} data-testid="recording">
        {idle ? 'Off' : [stream && 'Camera on', listening && 'Microphone on'].filter(Boolean).join(' · ')}
      </span>
      {listening && <VoiceState />}
    </div>
  )
}

function VoiceState() {
  const voice = live.speech.value?.voice ?? false
  return <span class={`voice-state ${voice ? 'on' : ''}`}>{voice ? 'Voice' : 'Silence'}</span>
}

function Viewport() {
  const stream = live.camera.value
  const listening = live.microphoneOn.value
  const idle = !stream && !listening
  return (
    <div class={`viewport ${live.mode.value === 'voice' ? 'voice-only' : ''}`}>
      {stream && <CameraPicture stream={stream} />}
      {listening && <LiveSound />}
      {idle && !live.problem.value && <Consent />}
      {/* Over the picture: nothing moves when one comes. */}
      <div class="viewport-notes">
        {live.problem.value && (
          <p class="notice" role="alert">
            {live.problem.value}
          </p>
        )}
        {live.note.value && (
          <p class="notice info" role="status">
            {live.note.value}
            <button type="button" class="button small" onClick={() => (live.note.value = '')}>
              OK
            </button>
          </p>
        )}
      </div>
    </div>
  )
}

function Consent() {
  const mode = live.mode.value
  const starting = live.status.value === 'starting'
  const states = [...(mode !== 'face' ? [models.speech.state.value] : []), ...(mode !== 'voice' ? [models.face.state.value] : [])]
  const loading = states.filter((state) => state.phase === 'loading')
  const fractions = loading.flatMap((state) => state.fraction ?? [])
  const ready = states.every((state) => state.phase === 'ready')
  const title = starting ? (loading.length > 0 ? 'Loading the models' : 'Asking for your devices') : 'Nothing is on until you press Start'
  return (
    <div class="consent">
      {/* In the middle: another title is another element, not one that moves. */}
      <h2 key={title}>{title}</h2>
      <p>{PROMISES[mode]} Nothing is recorded, nothing is sent. Ask others before you point it at them.</p>
      <div class="loading">
        {loading.length > 0 || starting ? (
          <div class={`progress ${fractions.length === 0 ? 'unknown' : ''}`} role="progressbar" aria-label="Loading the models">
            <div style={fractions.length === 0 ? undefined : { transform: `scaleX(${Math.min(...fractions)})` }} />
          </div>
        ) : (
          ready && <span>{states.length > 1 ? 'Both models are ready.' : 'The model is ready.'}</span>
        )}
      </div>
    </div>
  )
}

const PROMISES: Readonly<Record<LiveMode, string>> = {
  both: 'Your voice and face are judged inside this page and forgotten at once.',
  face: 'Your face is judged inside this page and forgotten at once.',
  voice: 'Your voice is judged inside this page and forgotten at once.',
}

function CameraPicture({ stream }: { readonly stream: MediaStream }) {
  const video = useRef<HTMLVideoElement>(null)
  const boxes = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = video.current!
    const overlay = boxes.current!
    element.srcObject = stream
    void element.play().catch(() => undefined)
    // The boxes lie over the part of the element that the picture fills.
    const place = (): void => {
      const { videoWidth, videoHeight, clientWidth, clientHeight } = element
      if (videoWidth === 0) return
      const scale = Math.min(clientWidth / videoWidth, clientHeight / videoHeight)
      Object.assign(overlay.style, { display: 'block', width: `${videoWidth * scale}px`, height: `${videoHeight * scale}px` })
    }
    const observer = new ResizeObserver(place)
    observer.observe(element)
    element.addEventListener('resize', place)
    element.addEventListener('loadedmetadata', place)
    return () => {
      observer.disconnect()
      element.removeEventListener('resize', place)
      element.removeEventListener('loadedmetadata', place)
      element.srcObject = null
    }
  }, [stream])
  const view = live.view.value
  return (
    <>
      <video ref={video} class="mirrored" muted playsInline aria-label="What the camera sees, mirrored" />
      <div ref={boxes} class="boxes mirrored">
        {view?.faces.map(({ box, emotion, confidence }, index) => (
          <span key={index} class={`face-box emotion-${emotion}`} style={placeBox(box, view.width, view.height)}>
            <span class={box.y < 0.12 * view.height ? 'inside' : ''}>
              <img src={EMOTION_FACES[emotion]} alt="" width="18" height="18" />
              {EMOTION_DISPLAY[emotion].label} {percent(confidence)}
            </span>
          </span>
        ))}
      </div>
    </>
  )
}

/** Moved by a transform, in hundredths of its own size: a face that moves is no change of layout. */
function placeBox({ x, y, width, height }: FaceBox, pictureWidth: number, pictureHeight: number): Record<string, string> {
  return {
    transform: `translate(${(100 * x) / width}%, ${(100 * y) / height}%)`,
    width: `${(100 * width) / pictureWidth}%`,
    height: `${(100 * height) / pictureHeight}%`,
  }
}

/** Every figure has its place from the beginning: nothing moves when one comes. */
function Stats() {
  const mode = live.mode.value
  const { weights, framesPerSecond, face, speech, latency } = live.figures.value
  const figures: [string, string, string?][] = []
  if (mode === 'both') {
    figures.push(['Voice counts', weights ? percent(weights.speech) : '–'], ['Face counts', weights ? percent(weights.face) : '–'])
  }
  if (mode !== 'voice') {
    figures.push(['Pictures a second', framesPerSecond?.toFixed(0) ?? '–'], ['Face model', milliseconds(face)])
  }
  if (mode !== 'face') {
    figures.push(
      ['Voice model', milliseconds(speech)],
      ['Delay of voice', milliseconds(latency), 'From the end of what was heard to its answer'],
      ['Sound', live.microphoneOn.value ? `${live.sampleRate.value / 1000} kHz` : '–'],
    )
  }
  return (
    <dl class="stats">
      {figures.map(([name, value, title]) => (
        <div key={name} title={title}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function milliseconds(value: number | undefined): string {
  return value === undefined ? '–' : `${value.toFixed(0)} ms`
}

/** Says a new emotion once it has held for a second, so that screen readers are not flooded. */
function LiveAnnouncer() {
  const region = useRef<HTMLDivElement>(null)
  const emotion = live.answer.value?.emotion
  useEffect(() => {
    if (!emotion) return
    const timer = setTimeout(() => {
      region.current!.textContent = EMOTION_DISPLAY[emotion].label
    }, 1000)
    return () => clearTimeout(timer)
  }, [emotion])
  return <div ref={region} class="visually-hidden" role="status" />
}
