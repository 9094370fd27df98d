import type { SpeechEmotionModel } from '@emo/speech-model'
import type { LiveSpeechReport } from '../workers/protocol.ts'
import { spoken } from './analyzeAudio.ts'
import { spectrogramPicture } from './spectrogramPicture.ts'
import { waveformPeaks } from './waveformPeaks.ts'

const WINDOW_SECONDS = 0.8
const HOP_SECONDS = 0.2
/** Columns of the rolling pictures in one report: 50 a second. */
const COLUMNS = 10
/** Power that counts as white in the rolling spectrogram: a voice close to the microphone. */
const REFERENCE_POWER = 30

/**
 * Judges a microphone: chunks arrive straight from the audio thread, reports leave every 0.2 s about the last 0.8 s.
 *
 * @returns stops listening
 */
export function startLiveSpeech(
  model: SpeechEmotionModel,
  { sampleRate, chunks }: { readonly sampleRate: number; readonly chunks: MessagePort },
  onReport: (report: LiveSpeechReport) => void,
): { close(): void } {
  const stream = model.createStream({ sampleRate, windowSeconds: WINDOW_SECONDS, hopSeconds: HOP_SECONDS })
  const hop = new Float32Array(Math.round(HOP_SECONDS * sampleRate))
  let filled = 0

  const finishHop = (): void => {
    const started = performance.now()
    const answer = stream.push(hop).at(-1)
    const milliseconds = performance.now() - started
    let peak = 0
    let energy = 0
    for (const sample of hop) {
      peak = Math.max(peak, Math.abs(sample))
      energy += sample * sample
    }
    onReport({
      at: performance.timeOrigin + started,
      answer: answer && spoken(answer),
      voice: answer?.speech ?? false,
      peak,
      rms: Math.sqrt(energy / hop.length),
      peaks: waveformPeaks(hop, COLUMNS),
      spectrogram: spectrogramPicture(hop, sampleRate, COLUMNS, REFERENCE_POWER),
      milliseconds,
    })
  }

  chunks.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    for (let at = 0; at < data.length; ) {
      const count = Math.min(data.length - at, hop.length - filled)
      hop.set(data.subarray(at, at + count), filled)
      at += count
      filled += count
      if (filled === hop.length) {
        finishHop()
        filled = 0
      }
    }
  }
  return {
    close() {
      chunks.close()
      stream.close()
    },
  }
}
