import { useEffect, useRef } from 'preact/hooks'
import type { CorpusEmotion } from '@emo/datasets'
import { EMOTION_DISPLAY, EMOTION_ORDER } from '../../../src/emotionDisplay.ts'
import { AnswerPanel } from '../components/answerPanel.tsx'
import { PlayIcon, StopIcon } from '../components/icons.tsx'
import { DeviceChoices } from './deviceChoices.tsx'
import { LiveFigures } from './liveFigures.tsx'
import { live, prepareLive, setMode, startLive, stopLive, type LiveMode } from './liveSession.ts'
import { Timelines } from './timelines.tsx'
import { Viewport } from './viewport.tsx'

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
  const starting = live.status.value === 'starting'
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
              // Not `disabled`: it would lose the focus.
              aria-disabled={starting}
              onClick={() => void (starting || (running ? stopLive() : startLive()))}
            >
              {/* In the middle: another label is another element, not one that moves. */}
              <span key={live.status.value}>
                {running ? <StopIcon /> : <PlayIcon />}
                {running ? 'Stop' : starting ? 'Starting' : 'Start'}
              </span>
            </button>
            <ModeChoice />
            <DeviceChoices />
          </div>
        </section>
        <section class="card panel" aria-label="Answer">
          <LiveAnswer />
          <LiveFigures />
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
