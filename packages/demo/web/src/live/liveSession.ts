import { batch, signal } from '@preact/signals'
import { fuse, type FusedAnswer } from '../../../src/fusion.ts'
import { largestFirst } from '../../../src/predictor.ts'
import type { EmotionAnswer } from '../../../src/prediction.ts'
import { models } from '../workers/modelClient.ts'
import type { FrameReport, LiveSpeechReport, TimedAnswer } from '../workers/protocol.ts'
import { startCamera, type Camera } from './camera.ts'
import { explainFailures, type DeviceKind } from './explainFailure.ts'
import { startMicrophone, type Microphone } from './microphone.ts'

/** What is listened to and looked at. */
export type LiveMode = 'both' | 'voice' | 'face'

/** Lengths of the timelines, seconds. */
export const TIMELINE_SECONDS = 60
/** An answer this old counts 1/e of a fresh one. */
const FRESH_SECONDS = 1.5
/** The answer is shown anew at most so often, seconds: more than anyone can read, and less work for a page whose video must not stutter. */
const SHOW_SECONDS = 0.1
/** Answers older than this are no longer shown. */
const STALE_SECONDS = 3

/** A moment for each modality and for both. */
export interface Timelines {
  readonly speech: readonly TimedAnswer[]
  readonly face: readonly TimedAnswer[]
  readonly fused: readonly TimedAnswer[]
}

/** How well it runs: newest values, a few times a second. */
export interface LiveFigures {
  readonly weights?: FusedAnswer['weights']
  readonly framesPerSecond?: number
  /** Of each model, milliseconds. */
  readonly face?: number
  readonly speech?: number
  /** From the end of a window of sound to its answer, here, milliseconds. */
  readonly latency?: number
}

/** State of the live view. Times are seconds of `performance.now()`. */
export const live = {
  mode: signal<LiveMode>('both'),
  status: signal<'idle' | 'starting' | 'running'>('idle'),
  /** In words; empty while all is well. */
  problem: signal(''),
  /** Something to know that is no problem, in words. */
  note: signal(''),
  microphoneOn: signal(false),
  camera: signal<MediaStream | undefined>(undefined),
  microphones: signal<readonly MediaDeviceInfo[]>([]),
  cameras: signal<readonly MediaDeviceInfo[]>([]),
  microphoneId: signal<string | undefined>(undefined),
  cameraId: signal<string | undefined>(undefined),
  speech: signal<LiveSpeechReport | undefined>(undefined),
  sampleRate: signal(0),
  view: signal<FrameReport | undefined>(undefined),
  figures: signal<LiveFigures>({}),
  /** The answer of the chosen mode. */
  answer: signal<EmotionAnswer | FusedAnswer | undefined>(undefined),
  timelines: signal<Timelines>({ speech: [], face: [], fused: [] }),
  now: signal(0),
}

const moments: { speech: TimedAnswer[]; face: TimedAnswer[]; fused: TimedAnswer[] } = { speech: [], face: [], fused: [] }
let microphone: Microphone | undefined
let camera: Camera | undefined
let wanted = false
let working: Promise<void> | undefined
let frameTimes: number[] = []
let lastFusion = 0
let previousFused: FusedAnswer | undefined
/** The newest answer of the chosen mode, which may be newer than what is shown. */
let answer: FusedAnswer | undefined
let lastShown = 0
let latency: number | undefined
let ticker: ReturnType<typeof setInterval> | undefined
/** When the tab went into the background while something ran, seconds. */
let hiddenSince: number | undefined

/**
 * Gets the models of the chosen mode ready while the person reads what Start will do; no device is touched.
 * Not where the person asked the browser to save data.
 */
export function prepareLive(): void {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return
  // Once Start is pressed, the first picture waits for no rehearsal of either model; a voice alone is still being spoken while its model rehearses.
  if (live.mode.value !== 'voice') models.face.prepare(() => wanted)
  else models.face.postpone()
  if (live.mode.value === 'face') models.speech.postpone()
  else {
    void faceFirst().then(() => {
      if (live.mode.value !== 'face') models.speech.prepare(() => wanted && live.mode.value === 'both')
    })
  }
}

/**
 * Resolves when the voice's model may load. With both, the face's model comes before it: it can answer the first picture at once, while a window of sound has yet to
 * be spoken, and on two processors two models at once take as long as one after the other.
 */
async function faceFirst(): Promise<void> {
  if (live.mode.value === 'both') await models.face.load(true).catch(() => undefined)
}

/** Starts the devices of the chosen mode. Called only by the person's own press of a button. */
export function startLive(): Promise<void> {
  wanted = true
  live.problem.value = ''
  live.note.value = ''
  return settle()
}

/** Switches everything off and forgets what was heard and seen. */
export async function stopLive(): Promise<void> {
  wanted = false
  await settle()
  clearMoments()
}

/** Changes what is listened to and looked at, while running or before. */
export function setMode(mode: LiveMode): Promise<void> {
  live.mode.value = mode
  live.problem.value = ''
  live.note.value = ''
  resetFusion()
  prepareLive()
  return settle()
}

