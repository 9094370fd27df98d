import { fuse } from '../../../src/fusion.ts'
import type { EmotionAnswer, EmotionScores } from '../../../src/prediction.ts'
import { models } from '../workers/modelClient.ts'
import type { AudioAnalysis, TimedAnswer } from '../workers/protocol.ts'
import { decodeWithBrowser } from './decodeWithBrowser.ts'

/** Everything that the page shows of a film. */
export interface VideoAnalysis {
  readonly kind: 'video'
  readonly seconds: number
  readonly width: number
  readonly height: number
  /** Voice and face together, over the whole film. */
  readonly answer: EmotionAnswer | undefined
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
 * @throws Error with code `VIDEO_UNDECODABLE`, or the models' own codes
 */
export async function analyzeVideo(file: File, url: string, onProgress: (done: number) => void): Promise<VideoAnalysis> {
  const started = performance.now()
  const video = await openVideo(url)
  const { videoWidth: width, videoHeight: height, duration: seconds } = video
  // A film without sound, or with a codec that this browser lacks, is judged by its faces.
  const sound = await decodeWithBrowser(await file.arrayBuffer()).catch(() => undefined)
  const audio = sound && (await models.speech.request('analyzeAudio', sound, [sound.samples.buffer]))
  const heard = performance.now()
  const count = Math.max(1, Math.min(MOST_FRAMES, Math.floor(seconds * FRAMES_A_SECOND)))
  const faces: TimedAnswer[] = []
  for (let i = 0; i < count; i++) {
    const time = ((i + 0.5) * seconds) / count
    await seek(video, time)
    const scale = Math.min(1, FRAME_SIDE / Math.max(width, height))
    const bitmap = await createImageBitmap(video, { resizeWidth: Math.round(width * scale), resizeHeight: Math.round(height * scale) })
    const report = await models.face.request('detect', { bitmap }, [bitmap])
    const largest = [...report.faces].sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height).at(0)
    faces.push({ time, answer: largest && { emotion: largest.emotion, confidence: largest.confidence, scores: largest.scores } })
    onProgress((i + 1) / count)
  }
  video.removeAttribute('src')
  const fused = fuseMoments(audio?.timeline ?? [], faces)
  const face = average(faces)
  return {
    kind: 'video',
    seconds,
    width,
    height,
    answer: audio?.answer || face ? fuse(audio?.answer, face) : undefined,
    audio,
    faces,
    fused,
    timings: { sound: heard - started, faces: performance.now() - heard },
  }
}

async function openVideo(url: string): Promise<HTMLVideoElement> {
  const video = document.createElement('video')
  video.muted = true
  video.preload = 'auto'
  video.src = url
  await new Promise<void>((resolve, reject) => {
    video.onloadeddata = () => resolve()
    video.onerror = () => reject(Object.assign(new Error('This browser cannot play this film.'), { code: 'VIDEO_UNDECODABLE' }))
  })
  if (!Number.isFinite(video.duration) || video.videoWidth === 0) {
    // What MediaRecorder writes has no duration until played to its end once.
    await seek(video, Number.MAX_SAFE_INTEGER)
    if (!Number.isFinite(video.duration)) {
      throw Object.assign(new Error('This film does not say how long it is.'), { code: 'VIDEO_UNDECODABLE' })
    }
  }
  return video
}

function seek(video: HTMLVideoElement, time: number): Promise<void> {
  return new Promise((resolve, reject) => {
    video.onseeked = () => resolve()
    video.onerror = () => reject(Object.assign(new Error('This film is damaged.'), { code: 'VIDEO_UNDECODABLE' }))
    video.currentTime = time
  })
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
