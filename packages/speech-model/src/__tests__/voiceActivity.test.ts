import { describe, expect, test } from 'vitest'
import { voiceActivity } from '../index.ts'
import { resample } from '@emo/dsp'
import { clipNames, noise, readClip, telephone, vowel } from './audio.ts'

const rate = 16000

describe('no voice', () => {
  test.each([
    ['digital silence', new Float32Array(2 * rate)],
    ['loud white noise', noise(2, rate, 0.8)],
    ['quiet white noise', noise(2, rate, 0.001)],
    ['mains hum', Float32Array.from({ length: 2 * rate }, (_, i) => 0.3 * Math.sin((2 * Math.PI * 50 * i) / rate))],
    ['a voice far below the silence threshold', vowel(2, rate, 120, [600, 1200]).map((value) => value * 1e-4)],
    ['shorter than a frame', vowel(0.02, rate, 120, [600, 1200])],
    ['nothing', new Float32Array(0)],
  ])('%s', (_name, samples) => {
    expect(voiceActivity(samples, rate).voicedSeconds).toBe(0)
  })
})

test.each([
  ['AUDIO_INVALID', null, rate],
  ['AUDIO_INVALID', [0.1, 0.2], rate],
  ['AUDIO_NOT_MONO', [new Float32Array(rate), new Float32Array(rate)], rate],
  ['AUDIO_NOT_FINITE', Float32Array.of(0, NaN), rate],
  ['AUDIO_OUT_OF_RANGE', Float32Array.of(0, 1e18), rate],
  ['SAMPLE_RATE_INVALID', new Float32Array(rate), undefined],
  ['SAMPLE_RATE_INVALID', new Float32Array(rate), 16],
])('refuses bad input: %s', (code, samples, sampleRate) => {
  expect(() => voiceActivity(samples as never, sampleRate as never)).toThrow(expect.objectContaining({ code }))
})

test('refuses options that are none', () => {
  expect(() => voiceActivity(new Float32Array(rate), rate, null as never)).toThrow(expect.objectContaining({ code: 'OPTIONS_NOT_OBJECT' }))
})

test.each([80, 120, 220, 400])('a vowel of %i Hz is voiced nearly all along', (pitch) => {
  expect(voiceActivity(vowel(1, rate, pitch, [600, 1200]), rate).voicedSeconds).toBeGreaterThan(0.85)
})

test.each([8000, 22050, 44100, 48000])('works at %i Hz', (sampleRate) => {
  expect(voiceActivity(vowel(1, sampleRate, 150, [600, 1200]), sampleRate).voicedSeconds).toBeGreaterThan(0.8)
  expect(voiceActivity(noise(1, sampleRate, 0.3), sampleRate).voicedSeconds).toBeLessThanOrEqual(0.04)
})

test.each(clipNames)('%s holds speech, at any usual level', async (name) => {
  const { samples, sampleRate } = await readClip(name)
  const seconds = voiceActivity(samples, sampleRate).voicedSeconds
  expect(seconds).toBeGreaterThan(0.4)
  for (const gain of [0.25, 4]) {
    expect(
      voiceActivity(
        samples.map((value) => gain * value),
        sampleRate,
      ).voicedSeconds,
    ).toBeCloseTo(seconds, 1)
  }
})

test.each(clipNames)('%s through a telephone (300 to 3400 Hz, 8 kHz) still holds speech; its noise does not', async (name) => {
  const { samples, sampleRate } = await readClip(name)
  const seconds = voiceActivity(samples, sampleRate).voicedSeconds
  const line = telephone(resample(samples, { from: sampleRate, to: 8000 }), 8000)
  expect(voiceActivity(line, 8000).voicedSeconds).toBeGreaterThan(0.5 * seconds)
  expect(voiceActivity(telephone(noise(2, 8000, 0.3), 8000), 8000).voicedSeconds).toBeLessThan(0.1)
})

test.each([100, 220])('the fundamental of %i Hz may be missing', (pitch) => {
  expect(voiceActivity(telephone(vowel(1, rate, pitch, [600, 1200]), rate), rate).voicedSeconds).toBeGreaterThan(0.8)
})
