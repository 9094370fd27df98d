import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { decodeAudio, mixToMono } from '@emo/datasets'
import { createRandom } from '@emo/runtime'
import type { SpeechInput } from '../index.ts'

const folder = fileURLToPath(new URL('./fixtures/crema-d/', import.meta.url))

/** Names of the real recordings. */
export const clipNames = readdirSync(folder).filter((name) => name.endsWith('.wav'))

/** A real recording, 16 kHz. */
export async function readClip(name: string): Promise<SpeechInput> {
  const { channels, sampleRate } = await decodeAudio(readFileSync(`${folder}${name}`), { fileName: name })
  return { samples: mixToMono(channels), sampleRate }
}

/** White noise, uniform. */
export function noise(seconds: number, sampleRate: number, amplitude: number, seed = 1): Float32Array {
  const random = createRandom(seed, 'noise')
  return Float32Array.from({ length: Math.round(seconds * sampleRate) }, () => random.uniform(-amplitude, amplitude))
}

/** A crude vowel: a pulse train of this pitch through two resonances. */
export function vowel(seconds: number, sampleRate: number, pitch: number, formants: readonly [number, number]): Float32Array {
  const out = new Float32Array(Math.round(seconds * sampleRate))
  for (let i = 0; i < out.length; i += Math.round(sampleRate / pitch)) out[i] = 1
  for (const formant of formants) {
    const r = Math.exp((-Math.PI * 100) / sampleRate)
    const c = 2 * r * Math.cos((2 * Math.PI * formant) / sampleRate)
    for (let i = 2; i < out.length; i++) out[i] += c * out[i - 1] - r * r * out[i - 2]
  }
  const peak = out.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return out.map((value) => (0.5 * value) / peak)
}
