import { EmoError, EmoRangeError } from '@emo/errors'
import { describeValue } from '@emo/runtime'
import type { SpeechInput } from './prediction.ts'

/** Shortest recording that is judged, seconds. */
export const shortestSeconds = 0.2

/** Sample rates outside of this range are mistakes (kHz for Hz, a length for a rate). */
const rates = { lowest: 4000, highest: 768_000 } as const

/** Checks a sample rate. Throws `SAMPLE_RATE_INVALID`. */
export function checkSampleRate(sampleRate: unknown): number {
  const rate = sampleRate as number
  if (!(Number.isInteger(rate) && rate >= rates.lowest && rate <= rates.highest)) {
    throw new EmoRangeError(
      'SAMPLE_RATE_INVALID',
      `sampleRate is ${describeValue(sampleRate)}; give the rate of the recording in Hz, a whole number from ${rates.lowest} to ${rates.highest}`,
      { details: { sampleRate } },
    )
  }
  return rate
}

/** Samples beyond this overflow on their way to the network; whole numbers of 32 bits, unscaled, are far below. */
const largestSample = 1e12

/** Checks that every sample is a number. Throws `AUDIO_INVALID`, `AUDIO_NOT_MONO`, `AUDIO_NOT_FINITE`, `AUDIO_OUT_OF_RANGE`. */
export function checkSamples(samples: unknown): Float32Array {
  if (Array.isArray(samples) && samples.some((channel) => typeof channel === 'object')) {
    throw new EmoError('AUDIO_NOT_MONO', 'samples is a list of channels; mix them with toMono of @emo/dsp first', {
      details: { channels: samples.length },
    })
  }
  if (!(samples instanceof Float32Array)) {
    const given = describeValue(samples)
    throw new EmoError('AUDIO_INVALID', `samples is ${given}; give a Float32Array of one channel, full scale 1`, { details: { given } })
  }
  for (let i = 0; i < samples.length; i++) {
    const value = samples[i]
    if (Math.abs(value) <= largestSample) continue
    const details = { index: i, value }
    if (!Number.isFinite(value))
      throw new EmoError('AUDIO_NOT_FINITE', `samples[${i}] is ${value}; samples must be finite numbers`, { details })
    throw new EmoRangeError('AUDIO_OUT_OF_RANGE', `samples[${i}] is ${value}; give samples whose full scale is 1`, { details })
  }
  return samples
}

/**
 * Checks a recording.
 *
 * Throws `AUDIO_INVALID`, `AUDIO_NOT_FINITE`, `AUDIO_OUT_OF_RANGE`, `AUDIO_NOT_MONO`, `AUDIO_TOO_SHORT`, `SAMPLE_RATE_INVALID`.
 */
export function checkInput(input: SpeechInput): SpeechInput {
  if (typeof input !== 'object' || input === null) {
    throw new EmoError('AUDIO_INVALID', `the recording is ${describeValue(input)}; give { samples, sampleRate }`)
  }
  const sampleRate = checkSampleRate(input.sampleRate)
  const samples = checkSamples(input.samples)
  if (samples.length < shortestSeconds * sampleRate) {
    throw new EmoRangeError(
      'AUDIO_TOO_SHORT',
      `the recording has ${samples.length} samples (${((1000 * samples.length) / sampleRate).toFixed(0)} ms at ${sampleRate} Hz); give at least ${1000 * shortestSeconds} ms`,
      { details: { length: samples.length, sampleRate } },
    )
  }
  if (isInterleaved(samples)) {
    throw new EmoError(
      'AUDIO_NOT_MONO',
      'neighbouring samples come in near-identical pairs: these are two interleaved channels (or samples repeated to raise the rate); give one channel, see toMono of @emo/dsp',
    )
  }
  return { samples, sampleRate }
}

/**
 * Two interleaved channels of one scene differ less within a pair than between pairs; in one channel both differences are alike,
 * in their energy and pair by pair. It has to show all along the recording.
 *
 * Left out, as they tell nothing, are stretches where few pairs differ (pauses, but also square and sawtooth waves, whose jumps may all lie
 * between pairs; but for one of an eighth of the rate) and those whose neighbouring values oppose each other more than noise does: a
 * tone at a quarter of the rate comes in pairs, too, but no channel is a tone at half of its rate.
 */
function isInterleaved(samples: Float32Array): boolean {
  const blocks = 10
  const pairs = Math.floor((samples.length - 1) / 2 / blocks)
  let judged = 0
  let balance = 0
  for (let block = 0; block < blocks; block++) {
    let within = 0
    let between = 0
    let power = 0
    /** Pairs with one difference less than half of the other, and how many more of them are alike within. */
    let uneven = 0
    let alike = 0
    const end = 2 * (block + 1) * pairs
    for (let i = 2 * block * pairs; i < end; i += 2) {
      const a = samples[i + 1] - samples[i]
      const b = samples[i + 2] - samples[i + 1]
      const aa = a * a
      const bb = b * b
      within += aa
      between += bb
      power += samples[i] * samples[i] + samples[i + 1] * samples[i + 1]
      if (aa < 0.25 * bb) {
        uneven++
        alike++
      } else if (bb < 0.25 * aa) {
        uneven++
        alike--
      }
    }
    if (uneven < 0.28 * pairs || Math.max(within, between) > 1.25 * power) continue
    judged++
    if (within < 0.4 * between && alike > 0.3 * uneven) balance++
    else if (between < 0.4 * within && alike < -0.3 * uneven) balance--
  }
  return judged >= blocks / 2 && Math.abs(balance) >= 0.8 * judged
}
