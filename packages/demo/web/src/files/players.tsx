import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import { Spectrogram, Waveform } from '../components/canvasPictures.tsx'
import { EmotionLane, LaneNote } from '../components/emotionLane.tsx'
import { EmotionLegend } from '../components/emotionLegend.tsx'
import { PauseIcon, PlayIcon } from '../components/icons.tsx'
import type { AudioAnalysis } from '../workers/protocol.ts'
import type { VideoAnalysis } from './analyzeVideo.ts'

/** A recording: play button, waveform, mel spectrogram and emotion over time below one cursor. */
export function AudioPlayer({ url, analysis }: { readonly url: string; readonly analysis: AudioAnalysis }) {
  const audio = useRef<HTMLAudioElement>(null)
  const { playing, time } = usePlayback(audio)
  const { seconds } = analysis
  return (
    <div class="player">
      <audio ref={audio} src={url} preload="auto" />
      <div class="track-stack">
        <Waveform peaks={analysis.peaks} />
        <Spectrogram picture={analysis.spectrogram} />
        <EmotionLane moments={analysis.timeline} from={0} to={seconds} label="Emotion over time" />
        <Cursor time={time.value} seconds={seconds} media={audio} />
      </div>
      <div class="player-row">
        <button
          type="button"
          class="icon-button"
          aria-label={playing.value ? 'Pause' : 'Play'}
          onClick={() => (playing.value ? audio.current!.pause() : void audio.current!.play())}
        >
          {playing.value ? <PauseIcon /> : <PlayIcon />}
        </button>
        <span class="small">
          {formatTime(time.value)} / {formatTime(seconds)}
        </span>
        <span class="small muted">{analysis.sampleRate / 1000} kHz</span>
      </div>
      <LaneNote />
      <p class="lane-note">Each column hears about a second, the answer the whole recording: they may differ.</p>
      <EmotionLegend moments={analysis.timeline} />
    </div>
  )
}

interface VideoPlayerProps {
  readonly url: string
  readonly analysis: VideoAnalysis
  /** Stands beside the film. */
  readonly children: ComponentChildren
}

/** A film with the emotions of its voice, its faces and both below it. */
export function VideoPlayer({ url, analysis, children }: VideoPlayerProps) {
  const video = useRef<HTMLVideoElement>(null)
  const { time } = usePlayback(video)
  const lanes = [
    ...(analysis.audio ? [{ label: 'Voice', moments: analysis.audio.timeline }] : []),
    { label: 'Face', moments: analysis.faces },
    ...(analysis.audio ? [{ label: 'Both', moments: analysis.fused }] : []),
  ]
  return (
    <div class="player">
      <div class="result-body level">
        <div class="picture">
          <video ref={video} src={url} controls playsInline width={analysis.width} height={analysis.height} />
        </div>
        {children}
      </div>
      {lanes.map(({ label, moments }) => (
        <div class="lane-row" key={label}>
          <span>{label}</span>
          <div class="track-stack">
            <EmotionLane moments={moments} from={0} to={analysis.seconds} label={label} />
            <Cursor time={time.value} seconds={analysis.seconds} media={video} />
          </div>
        </div>
      ))}
      <LaneNote />
      <p class="lane-note">Each column hears about a second or sees one picture, the answer all of the film: they may differ.</p>
      <EmotionLegend moments={lanes.flatMap((lane) => lane.moments)} />
    </div>
  )
}

/** Seconds that an arrow key moves at least: less is neither heard nor seen in the time. */
const LEAST_STEP = 0.1

/** Where playback is, and a slider over the whole stack that moves it: mouse, touch and arrow keys. */
function Cursor({
  time,
  seconds,
  media,
}: {
  readonly time: number
  readonly seconds: number
  readonly media: { readonly current: HTMLMediaElement | null }
}) {
  return (
    <>
      <div class="cursor" style={{ left: `${(100 * Math.min(time, seconds)) / seconds}%` }} />
      <input
        class="seek"
        type="range"
        min="0"
        max={seconds}
        step={Math.max(LEAST_STEP, seconds / 500)}
        value={time}
        aria-label="Position"
        aria-valuetext={`${formatTime(time)} of ${formatTime(seconds)}`}
        onInput={(event) => {
          if (media.current) media.current.currentTime = Number(event.currentTarget.value)
        }}
      />
    </>
  )
}

function usePlayback(media: { readonly current: HTMLMediaElement | null }) {
  const playing = useSignal(false)
  const time = useSignal(0)
  useEffect(() => {
    const element = media.current!
    let frame = 0
    const follow = (): void => {
      time.value = element.currentTime
      if (!element.paused) frame = requestAnimationFrame(follow)
    }
    const changed = (): void => {
      playing.value = !element.paused
      cancelAnimationFrame(frame)
      follow()
    }
    const events = ['play', 'pause', 'ended', 'seeked', 'timeupdate'] as const
    for (const name of events) element.addEventListener(name, changed)
    return () => {
      cancelAnimationFrame(frame)
      for (const name of events) element.removeEventListener(name, changed)
    }
  }, [])
  return { playing, time }
}

function formatTime(seconds: number): string {
  const tenths = Math.round(seconds * 10)
  return `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, '0')}.${tenths % 10}`
}
