import { EmoError } from '@emo/errors'
import { baseName, extension, isDebris, parentName, type FileTree } from '../files/fileTree.ts'
import { openFileOrTree, type FolderLike } from '../files/openFileTree.ts'
import { CORPORA, type Corpus, type Dataset } from '../sample.ts'
import { openAffectNet } from './affectNet.ts'
import { openCkPlus, parseCkPlusName } from './ckPlus.ts'
import { openCremaD, parseCremaDName } from './cremaD.ts'
import type { Parsed } from './datasetBuilder.ts'
import { openEmoDb, parseEmoDbName } from './emoDb.ts'
import { openFer2013 } from './fer2013.ts'
import { openFerPlus } from './ferPlus.ts'
import { openJaffe, parseJaffeName } from './jaffe.ts'
import { openNemo, parseNemoName } from './nemo.ts'
import { openRavdess, parseRavdessName } from './ravdess.ts'
import { openSavee, parseSaveePath } from './savee.ts'
import { openTess, parseTessName } from './tess.ts'

const OPENERS: Readonly<Record<Corpus, (folder: FolderLike) => Promise<Dataset>>> = {
  ravdess: openRavdess,
  savee: openSavee,
  tess: openTess,
  'crema-d': openCremaD,
  emodb: openEmoDb,
  nemo: openNemo,
  fer2013: openFer2013,
  ferplus: openFerPlus,
  ckplus: openCkPlus,
  affectnet: openAffectNet,
  jaffe: openJaffe,
}

const PARSERS: readonly (readonly [Corpus, (path: string) => Parsed<unknown>])[] = [
  ['ravdess', (path) => parseRavdessName(baseName(path))],
  ['savee', parseSaveePath],
  ['tess', (path) => parseTessName(baseName(path))],
  ['crema-d', (path) => parseCremaDName(baseName(path))],
  ['emodb', (path) => parseEmoDbName(baseName(path))],
  ['nemo', (path) => parseNemoName(baseName(path))],
  ['jaffe', (path) => parseJaffeName(baseName(path))],
  ['ckplus', (path) => parseCkPlusName(baseName(path))],
]

const MEDIA = ['wav', 'flac', 'mp3', 'ogg', 'opus', 'mp4', 'flv', 'png', 'jpg', 'jpeg', 'tif', 'tiff']
const FER_FOLDERS = ['angry', 'disgust', 'fear', 'happy', 'sad', 'surprise', 'neutral']
/** Files looked at below each folder of the root. */
const SAMPLE = 500

/**
 * Opens whatever corpus a folder holds, recognised by its layout and file names.
 *
 * @param corpus - skips the recognition
 * @throws EmoError `CORPUS_UNKNOWN` when it is none or several of {@link CORPORA}; the codes of the loaders
 */
export async function openDataset(source: FolderLike, corpus?: Corpus): Promise<Dataset> {
  if (corpus !== undefined) {
    if (!Object.hasOwn(OPENERS, corpus)) {
      throw new EmoError('CORPUS_UNKNOWN', `no corpus "${String(corpus)}"; give one of ${CORPORA.join(', ')}`, { details: { corpus } })
    }
    return OPENERS[corpus](source)
  }
  const { tree, file } = await openFileOrTree(source)
  if (file !== undefined && extension(file) !== 'csv') {
    throw new EmoError('NOT_A_FOLDER', `${file} is a file; give the folder of the corpus, or the csv file of FER2013`, {
      details: { path: file },
    })
  }
  if (file !== undefined) return openFer2013(source)
  return OPENERS[await recogniseCorpus(tree)](tree)
}

/**
 * Tells which corpus a folder holds, from its tables and a sample of its file names.
 *
 * @throws EmoError `CORPUS_UNKNOWN` when it is none or several
 */
export async function recogniseCorpus(tree: FileTree): Promise<Corpus> {
  const root = await tree.peek()
  const has = (name: string) => root.includes(name)
  if (has('fer2013.csv') || has('icml_face_data.csv') || has('fer2013_labels.csv')) return 'fer2013'
  if (has('fer2013new.csv')) return 'ferplus'
  if (has('train_set/') || has('val_set/') || has('training.csv') || has('Manually_Annotated_file_lists/')) return 'affectnet'
  if (has('images/') && has('annotations/')) return 'affectnet'
  const scores = new Map<Corpus, number>()
  let media = 0
  for (const path of await samplePaths(tree, root)) {
    if (isDebris(path) || !MEDIA.includes(extension(path))) continue
    media++
    for (const [corpus, parse] of PARSERS) if ('fields' in parse(path)) scores.set(corpus, (scores.get(corpus) ?? 0) + 1)
    if (/^(?:Training|PublicTest|PrivateTest)_\d+/.test(baseName(path)) && FER_FOLDERS.includes(parentName(path).toLowerCase())) {
      scores.set('fer2013', (scores.get('fer2013') ?? 0) + 1)
    }
  }
  const ranked = [...scores].sort((a, b) => b[1] - a[1])
  // A second corpus that a tenth of the names fit is no accident.
  const others = ranked.slice(1).filter(([, score]) => score * 10 >= media)
  if (ranked.length > 0 && ranked[0][1] * 2 >= media && others.length === 0) return ranked[0][0]
  const several =
    ranked.length > 0 ? `; names of ${ranked.map(([corpus, score]) => `${corpus} (${score} of ${media})`).join(', ')} are in it` : ''
  throw new EmoError(
    'CORPUS_UNKNOWN',
    `${tree.name} is not recognised as one corpus${several}; open the folder of one corpus, or say which it is (${CORPORA.join(', ')})`,
    { details: { folder: tree.name, scores: Object.fromEntries(ranked) } },
  )
}

/** Some paths from the root and from each folder in it. */
async function samplePaths(tree: FileTree, root: readonly string[]): Promise<string[]> {
  const paths: string[] = root.filter((name) => !name.endsWith('/'))
  for (const folder of root.filter((name) => name.endsWith('/')).slice(0, 50)) {
    const end = paths.length + SAMPLE
    for await (const batch of tree.walk(folder)) {
      for (const { path, problem } of batch) if (problem === undefined && paths.length < end) paths.push(path)
      if (paths.length >= end) break
    }
  }
  return paths
}
