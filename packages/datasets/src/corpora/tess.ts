import type { Emotion } from '../emotions.ts'
import { baseName, parentName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import type { Dataset } from '../sample.ts'
import { DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The fields of a TESS file name. */
export interface TessName {
  /** OAF is the older, YAF the younger woman. */
  readonly speaker: 'OAF' | 'YAF'
  /** The word said after "Say the word". */
  readonly word: string
  readonly emotion: Emotion
}

const EMOTIONS: Readonly<Record<string, Emotion>> = {
  angry: 'anger',
  anger: 'anger',
  disgust: 'disgust',
  disgusted: 'disgust',
  fear: 'fear',
  fearful: 'fear',
  happy: 'happiness',
  happiness: 'happiness',
  neutral: 'neutral',
  ps: 'surprise',
  surprise: 'surprise',
  surprised: 'surprise',
  pleasant_surprise: 'surprise',
  pleasant_surprised: 'surprise',
  sad: 'sadness',
  sadness: 'sadness',
}

/** The spelling of file names. */
const LABELS: Partial<Record<Emotion, string>> = {
  anger: 'angry',
  disgust: 'disgust',
  fear: 'fear',
  happiness: 'happy',
  neutral: 'neutral',
  surprise: 'ps',
  sadness: 'sad',
}
const AGES = { OAF: 64, YAF: 26 } as const

/** Emotion of a spelling that TESS's names or folders use. */
function spelled(text: string): Emotion | undefined {
  const key = text.toLowerCase()
  return Object.hasOwn(EMOTIONS, key) ? EMOTIONS[key] : undefined
}

/**
 * Reads a TESS file name such as `OAF_back_angry.wav` or `YAF_back_pleasant_surprise.wav`, with or without extension.
 * One file of the published corpus is called `OA_bite_neutral.wav`; it is the older speaker's.
 */
export function parseTessName(name: string): Parsed<TessName> {
  return readName(name, readTessName)
}

function readTessName(name: string): Parsed<TessName> {
  const match = /^([a-z]{2,3})_([a-z]+)_([a-z_]+)$/i.exec(withoutExtension(name))
  if (match === null) return { reason: 'not SPEAKER_word_emotion' }
  const prefix = match[1].toUpperCase()
  const speaker = prefix === 'OA' ? 'OAF' : prefix
  if (speaker !== 'OAF' && speaker !== 'YAF') return { reason: `speaker "${match[1]}" is neither OAF nor YAF` }
  const emotion = spelled(match[3])
  if (emotion === undefined) return { reason: `emotion "${match[3]}" is none of ${Object.values(LABELS).join(', ')}` }
  return { fields: { speaker, word: match[2].toLowerCase(), emotion } }
}

/**
 * Writes a TESS file name, without extension.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatTessName(fields: TessName): string {
  return writeName(fields, writeTessName, parseTessName)
}

function writeTessName(fields: TessName): string {
  return `${fields.speaker}_${fields.word}_${LABELS[fields.emotion] ?? fields.emotion}`
}

/**
 * Opens TESS (Pichora-Fuller and Dupuis 2020): two women, 200 words, seven emotions, in folders such as `OAF_angry`, `YAF_pleasant_surprised`
 * or `OAF_Pleasant_surprise`, or flat.
 *
 * Two speakers cannot be a test: `problems` says so (`FEW_SPEAKERS`), and so do the warnings of splits that test on it.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openTess(folder: FolderLike): Promise<Dataset> {
  const builder = new DatasetBuilder('tess', await openFileTree(folder))
  await builder.visitFiles(['wav', 'flac', 'mp3', 'ogg', 'opus'], (path) => {
    const parsed = parseTessName(baseName(path))
    if ('reason' in parsed) return parsed.reason
    const { speaker, word, emotion } = parsed.fields
    const inFolder = /^(OAF|YAF)_(.+)$/i.exec(parentName(path))
    const folderEmotion = inFolder === null ? undefined : spelled(inFolder[2])
    if ((folderEmotion !== undefined && folderEmotion !== emotion) || (inFolder !== null && inFolder[1].toUpperCase() !== speaker)) {
      builder.problem(
        'LABEL_CONFLICT',
        path,
        `the folder says ${parentName(path)}, the name says ${writeTessName(parsed.fields)}; the name is taken`,
      )
    }
    builder.add(path, {
      modality: 'audio',
      emotion,
      corpusLabel: LABELS[emotion] ?? emotion,
      speaker,
      sex: 'female',
      age: AGES[speaker],
      sentence: word,
      text: `Say the word ${word}`,
      recording: writeTessName(parsed.fields),
    })
    return undefined
  })
  await builder.checkFiles()
  builder.expect('clips', builder.drafts.length, 2800)
  if (builder.drafts.length > 0) {
    builder.problem('FEW_SPEAKERS', '', 'two speakers: a test on TESS says nothing about other voices; use it for training only')
  }
  return builder.finish()
}
