/** Corpora that can be opened, kept here so that `--help` need not load a corpus loader. A test compares it with `CORPORA` of `@emo/datasets`. */
export const DATASET_NAMES = [
  'ravdess',
  'savee',
  'tess',
  'crema-d',
  'emodb',
  'nemo',
  'fer2013',
  'ferplus',
  'ckplus',
  'affectnet',
  'jaffe',
] as const
