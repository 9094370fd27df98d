import { EmoError } from '@emo/errors'
import type { Sample } from '../sample.ts'
import { assertNoLeak } from '../splits/assertNoLeak.ts'
import { checkSamples } from '../checkArguments.ts'
import { isHeldOut } from '../splits/heldOut.ts'
import type { Split } from '../splits/split.ts'

/** What an augmentation may go by. */
export interface AugmentationContext {
  readonly sample: Sample
  /** Uniform numbers within [0, 1), the same for a seed, epoch and sample, whatever the order of reading. */
  readonly random: () => number
  /** From 0. */
  readonly epoch: number
}

/** Changes what was read of a training sample, e.g. its sound or picture. */
export type Augmentation<T> = (item: T, context: AugmentationContext) => T | Promise<T>

/** Samples to train on: the only thing that augmentations can be attached to. */
export class TrainingView<T> {
  /** @internal Made by {@link trainingView}. */
  constructor(
    readonly samples: readonly Sample[],
    readonly augmentations: readonly Augmentation<T>[] = [],
  ) {}

  /** A view with one more augmentation, applied after those it has. This view stays as it is. */
  augment(augmentation: Augmentation<T>): TrainingView<T> {
    return new TrainingView(this.samples, [...this.augmentations, augmentation])
  }
}

/**
 * Makes a training view of a split's training side, or of samples that are no held-out side of a split.
 *
 * @throws LeakError `SPLIT_LEAK` when the split leaks and is not marked `unsafe`; EmoError `VIEW_OF_HELD_OUT` for the validation or test side of a
 * split, `SAMPLES_NOT_LIST` for what is neither a split nor a list
 */
export function trainingView<T>(source: Split | readonly Sample[]): TrainingView<T> {
  if (typeof source === 'object' && source !== null && 'train' in source) {
    if (!source.protocol.unsafe) assertNoLeak(source.train, [...source.validation, ...source.test])
    return new TrainingView(source.train)
  }
  checkSamples('source', source)
  if (isHeldOut(source)) {
    throw new EmoError('VIEW_OF_HELD_OUT', 'these samples are the validation or test side of a split; read them without a training view')
  }
  return new TrainingView(source)
}
