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

/** Decodes a recording, judges it as a whole and window by window, and draws it. */
export async function analyzeAudio(
  model: SpeechEmotionModel,
  input: { readonly bytes: ArrayBuffer } | { readonly samples: Float32Array; readonly sampleRate: number },
): Promise<AudioAnalysis> {
  const started = performance.now()
  const { samples, sampleRate } = 'bytes' in input ? await decode(new Uint8Array(input.bytes)) : input
  const decoded = performance.now()
  const whole = model.predict({ samples, sampleRate })
  const predicted = performance.now()
  const seconds = samples.length / sampleRate
  const timeline = judgeMoments(model, samples, sampleRate)
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

function judgeMoments(model: SpeechEmotionModel, samples: Float32Array, sampleRate: number): TimedAnswer[] {
  const seconds = samples.length / sampleRate
  const hopSeconds = Math.min(30, Math.max(WINDOW_SECONDS / 4, seconds / MOMENTS))
  const stream = model.createStream({ sampleRate, windowSeconds: WINDOW_SECONDS, hopSeconds })
  const moments = stream.push(samples)
  stream.close()
  return moments.map((moment) => ({ time: (moment.start + moment.end) / 2, answer: spoken(moment) }))
}

/** The answer, or nothing where nobody speaks. */
export function spoken({ emotion, confidence, scores }: SpeechPrediction): EmotionAnswer | undefined {
  return emotion === null ? undefined : { emotion, confidence, scores }
}
