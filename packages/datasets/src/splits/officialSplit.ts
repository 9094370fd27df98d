import { checkOptions, EmoError } from '@emo/errors'
import type { Dataset, Sample } from '../sample.ts'
import { checkDataset } from '../checkArguments.ts'
import { findLeaks } from './assertNoLeak.ts'
import type { Exclusion, Split } from './split.ts'
import { leakKeys } from './leakKeys.ts'
import { makeSplit } from './makeSplit.ts'

/** Options of {@link officialSplit}. */
export interface OfficialSplitOptions {
  /** Also leave out of training what is `ambiguous`. Default `false`. */
  readonly dropAmbiguous?: boolean
}

/**
 * The corpus's own split (FER2013, FERPlus: Training, PublicTest as `validation`, PrivateTest as `test`; AffectNet: train and its validation
 * set), cleaned: training samples that are identical to a validation or test sample, and validation samples identical to a test sample, are in
 * `excluded`.
 *
 * @throws EmoError `SPLIT_NOT_PUBLISHED` when the corpus has no official split, `DATASET_EXPECTED`, `OPTIONS_NOT_OBJECT`
 */
export function officialSplit(dataset: Pick<Dataset, 'corpus' | 'samples'>, options: OfficialSplitOptions = {}): Split {
  checkDataset(dataset)
  checkOptions(options, '{ dropAmbiguous: true }')
  const side = (name: Sample['officialSplit']) => dataset.samples.filter((sample) => sample.officialSplit === name)
  const [train, validation, test] = [side('train'), side('validation'), side('test')]
  if (train.length + validation.length + test.length === 0) {
    throw new EmoError(
      'SPLIT_NOT_PUBLISHED',
      `${dataset.corpus} is published without a split; use groupKFold(samples, { by: 'speaker', folds })`,
      {
        details: { corpus: dataset.corpus },
      },
    )
  }
  const excluded: Exclusion[] = []
  const without = (samples: readonly Sample[], held: readonly Sample[], name: string) => {
    const leaking = new Set(findLeaks(samples, held).map(({ kind, key }) => `${kind} ${key}`))
    return samples.filter((sample) => {
      const shared = leakKeys(sample).find(([kind, key]) => leaking.has(`${kind} ${key}`))
      const reason =
        shared !== undefined
          ? `its ${shared[0]} is also on the ${name} side`
          : sample.alsoInTest === true && sample.officialSplit === 'train'
            ? 'identical to a test image'
            : sample.ambiguous === true && options.dropAmbiguous === true && sample.officialSplit === 'train'
              ? 'its label is in doubt'
              : undefined
      if (reason !== undefined) excluded.push({ sample, reason })
      return reason === undefined
    })
  }
  const cleanValidation = without(validation, test, 'test')
  const cleanTrain = without(train, [...cleanValidation, ...test], 'validation or test')
  return makeSplit(
    { train: cleanTrain, validation: cleanValidation, test, excluded },
    {
      method: 'official',
      unsafe: false,
      description: `official split of ${dataset.corpus}, ${excluded.length} samples left out that are on two sides${options.dropAmbiguous === true ? ' or in doubt' : ''}`,
    },
  )
}
