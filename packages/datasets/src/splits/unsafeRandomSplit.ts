import { checkOptions, EmoRangeError } from '@emo/errors'
import { compare } from '../corpora/datasetBuilder.ts'
import type { Sample } from '../sample.ts'
import { checkSamples, checkSeed } from '../checkArguments.ts'
import { shuffled } from './random.ts'
import { makeSplit } from './makeSplit.ts'
import type { Split } from './split.ts'

/** Options of {@link unsafeRandomSplit}. */
export interface RandomSplitOptions {
  /** Share of the samples to test on, within 0 to 1 (both excluded). */
  readonly testFraction: number
  readonly seed: number
  /** Takes the share from each class. Default `true`. */
  readonly stratify?: boolean
}

/**
 * Splits at random, the same speakers and images on both sides: for comparing with papers that did so. It overstates the accuracy on unknown
 * speakers by tens of points; `protocol.unsafe` and `protocol.description` say so in every report made from it.
 *
 * The result depends on the samples and the seed, not on the samples' order.
 *
 * @throws EmoRangeError `SPLIT_FRACTION_RANGE`, `SPLIT_SEED_RANGE`; EmoError `SAMPLES_NOT_LIST`, `OPTIONS_NOT_OBJECT`
 */
export function unsafeRandomSplit(samples: readonly Sample[], options: RandomSplitOptions): Split {
  checkSamples('samples', samples)
  checkOptions(options, '{ testFraction: 0.2, seed: 1 }')
  const { testFraction, seed, stratify = true } = options
  if (!(testFraction > 0 && testFraction < 1)) {
    throw new EmoRangeError('SPLIT_FRACTION_RANGE', `a test fraction of ${testFraction}; give a number between 0 and 1`, {
      details: { testFraction },
    })
  }
  checkSeed(seed)
  const sorted = [...samples].sort((a, b) => compare(a.corpus, b.corpus) || compare(a.id, b.id))
  const strata = stratify ? [...new Set(sorted.map((sample) => sample.corpusLabel))].sort(compare) : [undefined]
  const test = new Set<Sample>()
  strata.forEach((label, i) => {
    const members = shuffled(
      sorted.filter((sample) => label === undefined || sample.corpusLabel === label),
      seed + i,
    )
    members.slice(0, Math.round(members.length * testFraction)).forEach((sample) => test.add(sample))
  })
  return makeSplit(
    { train: samples.filter((sample) => !test.has(sample)), test: samples.filter((sample) => test.has(sample)) },
    {
      method: 'random',
      unsafe: true,
      description: `UNSAFE random split, seed ${seed}, ${Math.round(testFraction * 100)} % test: the same speakers or images are on both sides, so the score says little about new ones`,
      seed,
    },
  )
}
