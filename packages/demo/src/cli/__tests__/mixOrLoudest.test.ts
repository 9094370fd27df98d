import { describe, expect, it } from 'vitest'
import { mixOrLoudest } from '../mixOrLoudest.ts'
import { clipSamples } from './testFiles.ts'

const clip = clipSamples()
const silence = new Float32Array(clip.length)

describe('mixOrLoudest', () => {
  it('is the mean of the channels', async () => {
    expect(await mixOrLoudest([clip])).toBe(clip)
    expect(await mixOrLoudest([clip, silence])).toEqual(clip.map((sample) => sample / 2))
    expect(await mixOrLoudest([silence, silence])).toEqual(silence)
  })

  it('is the loudest channel where they cancel out', async () => {
    const quieter = clip.map((sample) => -0.95 * sample)
    expect(await mixOrLoudest([quieter, clip])).toBe(clip)
  })
})
