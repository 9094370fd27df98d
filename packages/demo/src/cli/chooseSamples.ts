import type { CorpusEmotion, Dataset, Sample, SplitName } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { stratifiedSample } from './stratifiedSample.ts'

/** Which samples of a corpus are wanted. */
export interface SampleChoice {
  /** The corpus's folder, for messages. */
  readonly data: string
  readonly split?: SplitName | 'all'
  readonly limit?: number
}

/** Samples of one side of a corpus. */
export interface ChosenSamples {
  readonly split: SplitName | 'all'
  readonly samples: readonly Sample[]
  /** Emotions of the whole corpus. */
  readonly emotions: readonly CorpusEmotion[]
}

/**
 * Labelled samples of the side asked for, or else of the side that the corpus keeps for tests.
 *
 * @throws EmoError `EVALUATION_EMPTY`
 */
export function chooseSamples(dataset: Dataset, { split: asked, limit = Infinity, data }: SampleChoice): ChosenSamples {
  const labelled = dataset.samples.filter((sample) => sample.emotion !== undefined && sample.modality !== 'video')
  const sides = new Set(labelled.map((sample) => sample.officialSplit))
  const split = asked ?? (sides.has('test') ? 'test' : sides.has('validation') ? 'validation' : 'all')
  const chosen = split === 'all' ? labelled : labelled.filter((sample) => sample.officialSplit === split)
  if (chosen.length === 0) {
    const found = [...sides].filter((side) => side !== undefined)
    throw new EmoError(
      'EVALUATION_EMPTY',
      labelled.length === 0
        ? `${data} holds no labelled sample of ${dataset.corpus}${dataset.problems.length > 0 ? ` (${dataset.problems[0].path}: ${dataset.problems[0].reason})` : ''}`
        : `${data} holds no sample of the ${split} side; ${found.length > 0 ? `it holds ${found.join(', ')}` : 'it is not divided, leave --split out'}`,
      { details: { split, found } },
    )
  }
  const emotions = [...new Set(labelled.map((sample) => sample.emotion!))]
  return { split, samples: stratifiedSample(chosen, limit), emotions }
}
