import { assertNoLeak, EMOTIONS, groupKFold, isEmotion, RAVDESS_FOLDS, unsafeRandomSplit, type Sample, type Split } from '@emo/datasets'
import { EmoRangeError } from '@emo/errors'

/** A labelled clip, as a training run names it; JSON. */
export interface SplitClip {
  readonly corpus: string
  readonly id: string
  /** Index in `EMOTIONS`. */
  readonly label: number
  readonly speaker: string
  readonly sex: 'female' | 'male' | 'unknown'
}

/** Who is trained on, who chooses the epoch, who is tested on. */
export type Sides = Pick<Split, 'train' | 'validation' | 'test'>

/** Samples with one of the eight emotions as clips; boredom and the like are left out. */
export function toClips(samples: readonly Sample[]): SplitClip[] {
  return samples
    .filter((sample) => isEmotion(sample.emotion))
    .map((sample) => ({
      corpus: sample.corpus,
      id: sample.id,
      label: EMOTIONS.indexOf(sample.emotion as (typeof EMOTIONS)[number]),
      speaker: `${sample.corpus}/${sample.speaker ?? ''}`,
      sex: sample.sex ?? 'unknown',
    }))
}

/** Number of folds of RAVDESS's actors. */
export const foldCount = RAVDESS_FOLDS.length

/**
 * Fold `fold` of RAVDESS's actors is tested on; `validationActors` of the next fold (men and women in turn) choose the epoch; all others
 * are trained on. No speaker, recording or content is on two sides; throws `SPLIT_LEAK` otherwise.
 */
export function actorFold(samples: readonly Sample[], fold: number, validationActors = 0): Sides {
  if (!Number.isInteger(fold) || fold < 0 || fold >= foldCount) {
    throw new EmoRangeError('FOLD_UNKNOWN', `fold ${fold}; give an integer from 0 to ${foldCount - 1}`, { details: { fold } })
  }
  const present = new Set(samples.map((sample) => sample.speaker))
  const folds = RAVDESS_FOLDS.map((actors) => actors.filter((actor) => present.has(actor))).filter((actors) => actors.length > 0)
  const { train, test } = groupKFold(samples, { by: 'speaker', folds })[fold % folds.length]
  const next = folds[(fold + 1) % folds.length]
  const men = next.filter((actor) => Number(actor) % 2 === 1)
  const women = next.filter((actor) => Number(actor) % 2 === 0)
  const chosen = new Set(Array.from({ length: validationActors }, (_, i) => (i % 2 === 0 ? men : women)[i >> 1]))
  const sides: Sides = {
    train: train.filter((sample) => !chosen.has(sample.speaker!)),
    validation: train.filter((sample) => chosen.has(sample.speaker!)),
    test,
  }
  assertNoLeak(sides.train, [...sides.validation, ...sides.test])
  assertNoLeak(sides.validation, sides.test)
  return sides
}

/** The paper's protocol: a random fifth of the clips is tested on, actors on both sides. Leaks speakers, as the paper did. */
export function randomSplit(samples: readonly Sample[], seed: number): Sides {
  const { train, test } = unsafeRandomSplit(samples, { testFraction: 0.2, seed })
  return { train, validation: [], test }
}
