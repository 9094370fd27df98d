import { checkOptions } from '@emo/runtime'
import { checkSampleRate, checkSamples } from './audioInput.ts'

/** What {@link voiceActivity} looks at; every default was chosen on training corpora. */
export interface VoiceActivityOptions {
  /** Frames quieter than this (dB relative to full scale) are silence whatever else they hold. Default -75. */
  readonly silenceDb?: number
  /** Frames this far (dB) below the loudest frame are background. Default 30. */
  readonly rangeDb?: number
  /** Smallest normalised autocorrelation of a voiced frame, 0..1. Default 0.5. */
  readonly periodicity?: number
}

/** What the gate found in one stretch of signal. */
export interface VoiceActivity {
  /** Seconds of voiced sound (vowels and the like). */
  readonly voicedSeconds: number
  /** Seconds that are neither silence nor background. */
  readonly activeSeconds: number
  /** Level of the loudest frame, dB relative to full scale; `-Infinity` for digital silence. */
  readonly peakDb: number
}

/** Voice is looked for between these pitches, Hz. */
const pitchRange = { low: 70, high: 500 } as const
/** Rate at which periodicity is measured: enough for the pitch range and four times cheaper than 16 kHz. */
const analysisRate = 4000
const frameSeconds = 0.04
const hopSeconds = 0.02

/**
 * Measures how much of a mono signal is voice: frames that are loud enough and periodic at the pitch of a human voice.
 *
 * Level alone calls every fan speech, so a frame must also repeat itself: the peak of its normalised autocorrelation
 * between 70 and 500 Hz (Boersma 1993, without the window correction) has to reach `periodicity`.
 *
 * @param samples - mono, full scale = 1
 * @param sampleRate - in Hz
 * @throws EmoError `AUDIO_INVALID`, `AUDIO_NOT_FINITE`, `AUDIO_NOT_MONO`, `OPTIONS_NOT_OBJECT`; EmoRangeError `AUDIO_OUT_OF_RANGE`, `SAMPLE_RATE_INVALID`
 */
export function voiceActivity(samples: Float32Array, sampleRate: number, options: VoiceActivityOptions = {}): VoiceActivity {
  checkOptions(options, '{ periodicity: 0.5 }')
  return measureVoice(checkSamples(samples), checkSampleRate(sampleRate), options)
}

/** {@link voiceActivity} of what has been checked. */
export function measureVoice(samples: Float32Array, sampleRate: number, options: VoiceActivityOptions = {}): VoiceActivity {
  const { silenceDb = -75, rangeDb = 30, periodicity = 0.5 } = options
  const step = Math.max(1, Math.floor(sampleRate / analysisRate))
  const rate = sampleRate / step
  const low = decimate(samples, step)
  const frame = Math.round(frameSeconds * rate)
  const hop = Math.round(hopSeconds * rate)
  const frames = low.length < frame ? 0 : 1 + Math.floor((low.length - frame) / hop)

  const levels = new Float64Array(frames)
  let peakDb = -Infinity
  for (let i = 0; i < frames; i++) {
    let energy = 0
    for (let j = i * hop; j < i * hop + frame; j++) energy += low[j] * low[j]
    levels[i] = 10 * Math.log10(energy / frame)
    if (levels[i] > peakDb) peakDb = levels[i]
  }

  const floor = Math.max(silenceDb, peakDb - rangeDb)
  const shortest = Math.floor(rate / pitchRange.high)
  const longest = Math.min(Math.ceil(rate / pitchRange.low), frame >> 1)
  let active = 0
  let voiced = 0
  for (let i = 0; i < frames; i++) {
    if (!(levels[i] > floor)) continue
    active++
    if (isPeriodic(low, i * hop, frame, shortest, longest, periodicity)) voiced++
  }
  const seconds = hop / rate
  return { voicedSeconds: voiced * seconds, activeSeconds: active * seconds, peakDb }
}

/** Mean of every `step` samples, mean removed slowly: a crude low-pass, good enough for pitch. */
function decimate(samples: Float32Array, step: number): Float32Array {
  const length = Math.floor(samples.length / step)
  const out = new Float32Array(length)
  // One-pole high-pass at about 40 Hz: rumble and DC would otherwise correlate with themselves at every lag.
  const keep = Math.exp((-2 * Math.PI * 40) / analysisRate)
  let previousIn = 0
  let previousOut = 0
  for (let i = 0; i < length; i++) {
    let sum = 0
    for (let j = i * step; j < (i + 1) * step; j++) sum += samples[j]
    const value = sum / step
    previousOut = i === 0 ? 0 : keep * (previousOut + value - previousIn)
    previousIn = value
    out[i] = previousOut
  }
  return out
}

/**
 * Whether the autocorrelation, normalised by both halves' energies, has a local maximum of at least `threshold` at a lag from `shortest`
 * to `longest`.
 */
function isPeriodic(x: Float32Array, start: number, length: number, shortest: number, longest: number, threshold: number): boolean {
  const span = length - longest
  const end = start + span
  let energy0 = 0
  let energy = 0
  for (let j = start; j < end; j++) {
    energy0 += x[j] * x[j]
    energy += x[j + shortest] * x[j + shortest]
  }
  let before = Infinity
  let current = Infinity
  for (let lag = shortest; lag <= longest; lag++) {
    let dot = 0
    for (let j = start; j < end; j++) dot += x[j] * x[j + lag]
    const next = dot / Math.sqrt(energy0 * Math.max(0, energy) + 1e-20)
    // A slope that only falls from lag 0 (low-passed noise) has no local maximum.
    if (current >= threshold && current >= before && current >= next && current !== Infinity) return true
    before = current
    current = next
    // The later half moves on by one sample.
    energy += x[end + lag] * x[end + lag] - x[start + lag] * x[start + lag]
  }
  return false
}