/** Chooses a device; restarts it if it is in use. */
export async function chooseDevice(kind: DeviceKind, id: string): Promise<void> {
  live.problem.value = ''
  if (kind === 'microphone') {
    live.microphoneId.value = id
    if (microphone && microphone.deviceId !== id) await stopMicrophone()
  } else {
    live.cameraId.value = id
    if (camera && camera.deviceId !== id) stopCamera()
  }
  await settle()
}

/** Brings the devices to what is wanted, one step at a time, however fast the wishes change meanwhile. */
function settle(): Promise<void> {
  working ??= (async () => {
    try {
      while (await step());
    } finally {
      working = undefined
      const running = microphone !== undefined || camera !== undefined
      live.status.value = running ? 'running' : 'idle'
      if (!running) wanted = false
      if (running && !ticker) {
        ticker = setInterval(tick, 250)
        document.addEventListener('visibilitychange', noteAbsence)
      } else if (!running) {
        clearInterval(ticker)
        ticker = undefined
        document.removeEventListener('visibilitychange', noteAbsence)
        hiddenSince = undefined
        live.note.value = ''
        // What was said last is no answer to what is there now.
        answer = live.answer.value = undefined
      }
    }
  })()
  return working
}

/** Does one thing that is missing or too much; tells whether there was any. */
async function step(): Promise<boolean> {
  const wantsMicrophone = wanted && live.mode.value !== 'face'
  const wantsCamera = wanted && live.mode.value !== 'voice'
  if (!wantsMicrophone && microphone) {
    await stopMicrophone()
    return true
  }
  if (!wantsCamera && camera) {
    stopCamera()
    return true
  }
  if ((wantsMicrophone && !microphone) || (wantsCamera && !camera)) {
    live.status.value = 'starting'
    // Together: one wait, one question to the person for each device.
    const [heard, seen] = await Promise.allSettled([
      wantsMicrophone && !microphone ? openMicrophone() : undefined,
      wantsCamera && !camera ? openCamera() : undefined,
    ])
    giveUp({
      ...(heard.status === 'rejected' && { microphone: heard.reason as unknown }),
      ...(seen.status === 'rejected' && { camera: seen.reason as unknown }),
    })
    await listDevices()
    return true
  }
  return false
}

/** After a failure the other device goes on alone, if there is one. */
function giveUp(failures: Partial<Record<DeviceKind, unknown>>): void {
  for (const [kind, error] of Object.entries(failures) as [DeviceKind, unknown][]) {
    // The chosen device is gone: the next attempt takes whichever is there.
    if ((error as { name?: string }).name === 'OverconstrainedError') forgetChoice(kind)
    // Another mode was chosen meanwhile: it is missed no more.
    if (live.mode.value === (kind === 'microphone' ? 'face' : 'voice')) delete failures[kind]
  }
  if (Object.keys(failures).length === 0) return
  const { again, meanwhile } = goOn()
  live.problem.value = explainFailures(failures, again, meanwhile)
}

/** Leaves the mode to the device that is still on, or stops; what to tell the person: how to try again, what goes on meanwhile. */
function goOn(): { again: string; meanwhile?: string } {
  const left = live.mode.value !== 'both' ? undefined : microphone ? 'voice' : camera ? 'face' : undefined
  if (!left) {
    wanted = false
    return { again: 'press Start' }
  }
  live.mode.value = left
  return { again: 'choose Both', meanwhile: `Going on with the ${left} alone.` }
}

function forgetChoice(device: DeviceKind): void {
  if (device === 'microphone') live.microphoneId.value = undefined
  else live.cameraId.value = undefined
}

async function openMicrophone(): Promise<void> {
  microphone = await startMicrophone(live.microphoneId.value, () => void lost('microphone'), faceFirst())
  live.sampleRate.value = microphone.sampleRate
  live.microphoneId.value = microphone.deviceId
  live.microphoneOn.value = true
  models.speech.onLive = hear
}

async function openCamera(): Promise<void> {
  camera = await startCamera(
    live.cameraId.value,
    see,
    () => void lost('camera'),
    (error) => {
      stopCamera()
      giveUp({ camera: error })
      void settle()
    },
  )
  live.cameraId.value = camera.deviceId
  live.camera.value = camera.stream
}

async function stopMicrophone(): Promise<void> {
  const stopping = microphone
  microphone = undefined
  models.speech.onLive = undefined
  live.microphoneOn.value = false
  live.speech.value = undefined
  latency = undefined
  await stopping?.stop()
}

function stopCamera(): void {
  camera?.stop()
  camera = undefined
  frameTimes = []
  live.camera.value = undefined
  live.view.value = undefined
}

/** A device was unplugged. */
async function lost(device: DeviceKind): Promise<void> {
  if (device === 'microphone') await stopMicrophone()
  else stopCamera()
  forgetChoice(device)
  const { again, meanwhile } = goOn()
  live.problem.value = [`The ${device} was unplugged.`, meanwhile, `Connect it or another one, then ${again}.`].filter(Boolean).join(' ')
  await settle()
  await listDevices()
}

