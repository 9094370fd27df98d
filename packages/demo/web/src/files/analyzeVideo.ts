import { fuse } from '../../../src/fusion.ts'
import type { EmotionAnswer, EmotionScores, PerModality } from '../../../src/prediction.ts'
import { largestFirst } from '../../../src/predictor.ts'
import { models } from '../workers/modelClient.ts'
import type { AudioAnalysis, TimedAnswer } from '../workers/protocol.ts'
import { decodeWithBrowser } from './decodeWithBrowser.ts'
import { failure } from './explainFileFailure.ts'
import { turns } from './turns.ts'

/** An answer for a film, with the share that each model had in it. */
export interface FilmAnswer extends EmotionAnswer {
  readonly weights: PerModality
}

/** Everything that the page shows of a film. */
export interface VideoAnalysis {
  readonly kind: 'video'
  readonly seconds: number
  readonly width: number
  readonly height: number
  /** Voice and face together, over the whole film. */
  readonly answer: FilmAnswer | undefined
  /** Nothing where the film has no sound. */
  readonly audio: AudioAnalysis | undefined
  readonly faces: readonly TimedAnswer[]
  readonly fused: readonly TimedAnswer[]
  readonly timings: Readonly<Record<string, number>>
}

/** Faces are judged this often, and at most this often in all. */
const FRAMES_A_SECOND = 4
const MOST_FRAMES = 240
/** Longest side that frames are judged at. */
const FRAME_SIDE = 640

/**
 * Judges the sound and the faces of a film, and both together.
 *
 * @param onProgress - share of the film judged, 0 to 1
 * @param signal - stops it
 * @returns `undefined` for a film without a picture, which is a recording
 * @throws Error with code `VIDEO_UNDECODABLE` or `VIDEO_ENDLESS`, or the models' own codes
 */
export async function analyzeVideo(
  file: File,
  url: string,
  onProgress: (done: number) => void,
  signal: AbortSignal,
): Promise<VideoAnalysis | undefined> {
  const video = document.createElement('video')
  try {
    await openVideo(video, url, signal)
    if (video.videoWidth === 0) return undefined
    const { audio, milliseconds } = await turns.speech.take(() => judgeSound(file), signal)
    const looked = performance.now()
    const faces = await judgeFaces(video, onProgress, signal)
    return {
      kind: 'video',
      seconds: video.duration,
      width: video.videoWidth,
      height: video.videoHeight,
      answer: judgeFilm(audio?.answer, average(faces)),
      audio,
      faces,
      fused: fuseMoments(audio?.timeline ?? [], faces),
      timings: { sound: milliseconds, faces: performance.now() - looked },
    }
  } finally {
    // The browser keeps a decoder and pictures for every film that is open.
    video.removeAttribute('src')
    video.load()
  }
}

/** What is heard in a film. One without sound, or with a codec that this browser lacks, is judged by its faces. */
async function judgeSound(file: File): Promise<{ audio: AudioAnalysis | undefined; milliseconds: number }> {
  const started = performance.now()
  const sound = await decodeWithBrowser(await file.arrayBuffer()).catch(() => undefined)
  const audio = sound && (await models.speech.request('analyzeAudio', sound, [sound.samples.buffer]))
  return { audio, milliseconds: performance.now() - started }
}

/** The largest face, again and again from beginning to end. */
async function judgeFaces(video: HTMLVideoElement, onProgress: (done: number) => void, signal: AbortSignal): Promise<TimedAnswer[]> {
  const { videoWidth: width, videoHeight: height, duration: seconds } = video
  const count = Math.max(1, Math.min(MOST_FRAMES, Math.floor(seconds * FRAMES_A_SECOND)))
  const scale = Math.min(1, FRAME_SIDE / Math.max(width, height))
  const size = { resizeWidth: Math.max(1, Math.round(width * scale)), resizeHeight: Math.max(1, Math.round(height * scale)) }
  const faces: TimedAnswer[] = []
  for (let i = 0; i < count; i++) {
    const time = ((i + 0.5) * seconds) / count
    await seek(video, time, signal)
    const bitmap = await createImageBitmap(video, size)
    const report = await models.face.request('detect', { bitmap }, [bitmap])
    const largest = largestFirst(report.faces).at(0)
    faces.push({ time, answer: largest && { emotion: largest.emotion, confidence: largest.confidence, scores: largest.scores } })
    onProgress((i + 1) / count)
  }
  return faces
}

/** Voice and faces as one answer; a voice alone keeps what its model says of it. */
export function judgeFilm(voice: EmotionAnswer | undefined, face: { readonly scores: EmotionScores } | undefined): FilmAnswer | undefined {
  if (!voice && !face) return undefined
  const answer = fuse(voice, face)
  return face ? answer : { ...answer, uncertain: voice!.uncertain }
}

async function openVideo(video: HTMLVideoElement, url: string, signal: AbortSignal): Promise<void> {
  video.muted = true
  video.preload = 'auto'
  await happens(video, 'loadeddata', signal, () => (video.src = url))
  if (!Number.isFinite(video.duration) || video.videoWidth === 0) {
    // What MediaRecorder writes has no duration until played to its end once.
    await seek(video, Number.MAX_SAFE_INTEGER, signal)
    if (!Number.isFinite(video.duration)) throw failure('VIDEO_ENDLESS')
  }
}

function seek(video: HTMLVideoElement, time: number, signal: AbortSignal): Promise<void> {
  return happens(video, 'seeked', signal, () => (video.currentTime = time))
}

/** Waits for what an action brings about; a film that is removed meanwhile must not keep the next one waiting. */
function happens(video: HTMLVideoElement, event: 'loadeddata' | 'seeked', signal: AbortSignal, action: () => void): Promise<void> {
  signal.throwIfAborted()
  const settled = new AbortController()
  const once = { once: true, signal: settled.signal }
  return new Promise<void>((resolve, reject) => {
    video.addEventListener(event, () => resolve(), once)
    video.addEventListener('error', () => reject(failure('VIDEO_UNDECODABLE', video.error)), once)
    signal.addEventListener('abort', () => reject(signal.reason as Error), once)
    action()
  }).finally(() => settled.abort())
}

/** Mean scores of the moments that have an answer. */
function average(moments: readonly TimedAnswer[]): { scores: EmotionScores } | undefined {
  const answers = moments.flatMap(({ answer }) => answer ?? [])
  if (answers.length === 0) return undefined
  const scores: Record<string, number> = {}
  for (const answer of answers) {
    for (const [emotion, score] of Object.entries(answer.scores)) scores[emotion] = (scores[emotion] ?? 0) + score / answers.length
  }
  return { scores }
}

/** Voice and face at each moment at which a face was looked for. */
function fuseMoments(speech: readonly TimedAnswer[], faces: readonly TimedAnswer[]): TimedAnswer[] {
  return faces.map(({ time, answer }) => {
    const near = speech.reduce<TimedAnswer | undefined>(
      (best, moment) => (!best || Math.abs(moment.time - time) < Math.abs(best.time - time) ? moment : best),
      undefined,
    )
    const voice = near && Math.abs(near.time - time) < 1 ? near.answer : undefined
    return { time, answer: voice || answer ? fuse(voice, answer) : undefined }
  })
}
