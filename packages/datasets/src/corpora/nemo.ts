import type { Emotion } from '../emotions.ts'
import { baseName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import { readTable } from '../files/readTable.ts'
import type { Dataset } from '../sample.ts'
import { DatasetBuilder, withoutExtension, type Parsed } from './datasetBuilder.ts'
import { readName, writeName } from './names.ts'

/** The fields of an nEMO file name. */
export interface NemoName {
  /** Two letters and a digit, e.g. `EB0`. */
  readonly speaker: string
  readonly emotion: Emotion
  /** Number of the sentence, from 1. */
  readonly sentence: number
}

const EMOTIONS: readonly Emotion[] = ['anger', 'fear', 'happiness', 'neutral', 'sadness', 'surprise']
const TABLE = 'data.tsv'

/** Reads an nEMO file name such as `EB0_anger_1.wav`, with or without extension. */
export function parseNemoName(name: string): Parsed<NemoName> {
  return readName(name, readNemoName)
}

function readNemoName(name: string): Parsed<NemoName> {
  const match = /^([A-Z]{2}\d)_([a-z]+)_([1-9]\d*)$/.exec(withoutExtension(name))
  if (match === null) return { reason: 'not SPEAKER_emotion_number' }
  const emotion = EMOTIONS.find((known) => known === match[2])
  if (emotion === undefined) return { reason: `emotion "${match[2]}" is none of ${EMOTIONS.join(', ')}` }
  return { fields: { speaker: match[1], emotion, sentence: Number(match[3]) } }
}

/**
 * Writes an nEMO file name, without extension.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED`; EmoRangeError `NAME_FIELD_RANGE` for a field that such names have no place for
 */
export function formatNemoName(fields: NemoName): string {
  return writeName(fields, writeNemoName, parseNemoName)
}

function writeNemoName(fields: NemoName): string {
  return `${fields.speaker}_${fields.emotion}_${fields.sentence}`
}

interface Row {
  readonly line: number
  readonly emotion: string
  readonly speaker: string
  readonly text: string
  readonly sex: string
  readonly age: number
}

/**
 * Opens nEMO (Christop 2024): Polish, nine speakers, six emotions, as `samples/EB0_anger_1.wav` with `data.tsv` for text, sex and age.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openNemo(folder: FolderLike): Promise<Dataset> {
  const tree = await openFileTree(folder)
  const builder = new DatasetBuilder('nemo', tree)
  const rows = new Map<string, Row>()
  const found = new Set<string>()
  const joined = await builder.joinTable(TABLE, async (path) => {
    const table = await readTable(tree, path, '\t')
    for await (const { line, columns, get } of table.rows) {
      if (columns < table.header.length) builder.problem('SHORT_ROW', `${TABLE}:${line}`, `${columns} of ${table.header.length} columns`)
      else {
        rows.set(withoutExtension(baseName(get('file_id'))), {
          line,
          emotion: get('emotion'),
          speaker: get('speaker_id'),
          text: get('raw_text'),
          sex: (get('gender') || get('sex')).toLowerCase(),
          age: Number(get('age')),
        })
      }
    }
  })
  await builder.visitFiles(['wav', 'flac', 'mp3', 'ogg', 'opus'], (path) => {
    const parsed = parseNemoName(baseName(path))
    if ('reason' in parsed) return parsed.reason
    const { speaker, emotion, sentence } = parsed.fields
    const id = writeNemoName(parsed.fields)
    const row = rows.get(id)
    found.add(id)
    if (row !== undefined && (row.emotion !== emotion || row.speaker !== speaker)) {
      builder.problem('LABEL_CONFLICT', path, `${TABLE}:${row.line} says ${row.speaker} ${row.emotion}; the name is taken`)
    }
    if (row === undefined && rows.size > 0) builder.problem('MISSING_LABEL', path, `${TABLE} has no row of this name`)
    builder.add(path, {
      modality: 'audio',
      emotion,
      corpusLabel: emotion,
      speaker,
      sentence: String(sentence),
      recording: id,
      ...(row !== undefined && {
        ...(row.text !== '' && { text: row.text }),
        ...((row.sex === 'female' || row.sex === 'male') && { sex: row.sex }),
        ...(row.age > 0 && { age: row.age }),
      }),
    })
    return undefined
  })
  for (const [id, { line }] of rows) if (!found.has(id)) builder.problem('MISSING_FILE', `${TABLE}:${line}`, `there is no recording ${id}`)
  if (!joined && builder.drafts.length > 0) builder.problem('MISSING_FILE', TABLE, 'without it the samples have no text, sex and age')
  await builder.checkFiles()
  return builder.finish()
}
