import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openEmoDb, openRavdess, openSavee, readAudio, type Dataset, type Sample } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { buildStore } from './featureStore.ts'
import type { SpeechPreset } from './presets.ts'

/** The corpora of this package's recipes; SAVEE is only ever tested on. */
export type SpeechCorpus = 'ravdess' | 'emodb' | 'savee'

const openers = { ravdess: openRavdess, emodb: openEmoDb, savee: openSavee } as const

/** Opens `DIR/ravdess` and so on. Throws `CORPUS_MISSING` with the place where it was looked for. */
export async function openCorpus(data: string, corpus: SpeechCorpus): Promise<Dataset> {
  const directory = join(data, corpus)
  const found = await stat(directory).then(
    (entry) => entry.isDirectory(),
    () => false,
  )
  if (!found)
    throw new EmoError('CORPUS_MISSING', `${directory} is missing; --data is the folder that holds ${Object.keys(openers).join(', ')}`, {
      details: { directory },
    })
  return openers[corpus](directory)
}

/** Makes sure that the feature store holds these samples, copies too. */
export async function prepareFeatures(
  samples: readonly Sample[],
  preset: SpeechPreset,
  storeDirectory: string,
  copies: readonly number[],
  onProgress: (title: string, done: number, all: number) => void,
): Promise<void> {
  const corpora = [...new Set(samples.map((sample) => sample.corpus))]
  for (const corpus of corpora) {
    const clips = samples.filter((sample) => sample.corpus === corpus).map((sample) => ({ id: sample.id, read: () => readAudio(sample) }))
    for (const copy of copies) {
      await buildStore({ directory: storeDirectory, corpus, copy, parameters: preset.features }, clips, (done, all) =>
        onProgress(`features ${corpus} ${copy}`, done, all),
      )
    }
  }
}
