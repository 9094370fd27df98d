import type { CorpusEmotion } from '../emotions.ts'
import { baseName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import type { Dataset } from '../sample.ts'
import { DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The fields of an EmoDB file name. */
export interface EmoDbName {
  /** `03`, or `08` to `16`. */
  readonly speaker: string
  /** `a01`, `a02`, `a04`, `a05`, `a07`, `b01`, `b02`, `b03`, `b09` or `b10`. */
  readonly sentence: string
  readonly emotion: CorpusEmotion
  /** Letter of the version, from `a`. */
  readonly version: string
}

/** Letters of the German words: Wut, Langeweile, Ekel, Angst, Freude, Trauer, neutral. */
const CODES = {
  W: { emotion: 'anger', label: 'anger' },
  L: { emotion: 'boredom', label: 'boredom' },
  E: { emotion: 'disgust', label: 'disgust' },
  A: { emotion: 'fear', label: 'anxiety/fear' },
  F: { emotion: 'happiness', label: 'happiness' },
  T: { emotion: 'sadness', label: 'sadness' },
  N: { emotion: 'neutral', label: 'neutral' },
} as const
type Code = keyof typeof CODES

const SPEAKERS: Readonly<Record<string, { readonly sex: 'female' | 'male'; readonly age: number }>> = {
  '03': { sex: 'male', age: 31 },
  '08': { sex: 'female', age: 34 },
  '09': { sex: 'female', age: 21 },
  '10': { sex: 'male', age: 32 },
  '11': { sex: 'male', age: 26 },
  '12': { sex: 'male', age: 30 },
  '13': { sex: 'female', age: 32 },
  '14': { sex: 'female', age: 35 },
  '15': { sex: 'male', age: 25 },
  '16': { sex: 'female', age: 31 },
}

const TEXTS: Readonly<Record<string, string>> = {
  a01: 'Der Lappen liegt auf dem Eisschrank.',
  a02: 'Das will sie am Mittwoch abgeben.',
  a04: 'Heute abend könnte ich es ihm sagen.',
  a05: 'Das schwarze Stück Papier befindet sich da oben neben dem Holzstück.',
  a07: 'In sieben Stunden wird es soweit sein.',
  b01: 'Was sind denn das für Tüten, die da unter dem Tisch stehen?',
  b02: 'Sie haben es gerade hochgetragen und jetzt gehen sie wieder runter.',
  b03: 'An den Wochenenden bin ich jetzt immer nach Hause gefahren und habe Agnes besucht.',
  b09: 'Ich will das eben wegbringen und dann mit Karl was trinken gehen.',
  b10: 'Die wird auf dem Platz sein, wo wir sie immer hinlegen.',
}

/** Reads an EmoDB file name such as `03a01Fa.wav`, with or without extension. */
export function parseEmoDbName(name: string): Parsed<EmoDbName> {
  return readName(name, readEmoDbName)
}

function readEmoDbName(name: string): Parsed<EmoDbName> {
  const match = /^(\d\d)([ab]\d\d)([A-Z])([a-z])$/.exec(withoutExtension(name))
  if (match === null) return { reason: 'not two digits, sentence, emotion letter, version letter' }
  const [, speaker, sentence, code, version] = match
  if (!Object.hasOwn(SPEAKERS, speaker)) return { reason: `speaker ${speaker} is none of ${Object.keys(SPEAKERS).sort().join(', ')}` }
  if (!Object.hasOwn(TEXTS, sentence)) return { reason: `sentence ${sentence} is none of ${Object.keys(TEXTS).join(', ')}` }
  if (!Object.hasOwn(CODES, code)) return { reason: `emotion letter ${code} is none of ${Object.keys(CODES).join(', ')}` }
  return { fields: { speaker, sentence, emotion: CODES[code as Code].emotion, version } }
}

/**
 * Writes an EmoDB file name, without extension.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatEmoDbName(fields: EmoDbName): string {
  return writeName(fields, writeEmoDbName, parseEmoDbName)
}

function writeEmoDbName(fields: EmoDbName): string {
  const code = Object.entries(CODES).find(([, { emotion }]) => emotion === fields.emotion)?.[0] ?? ''
  return `${fields.speaker}${fields.sentence}${code}${fields.version}`
}

/**
 * Opens EmoDB (Burkhardt et al. 2005): German, ten speakers, seven classes, as `wav/03a01Fa.wav`.
 *
 * Boredom has no numeric label: its samples have `paperLabel` undefined.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openEmoDb(folder: FolderLike): Promise<Dataset> {
  const builder = new DatasetBuilder('emodb', await openFileTree(folder))
  await builder.visitFiles(['wav', 'flac', 'mp3', 'ogg', 'opus'], (path) => {
    const parsed = parseEmoDbName(baseName(path))
    if ('reason' in parsed) return parsed.reason
    const { speaker, sentence, emotion, version } = parsed.fields
    builder.add(path, {
      modality: 'audio',
      emotion,
      corpusLabel: CODES[withoutExtension(baseName(path))[5] as Code].label,
      speaker,
      ...SPEAKERS[speaker],
      sentence,
      text: TEXTS[sentence],
      take: version.charCodeAt(0) - 96,
      recording: writeEmoDbName(parsed.fields),
    })
    return undefined
  })
  await builder.checkFiles()
  builder.expect('clips', builder.drafts.length, 535)
  return builder.finish()
}
