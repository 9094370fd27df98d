import type { Sample } from '@emo/datasets'
import { describe, expect, it } from 'vitest'
import { stratifiedSample } from '../stratifiedSample.ts'

/** As the loaders sort RAVDESS: actor by actor, each of them with every emotion in the same order. */
const samples = Array.from({ length: 24 * 60 }, (_, i) => ({
  id: `${Math.floor(i / 60)}-${i % 60}`,
  emotion: (['anger', 'fear', 'neutral'] as const)[Math.floor((i % 60) / 20)],
  speaker: String(Math.floor(i / 60)),
})) as unknown as Sample[]

describe('stratifiedSample', () => {
  it('gives each emotion its share, whatever the period of the list', () => {
    for (const limit of [3, 24, 48, 96, 333]) {
      const drawn = stratifiedSample(samples, limit)
      expect(new Set(drawn).size).toBe(limit)
      for (const emotion of ['anger', 'fear', 'neutral']) {
        const share = drawn.filter((sample) => sample.emotion === emotion).length
        expect(Math.abs(share - limit / 3)).toBeLessThanOrEqual(1)
      }
    }
    expect(new Set(stratifiedSample(samples, 48).map(({ speaker }) => speaker)).size).toBeGreaterThan(12)
  })

  it('draws the same ones again, in whatever order they are given, and all where there are no more', () => {
    expect(stratifiedSample([...samples].reverse(), 24)).toEqual(stratifiedSample(samples, 24))
    expect(stratifiedSample(samples, samples.length)).toEqual(samples)
  })
})
