import { createHash } from 'node:crypto'
import type { Sample } from '@emo/datasets'

/** Changes which samples are drawn. */
const SEED = 1

/**
 * Draws samples at random, the same ones every time and in whatever order they are given. Each emotion gets its share, give or take one.
 *
 * @param samples - with labels
 * @param limit - how many, at most
 */
export function stratifiedSample(samples: readonly Sample[], limit: number): Sample[] {
  if (limit >= samples.length) return [...samples]
  const drawn = samples
    .map((sample) => ({ sample, key: `${sample.emotion} ${createHash('sha256').update(`${SEED} ${sample.id}`).digest('hex')}` }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
  // Evenly spread over a list of one emotion after the other, each in random order.
  return Array.from({ length: limit }, (_, i) => drawn[Math.floor(((i + 0.5) * drawn.length) / limit)].sample)
}
