import type { SpeechEmotionModel, SpeechPrediction } from '@emo/speech-model'
import type { EmotionAnswer } from '../../../src/prediction.ts'
import type { AudioAnalysis, TimedAnswer } from '../workers/protocol.ts'
import { spectrogramPicture } from './spectrogramPicture.ts'
import { waveformPeaks } from './waveformPeaks.ts'

const WINDOW_SECONDS = 0.8
/** Columns of the pictures: no screen shows more of one recording. */
const COLUMNS = 1000
/** Answers along a recording: beyond it, windows move further apart. */
const MOMENTS = 300

/** Milliseconds between two reports of how far it is: a short recording is done before the first. */
const REPORT_EVERY = 250

/**
 * Decodes a recording, judges it as a whole and window by window, and draws it.
 *
 * @param onProgress - share judged, 0 to 1
 */
export async function analyzeAudio(
  model: SpeechEmotionModel,
  input: { readonly bytes: ArrayBuffer } | { readonly samples: Float32Array; readonly sampleRate: number },
  onProgress: (done: number) => void = () => undefined,
): Promise<AudioAnalysis> {
  const started = performance.now()
  const { samples, sampleRate } = 'bytes' in input ? await decode(new Uint8Array(input.bytes)) : input
  const decoded = performance.now()
  const seconds = samples.length / sampleRate
  // The whole is judged in windows that overlap by half, so every second twice; moments are fewer the longer the recording is.
  const share = (2 * seconds) / (2 * seconds + Math.min(MOMENTS, (4 * seconds) / WINDOW_SECONDS) * WINDOW_SECONDS)
  const report = seldom(onProgress)
  const whole = model.predict({ samples, sampleRate }, { onProgress: (done) => report(share * done) })
  const predicted = performance.now()
  const timeline = judgeMoments(model, samples, sampleRate, (done) => report(share + (1 - share) * done))
  const moments = performance.now()
  const peaks = waveformPeaks(samples, COLUMNS)
  const spectrogram = spectrogramPicture(samples, sampleRate, COLUMNS)
  const drawn = performance.now()
  return {
    kind: 'audio',
    seconds,
    sampleRate,
    answer: spoken(whole),
    timeline,
    peaks,
    spectrogram,
    timings: { decode: decoded - started, predict: predicted - decoded, timeline: moments - predicted, draw: drawn - moments },
  }
}

async function decode(bytes: Uint8Array): Promise<{ samples: Float32Array; sampleRate: number }> {
  const { decodeAudio, mixToMono } = await import('@emo/datasets')
  const { channels, sampleRate } = await decodeAudio(bytes)
  return { samples: mixToMono(channels), sampleRate }
}

function seldom(report: (done: number) => void): (done: number) => void {
  let last = performance.now()
  return (done) => {
    const now = performance.now()
    if (now - last < REPORT_EVERY) return
    last = now
    report(done)
  }
}

function judgeMoments(
  model: SpeechEmotionModel,
  samples: Float32Array,
  sampleRate: number,
  onProgress: (done: number) => void,
): TimedAnswer[] {
  const seconds = samples.length / sampleRate
  const hopSeconds = Math.min(30, Math.max(WINDOW_SECONDS / 4, seconds / MOMENTS))
  const stream = model.createStream({ sampleRate, windowSeconds: WINDOW_SECONDS, hopSeconds })
  const moments = []
  const step = Math.ceil(hopSeconds * sampleRate)
  for (let at = 0; at < samples.length; at += step) {
    moments.push(...stream.push(samples.subarray(at, at + step)))
    onProgress(at / samples.length)
  }
  stream.close()
  return moments.map((moment) => ({ time: (moment.start + moment.end) / 2, answer: spoken(moment) }))
}

/** The answer, or nothing where nobody speaks. */
export function spoken({ emotion, confidence, scores, uncertain }: SpeechPrediction): EmotionAnswer | undefined {
  return emotion === null ? undefined : { emotion, confidence, scores, uncertain }
}
