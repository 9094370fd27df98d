import type { Corpus, Dataset } from '@emo/datasets'
import { EmoError } from '@emo/errors'

/** Name of every corpus, and of the function of `@emo/datasets` that opens it. */
const OPENERS = {
  ravdess: 'openRavdess',
  savee: 'openSavee',
  tess: 'openTess',
  'crema-d': 'openCremaD',
  emodb: 'openEmoDb',
  nemo: 'openNemo',
  fer2013: 'openFer2013',
  ferplus: 'openFerPlus',
  ckplus: 'openCkPlus',
  affectnet: 'openAffectNet',
  jaffe: 'openJaffe',
} as const satisfies Record<Corpus, string>

/**
 * Opens a corpus by its name.
 *
 * @throws EmoError the loaders' own codes
 */
export async function openCorpus(corpus: Corpus, folder: string): Promise<Dataset> {
  const loaders = (await import('@emo/datasets')) as unknown as Record<string, ((folder: string) => Promise<Dataset>) | undefined>
  const open = loaders[OPENERS[corpus]]
  if (!open) throw new EmoError('CORPUS_UNSUPPORTED', `this release cannot open ${corpus}`)
  return open(folder)
}
