import { describe, expect, it } from 'vitest'
import { createRandom } from '@emo/runtime'
import { suppressBackground } from '../features/backgroundNoise.ts'
import { analyseSpeech } from '../features/speechAnalysis.ts'
import { speechFeatures, trimAnalysis } from '../features/speechFeatures.ts'
import type { SpeechFeatureParameters } from '../features/speechFeatureParameters.ts'
import { vowel } from './audio.ts'

const parameters: SpeechFeatureParameters = {
  sampleRate: 16000,
  nFft: 2048,
  winLength: 1366,
  hopLength: 683,
  nMels: 128,
  melBands: 120,
  nMfcc: 20,
  topDb: 60,
  extras: [],
  level: 'clip',
  background: { subtract: 1.5, aboveDb: 6 },
  trim: { topDb: 30, margin: 2 },
}
const untreated: SpeechFeatureParameters = { ...parameters, background: undefined }
const second = 16000
const sound = vowel(1, second, 140, [600, 1300])

/** The sound between half a second before and after it, in noise so far below it. */
function recording(noiseDb: number): Float32Array {
  const random = createRandom('noise')
  const level = Math.sqrt(sound.reduce((sum, value) => sum + value * value, 0) / sound.length) * 10 ** (noiseDb / 20)
  const samples = Float32Array.from({ length: 2 * second }, () => random.normal() * level)
  sound.forEach((value, i) => (samples[i + second / 2] += value))
  return samples
}

function distance(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0) / a.length)
}

describe('suppressBackground', () => {
  it('cuts a recording in a room where it cuts one of a studio', () => {
    const cut = (samples: Float32Array, p: SpeechFeatureParameters) =>
      trimAnalysis(suppressBackground(analyseSpeech(samples, p), p), p).frames
    const studio = cut(recording(-80), parameters)
    expect(studio).toBeLessThan(35)
    expect(Math.abs(cut(recording(-20), parameters) - studio)).toBeLessThanOrEqual(2)
    // Without it, noise 20 dB below the voice counts as sound.
    expect(cut(recording(-20), untreated)).toBe(analyseSpeech(recording(-20), untreated).frames)
  })

  it('brings the features of a noisy recording nearer to those of a clean one', () => {
    const features = (noiseDb: number, p: SpeechFeatureParameters) => speechFeatures(recording(noiseDb), { ...p, trim: null }).values
    const middle = (values: Float32Array) => values.subarray(16 * 20, 30 * 20)
    const treated = distance(middle(features(-15, parameters)), middle(features(-80, parameters)))
    const left = distance(middle(features(-15, untreated)), middle(features(-80, untreated)))
    expect(treated).toBeLessThan(0.8 * left)
  })

  it('leaves a clean recording as it is, but for what lies in its silence', () => {
    const analysis = analyseSpeech(recording(-80), parameters)
    const treated = suppressBackground(analysis, parameters)
    for (let t = 16; t < 30; t++) {
      for (let k = 0; k < 128; k++) expect(treated.mel[t * 128 + k]).toBeCloseTo(analysis.mel[t * 128 + k], 0)
    }
  })

  it('does nothing without its parameter, or to a window that may hold nothing but voice', () => {
    const analysis = analyseSpeech(recording(-20), untreated)
    expect(suppressBackground(analysis, untreated)).toBe(analysis)
    const short = analyseSpeech(recording(-20).subarray(0, 20000), parameters)
    expect(suppressBackground(short, parameters)).toBe(short)
  })

  it('keeps values finite for digital silence', () => {
    const { mel, active, frames } = suppressBackground(analyseSpeech(new Float32Array(second), parameters), parameters)
    expect(mel.every(Number.isFinite)).toBe(true)
    expect(active[0]).toBeGreaterThanOrEqual(0)
    expect(active[1]).toBeLessThanOrEqual(frames)
    expect(active[1]).toBeGreaterThan(active[0])
  })
})
