import type { Corpus, Sample } from '@emo/datasets'

/**
 * Whether a model was trained on samples that it is measured on: on the training side of the corpus, or on all of one that is not divided.
 *
 * @param named - what the model's card calls the corpora that it was trained on
 */
export function trainedOn(named: readonly string[], corpus: Corpus, samples: readonly Sample[]): boolean {
  const isNamed = named.some((name) => plain(name).includes(plain(corpus)))
  return isNamed && samples.some(({ officialSplit = 'train' }) => officialSplit === 'train')
}

/** `CREMA-D` and `crema-d` are one. */
function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '')
}