/** Browsers show no pictures to a page in the background: the person is told why there is a gap. */
function noteAbsence(): void {
  const now = performance.now() / 1000
  if (document.visibilityState === 'hidden') {
    hiddenSince = now
    return
  }
  if (hiddenSince === undefined) return
  const seconds = Math.max(1, Math.round(now - hiddenSince))
  hiddenSince = undefined
  const away = `This tab was in the background for ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`
  if (camera) live.note.value = `${away} The camera rested meanwhile${microphone ? '; the microphone went on listening' : ''}.`
  else live.note.value = `${away} The microphone went on listening.`
  resetFusion()
}

async function listDevices(): Promise<void> {
  const devices = await (navigator.mediaDevices as MediaDevices | undefined)?.enumerateDevices().catch(() => [])
  live.microphones.value = (devices ?? []).filter((device) => device.kind === 'audioinput' && device.deviceId)
  live.cameras.value = (devices ?? []).filter((device) => device.kind === 'videoinput' && device.deviceId)
}

function hear(report: LiveSpeechReport): void {
  batch(() => {
    live.speech.value = report
    // Two clocks of whole milliseconds: never less than the model took.
    latency = Math.max(report.milliseconds, Date.now() - report.endedAt)
    moments.speech.push({ time: performance.now() / 1000, answer: report.answer })
    refreshAnswer()
  })
}

function see(report: FrameReport): void {
  const now = performance.now()
  frameTimes = [...frameTimes.filter((time) => now - time < 2000), now]
  const largest = largestFirst(report.faces).at(0)
  moments.face.push({
    time: now / 1000,
    answer: largest && { emotion: largest.emotion, confidence: largest.confidence, scores: largest.scores },
  })
  batch(() => {
    live.view.value = report
    refreshAnswer()
  })
}

/** Fuses the newest answers; each counts less the older it is. */
function refreshAnswer(): void {
  const now = performance.now() / 1000
  const speech = live.mode.value === 'face' ? undefined : newest(moments.speech, now)
  const face = live.mode.value === 'voice' ? undefined : newest(moments.face, now)
  if (!speech && !face) {
    answer = undefined
    resetFusion()
  } else {
    previousFused = fuse(speech?.answer, face?.answer, {
      presence: { speech: freshness(speech, now), face: freshness(face, now) },
      previous: previousFused?.scores,
      elapsedSeconds: now - lastFusion,
      // The speech stream is smoothed already; faces change from one picture to the next.
      timeConstantSeconds: live.mode.value === 'voice' ? 0 : 0.6,
    })
    answer = previousFused
  }
  lastFusion = now
  if (live.mode.value === 'both') moments.fused.push({ time: now, answer })
  if (now - lastShown >= SHOW_SECONDS || !answer || !live.answer.value) showAnswer(now)
}

function showAnswer(now: number): void {
  lastShown = now
  live.answer.value = answer
}

function newest(list: readonly TimedAnswer[], now: number): TimedAnswer | undefined {
  const last = list.at(-1)
  if (last?.answer) return last
  // A breath between two words, a blink of the detector: what was seen a moment ago still holds, and fades.
  for (let i = list.length - 1; i >= 0 && now - list[i].time < STALE_SECONDS; i--) if (list[i].answer) return list[i]
  return undefined
}

function freshness(moment: TimedAnswer | undefined, now: number): number {
  return moment ? Math.exp(-Math.max(0, now - moment.time) / FRESH_SECONDS) : 0
}

function resetFusion(): void {
  previousFused = undefined
  lastFusion = performance.now() / 1000
}

/** Four times a second: forgets what is older than a minute, draws the timelines and tells how well it runs. */
function tick(): void {
  const now = performance.now() / 1000
  for (const list of Object.values(moments)) {
    const keep = list.findIndex((moment) => moment.time >= now - TIMELINE_SECONDS)
    list.splice(0, keep === -1 ? list.length : keep)
  }
  // Without reports (hidden page, stalled device) old answers must not stand as if they were new.
  if (now - lastFusion > STALE_SECONDS) answer = undefined
  batch(() => {
    live.now.value = now
    live.timelines.value = { speech: [...moments.speech], face: [...moments.face], fused: [...moments.fused] }
    live.figures.value = {
      weights: answer?.weights,
      framesPerSecond: framesPerSecond(),
      face: live.view.value?.milliseconds,
      speech: live.speech.value?.milliseconds,
      latency,
    }
    showAnswer(now)
  })
}

function framesPerSecond(): number | undefined {
  const span = (frameTimes.at(-1) ?? 0) - (frameTimes.at(0) ?? 0)
  return span > 200 ? ((frameTimes.length - 1) * 1000) / span : undefined
}

function clearMoments(): void {
  for (const list of Object.values(moments)) list.length = 0
  live.timelines.value = { speech: [], face: [], fused: [] }
  live.figures.value = {}
  answer = live.answer.value = undefined
  resetFusion()
}
