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

/** The band of a telephone: everything below 300 Hz and above 3400 Hz 24 dB per octave down and more (two biquads each, Bristow-Johnson's formulas). */
export function telephone(samples: Float32Array, sampleRate: number): Float32Array {
  let out = samples
  for (const [type, frequency] of [
    ['high', 300],
    ['high', 300],
    ['low', 3400],
    ['low', 3400],
  ] as const) {
    const w = (2 * Math.PI * frequency) / sampleRate
    const alpha = Math.sin(w) / Math.SQRT2
    const sign = type === 'high' ? -1 : 1
    const b0 = (1 - sign * Math.cos(w)) / 2
    const input = out
    out = new Float32Array(input.length)
    for (let i = 0; i < input.length; i++) {
      const [x1, x2, y1, y2] = [input[i - 1] ?? 0, input[i - 2] ?? 0, out[i - 1] ?? 0, out[i - 2] ?? 0]
      out[i] = (b0 * (input[i] + 2 * sign * x1 + x2) + 2 * Math.cos(w) * y1 - (1 - alpha) * y2) / (1 + alpha)
    }
  }
  return out
}
