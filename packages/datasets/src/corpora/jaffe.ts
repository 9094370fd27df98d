import type { Emotion } from '../emotions.ts'
import { baseName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import type { Dataset } from '../sample.ts'
import { DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The fields of a JAFFE file name. */
export interface JaffeName {
  /** Two letters, e.g. `KA`. */
  readonly subject: string
  readonly emotion: Emotion
  /** From 1. */
  readonly take: number
  /** Running number of the picture. */
  readonly number: number
}

const CODES = { AN: 'anger', DI: 'disgust', FE: 'fear', HA: 'happiness', NE: 'neutral', SA: 'sadness', SU: 'surprise' } as const

/** Reads a JAFFE file name such as `KA.AN1.39.tiff`. */
export function parseJaffeName(name: string): Parsed<JaffeName> {
  return readName(name, readJaffeName)
}

function readJaffeName(name: string): Parsed<JaffeName> {
  const match = /^([A-Z]{2})\.([A-Z]{2})([1-9])\.(\d+)(?:\.(?:tiff?|png|jpe?g))?$/i.exec(name)
  if (match === null) return { reason: 'not SUBJECT.EMOTIONtake.number' }
  const code = match[2].toUpperCase()
  if (!Object.hasOwn(CODES, code)) return { reason: `emotion ${match[2]} is none of ${Object.keys(CODES).join(', ')}` }
  return {
    fields: {
      subject: match[1].toUpperCase(),
      emotion: CODES[code as keyof typeof CODES],
      take: Number(match[3]),
      number: Number(match[4]),
    },
  }
}

/**
 * Writes a JAFFE file name, without extension.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatJaffeName(fields: JaffeName): string {
  return writeName(fields, writeJaffeName, parseJaffeName)
}

function writeJaffeName(fields: JaffeName): string {
  return `${fields.subject}.${codeOf(fields.emotion)}${fields.take}.${fields.number}`
}

function codeOf(emotion: Emotion): string {
  return Object.entries(CODES).find(([, known]) => known === emotion)?.[0] ?? ''
}

/**
 * Opens JAFFE (Lyons et al. 1998): ten Japanese women, seven classes, as `KA.AN1.39.tiff`.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openJaffe(folder: FolderLike): Promise<Dataset> {
  const builder = new DatasetBuilder('jaffe', await openFileTree(folder))
  await builder.visitFiles(['tiff', 'tif', 'png', 'jpg', 'jpeg'], (path) => {
    const parsed = parseJaffeName(baseName(path))
    if ('reason' in parsed) return parsed.reason
    const { subject, emotion, take } = parsed.fields
    builder.add(path, {
      id: withoutExtension(path),
      modality: 'image',
      emotion,
      corpusLabel: codeOf(emotion),
      speaker: subject,
      sex: 'female',
      take,
    })
    return undefined
  })
  await builder.checkFiles()
  builder.expect('pictures', builder.drafts.length, 213)
  return builder.finish()
}
