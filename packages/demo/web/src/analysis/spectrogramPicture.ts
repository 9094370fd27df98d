import { melSpectrogram, powerToDb } from '@emo/dsp'
import type { SpectrogramPicture } from '../workers/protocol.ts'

const BANDS = 64
const TOP_DB = 70

/** In a recording quieter than this, the loudest is not white: digital silence would be. 1e-10, which decibels begin at, is black then. */
const QUIETEST_WHITE = 1e-3

/**
 * Mel spectrogram of a recording as grey values.
 *
 * @param frames - about this many columns
 * @param reference - power that counts as white; default: the loudest value, unless next to nothing is heard
 */
export function spectrogramPicture(samples: Float32Array, sampleRate: number, frames: number, reference?: number): SpectrogramPicture {
  const nFft = sampleRate > 24_000 ? 2048 : 1024
  const hopLength = Math.max(64, Math.ceil(samples.length / frames))
  const power = melSpectrogram(samples, { sampleRate, nFft, hopLength, nMels: BANDS, fMax: Math.min(8000, sampleRate / 2) })
  const ref = reference ?? power.data.reduce((loudest, value) => Math.max(loudest, value), QUIETEST_WHITE)
  const decibels = powerToDb(power, { ref, topDb: null })
  const values = decibels.data
  const data = new Uint8Array(values.length)
  for (let i = 0; i < values.length; i++) data[i] = Math.max(0, Math.min(255, (255 * (values[i] + TOP_DB)) / TOP_DB))
  return { data, frames: data.length / BANDS, bands: BANDS }
}
