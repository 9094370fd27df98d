import type { SpeechEmotionModel } from '@emo/speech-model'
import type { CapturedSound, LiveSpeechReport } from '../workers/protocol.ts'
import { spoken } from './analyzeAudio.ts'
import { spectrogramPicture } from './spectrogramPicture.ts'
import { waveformPeaks } from './waveformPeaks.ts'

const WINDOW_SECONDS = 0.8
const HOP_SECONDS = 0.2
/** Columns of the rolling pictures in one report: 50 a second. */
const COLUMNS = 10
/** Sound that waited longer than this is left out, milliseconds: a bit more than a window, which may wait for the model to load. */
const MOST_BEHIND = 1000
/** Power that counts as white in the rolling spectrogram: a voice close to the microphone. */
const REFERENCE_POWER = 30

/** Runs the live path once on a hum that counts as a voice: what is compiled on first use is then there before the microphone is. */
export function warmUpSpeech(model: SpeechEmotionModel): void {
  const sampleRate = 48_000
  const hop = Math.round(HOP_SECONDS * sampleRate)
  const hum = Float32Array.from({ length: Math.round((WINDOW_SECONDS + HOP_SECONDS) * sampleRate) }, (_, i) => {
    const phase = (2 * Math.PI * 140 * i) / sampleRate
    let sample = 0
    for (let harmonic = 1; harmonic <= 20; harmonic++) sample += (0.2 / harmonic) * Math.sin(harmonic * phase)
    return sample
  })
  const stream = model.createStream({ sampleRate, windowSeconds: WINDOW_SECONDS, hopSeconds: HOP_SECONDS })
  for (let at = 0; at + hop <= hum.length; at += hop) stream.push(hum.subarray(at, at + hop))
  stream.close()
  spectrogramPicture(hum.subarray(0, hop), sampleRate, COLUMNS, REFERENCE_POWER)
}

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

  /** @param endedAt - when the hop's last sample was heard, by `Date.now()` */
  const finishHop = (endedAt: number): void => {
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
      endedAt,
    })
  }

  chunks.onmessage = ({ data: { samples, heardAt } }: MessageEvent<CapturedSound>) => {
    if (Date.now() - heardAt > MOST_BEHIND) {
      // Too slow a machine for every window, or woken from sleep: better an answer now and then about the present than each about the past.
      stream.reset()
      filled = 0
      return
    }
    for (let at = 0; at < samples.length;) {
      const count = Math.min(samples.length - at, hop.length - filled)
      hop.set(samples.subarray(at, at + count), filled)
      at += count
      filled += count
      if (filled === hop.length) {
        finishHop(heardAt - (1000 * (samples.length - at)) / sampleRate)
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
