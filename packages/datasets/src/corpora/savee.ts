import type { Emotion } from '../emotions.ts'
import { baseName, parentName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import type { Dataset } from '../sample.ts'
import { DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The fields of a SAVEE file name. */
export interface SaveeName {
  readonly speaker: 'DC' | 'JE' | 'JK' | 'KL'
  readonly emotion: Emotion
  /** 1 to 15; neutral 1 to 30. */
  readonly sentence: number
}

const CODES = { a: 'anger', d: 'disgust', f: 'fear', h: 'happiness', n: 'neutral', sa: 'sadness', su: 'surprise' } as const
type Code = keyof typeof CODES
const LABELS: Record<Code, string> = { a: 'anger', d: 'disgust', f: 'fear', h: 'happiness', n: 'neutral', sa: 'sadness', su: 'surprise' }

/** Reads a SAVEE path: `DC_a01.wav` or `DC/a01.wav`. */
export function parseSaveePath(path: string): Parsed<SaveeName> {
  return readName(path, readSaveePath)
}

function readSaveePath(path: string): Parsed<SaveeName> {
  const match = /^(?:([A-Za-z]+)_)?([a-z]{1,2})(\d{1,2})$/.exec(withoutExtension(baseName(path)))
  if (match === null) return { reason: 'not SPEAKER_CODEnn or SPEAKER/CODEnn' }
  const speaker = match[1] ?? parentName(path)
  if (!/^(?:DC|JE|JK|KL)$/.test(speaker)) return { reason: `speaker "${speaker}" is none of DC, JE, JK, KL` }
  const code = match[2]
  if (!Object.hasOwn(CODES, code)) return { reason: `emotion code "${code}" is none of ${Object.keys(CODES).join(', ')}` }
  const sentence = Number(match[3])
  const most = code === 'n' ? 30 : 15
  if (sentence < 1 || sentence > most) return { reason: `sentence ${sentence} is not within 1 to ${most}` }
  return { fields: { speaker: speaker as SaveeName['speaker'], emotion: CODES[code as Code], sentence } }
}

/**
 * Writes a SAVEE file name, without extension, in the flat layout.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatSaveeName(fields: SaveeName): string {
  return writeName(fields, writeSaveeName, parseSaveePath)
}

function writeSaveeName(fields: SaveeName): string {
  const code = Object.entries(CODES).find(([, emotion]) => emotion === fields.emotion)?.[0] ?? ''
  return `${fields.speaker}_${code}${String(fields.sentence).padStart(2, '0')}`
}

/**
 * Opens SAVEE (Haq and Jackson 2009): four men, seven emotions, as `DC_a01.wav` or `DC/a01.wav`.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openSavee(folder: FolderLike): Promise<Dataset> {
  const builder = new DatasetBuilder('savee', await openFileTree(folder))
  await builder.visitFiles(['wav', 'flac', 'mp3', 'ogg', 'opus'], (path) => {
    const parsed = parseSaveePath(path)
    if ('reason' in parsed) return parsed.reason
    const { speaker, emotion, sentence } = parsed.fields
    const code = /([a-z]{1,2})\d+$/.exec(withoutExtension(path))?.[1] as Code
    builder.add(path, {
      modality: 'audio',
      emotion,
      corpusLabel: LABELS[code],
      speaker,
      sex: 'male',
      sentence: `${code}${String(sentence).padStart(2, '0')}`,
      recording: writeSaveeName(parsed.fields),
    })
    return undefined
  })
  await builder.checkFiles()
  builder.expect('clips', builder.drafts.length, 480)
  return builder.finish()
}
