import { readFileSync } from 'node:fs'
import { decodeAudio, mixToMono } from '@emo/datasets'

const clip = new URL('../../packages/speech-model/src/__tests__/fixtures/crema-d/1001_DFA_ANG_XX.wav', import.meta.url)

/** Real speech (CREMA-D, 16 kHz), repeated or cut to this many seconds. */
export async function recording(seconds: number): Promise<{ samples: Float32Array; sampleRate: number }> {
  const { channels, sampleRate } = await decodeAudio(readFileSync(clip), { fileName: clip.pathname })
  const speech = mixToMono(channels)
  const samples = new Float32Array(Math.round(seconds * sampleRate))
  for (let at = 0; at < samples.length; at += speech.length) samples.set(speech.subarray(0, samples.length - at), at)
  return { samples, sampleRate }
}
