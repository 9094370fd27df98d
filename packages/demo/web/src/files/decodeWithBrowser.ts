import { failure } from './explainFileFailure.ts'

/** Rate that recordings without a decoder of ours are read at: the usual one of films and telephones, so mostly no resampling. */
const SAMPLE_RATE = 48_000

/**
 * Decodes what the browser knows and Emo has no decoder for (m4a, webm, the sound of films), mixed to mono.
 *
 * @throws Error with code `AUDIO_UNDECODABLE`
 */
export async function decodeWithBrowser(bytes: ArrayBuffer): Promise<{ samples: Float32Array<ArrayBuffer>; sampleRate: number }> {
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE)
  let buffer: AudioBuffer
  try {
    buffer = await context.decodeAudioData(bytes)
  } catch (error) {
    throw failure('AUDIO_UNDECODABLE', error)
  }
  const samples = new Float32Array(buffer.length)
  for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
    const values = buffer.getChannelData(channel)
    for (let i = 0; i < samples.length; i++) samples[i] += values[i] / buffer.numberOfChannels
  }
  return { samples, sampleRate: buffer.sampleRate }
}
