import { EmoError } from '@emo/errors'
import type { Emotion } from '../emotions.ts'
import { baseName, extension, parentName, type FileTree } from '../files/fileTree.ts'
import { openFileOrTree, type FolderLike } from '../files/openFileTree.ts'
import { readTable } from '../files/readTable.ts'
import type { Dataset, Draft, SampleSource, SplitName } from '../sample.ts'
import { contentHash } from './contentHash.ts'
import { append, DatasetBuilder } from './datasetBuilder.ts'
import { PRIVATE_TEST_DUPLICATES } from './fer2013Duplicates.ts'
import { byteLines, FER_SIDE, MAX_LINE_BYTES, parsePixels } from './ferPixels.ts'
import {
  alignFerPlus,
  FER_COUNTS,
  FER_PLUS_TABLE,
  FER_SPLITS,
  FER_USAGES,
  isFerUsage,
  readFerPlusTable,
  type FerPlusRow,
  type FerUsage,
} from './ferPlusTable.ts'
import { ferPlusSoftLabel, ferPlusVoteRecord } from './ferPlusVotes.ts'
import { hashImagePixels } from './hashImagePixels.ts'

/** FER2013's classes, in the order of Kaggle's numbers 0 to 6. */
const CLASSES: readonly { readonly label: string; readonly emotion: Emotion }[] = [
  { label: 'angry', emotion: 'anger' },
  { label: 'disgust', emotion: 'disgust' },
  { label: 'fear', emotion: 'fear' },
  { label: 'happy', emotion: 'happiness' },
  { label: 'sad', emotion: 'sadness' },
  { label: 'surprise', emotion: 'surprise' },
  { label: 'neutral', emotion: 'neutral' },
]

const CSV_NAMES = ['fer2013.csv', 'icml_face_data.csv', 'fer2013/fer2013.csv']
/** A table of the samples with their image files and what is known of duplicates. */
const LABEL_TABLE = 'fer2013_labels.csv'
const IMAGES = ['png', 'jpg', 'jpeg']

/**
 * Opens FER2013 (Goodfellow et al. 2013): Kaggle's csv (streamed; pixels stay in the file until they are asked for), or image folders
 * `train/angry/Training_3908.jpg`. With FERPlus's `fer2013new.csv` beside the csv, samples carry its votes and soft labels.
 *
 * Training samples whose pixels equal those of a test image have `alsoInTest`; those that equal an image of PrivateTest are recognised
 * also where PrivateTest itself is absent.
 *
 * @param source - `fer2013.csv`, or a folder that holds it or the image folders
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND`
 */
export async function openFer2013(source: FolderLike): Promise<Dataset> {
  const { tree, file } = await openFileOrTree(source)
  const builder = new DatasetBuilder('fer2013', tree)
  const csv = file ?? (await firstExisting(tree, CSV_NAMES))
  if (csv !== undefined) await readCsv(builder, csv)
  else if (await tree.exists(LABEL_TABLE)) await readLabelTable(builder)
  else await readFolders(builder)
  for (const usage of FER_USAGES) {
    const found = builder.drafts.filter((draft) => draft.officialSplit === FER_SPLITS[usage]).length
    if (found < FER_COUNTS[usage] && builder.drafts.length > 0) {
      builder.problem('INCOMPLETE', '', `${usage}: ${found} of the ${FER_COUNTS[usage]} images that are published`)
    }
  }
  return builder.finish()
}

async function firstExisting(tree: FileTree, paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await tree.exists(path)) return path
  return undefined
}

async function readCsv(builder: DatasetBuilder, path: string): Promise<void> {
  const { tree } = builder
  const source: SampleSource = { tree, kind: 'pixels' }
  const pixels = new Uint8Array(FER_SIDE * FER_SIDE)
  const groups = new Map<string, Draft[]>()
  const text = new TextDecoder()
  let columns: { emotion: number; pixels: number; usage: number; count: number } | undefined
  for await (const { line, offset, bytes, tooLong } of byteLines(tree.stream(path))) {
    if (columns === undefined) {
      columns = csvColumns(text.decode(bytes), path)
      continue
    }
    const at = `${path}:${line}`
    if (tooLong) builder.problem('BAD_ROW', at, `more than ${MAX_LINE_BYTES} bytes in one line`)
    if (bytes.length === 0) continue
    const cells = splitCells(bytes)
    if (cells.length < columns.count) {
      builder.problem('SHORT_ROW', at, `${cells.length} of ${columns.count} columns`)
      continue
    }
    const cell = (column: number) => bytes.subarray(cells[column][0], cells[column][1])
    const label = unquoted(text.decode(cell(columns.emotion)))
    const known = /^\d$/.test(label) ? CLASSES[Number(label)] : undefined
    const usage = columns.usage < 0 ? 'Training' : unquoted(text.decode(cell(columns.usage)))
    const count = parsePixels(cell(columns.pixels), pixels)
    if (count !== pixels.length) {
      const what = count < 0 ? 'a pixel that is no number from 0 to 255' : `${count} pixels in place of ${pixels.length}`
      builder.problem(count >= 0 && count < pixels.length ? 'SHORT_ROW' : 'BAD_ROW', at, what)
    } else if (known === undefined) builder.problem('BAD_ROW', at, `emotion "${label}" is no number from 0 to 6`)
    else if (!isFerUsage(usage)) builder.problem('BAD_ROW', at, `Usage "${usage}" is none of ${FER_USAGES.join(', ')}`)
    else {
      const row = line - 2
      const [start, end] = cells[columns.pixels]
      const draft = builder.add(
        path,
        {
          id: String(row).padStart(5, '0'),
          modality: 'image',
          emotion: known.emotion,
          corpusLabel: known.label,
          officialSplit: FER_SPLITS[usage],
          row,
          byteRange: [offset + start, offset + end],
        },
        source,
      )
      draft.contentHash = contentHash(pixels)
      append(groups, draft.contentHash, draft)
      flagKnownDuplicate(draft, draft.contentHash)
    }
  }
  if (columns === undefined) builder.problem('EMPTY_FILE', path, 'the file has no bytes')
  builder.expectRows(path)
  builder.markDuplicates(groups)
  await builder.joinTable(beside(path, FER_PLUS_TABLE), (table) => joinFerPlus(builder, path, table))
  await builder.joinTable(beside(path, LABEL_TABLE), (table) => joinLabelTable(builder, path, table))
}

function csvColumns(header: string, path: string) {
  const names = header.split(',').map((name) => unquoted(name.replace(/^\uFEFF/, '')).toLowerCase())
  const columns = {
    emotion: names.indexOf('emotion'),
    pixels: names.indexOf('pixels'),
    usage: names.indexOf('usage'),
    count: names.length,
  }
  if (columns.emotion < 0 || columns.pixels < 0) {
    throw new EmoError('CORPUS_NOT_FOUND', `${path} is no csv of FER2013: its first line lacks the columns "emotion" and "pixels"`, {
      details: { path, header: header.slice(0, 200) },
    })
  }
  return columns
}

const unquoted = (cell: string) => cell.trim().replace(/^"|"$/g, '').trim()

/** Byte ranges between commas; neither labels nor pixels hold any. */
function splitCells(bytes: Uint8Array): (readonly [number, number])[] {
  const cells: (readonly [number, number])[] = []
  let start = 0
  for (let comma = bytes.indexOf(44); comma >= 0; comma = bytes.indexOf(44, start)) {
    cells.push([start, comma])
    start = comma + 1
  }
  cells.push([start, bytes.length])
  return cells
}

function flagKnownDuplicate(draft: Draft, hash: string): void {
  if (draft.officialSplit === 'train' && PRIVATE_TEST_DUPLICATES.has(hash)) draft.alsoInTest = true
}

function beside(path: string, name: string): string {
  return path.slice(0, path.length - baseName(path).length) + name
}

/** Adds FERPlus's votes to the rows of a csv, when its table lies beside. */
async function joinFerPlus(builder: DatasetBuilder, csv: string, path: string): Promise<void> {
  const rows = await readFerPlusTable(builder.tree, path, builder)
  const byUsage = (usage: FerUsage) => builder.drafts.filter((draft) => draft.officialSplit === FER_SPLITS[usage])
  const drafts = { Training: byUsage('Training'), PublicTest: byUsage('PublicTest'), PrivateTest: byUsage('PrivateTest') }
  const aligned = alignFerPlus(rows, {
    Training: drafts.Training.length,
    PublicTest: drafts.PublicTest.length,
    PrivateTest: drafts.PrivateTest.length,
  })
  for (const usage of FER_USAGES) {
    const own = aligned[usage]
    if (own === undefined) {
      builder.problem(
        'MISSING_LABEL',
        path,
        `its ${usage} rows cannot be aligned with the ${drafts[usage].length} of ${csv}: no FERPlus votes for them`,
      )
    } else own.forEach((row, i) => setFerPlus(drafts[usage][i], row))
  }
}

function setFerPlus(draft: Draft, row: FerPlusRow): void {
  draft.row = row.row
  draft.votes = ferPlusVoteRecord(row.votes)
  const softLabel = ferPlusSoftLabel(row.votes)
  if (softLabel !== undefined) draft.softLabel = softLabel
}

/** One row of the label table. */
interface LabelRow {
  readonly row: number
  readonly usage: FerUsage
  readonly path: string
  readonly known: (typeof CLASSES)[number]
  readonly ambiguous: boolean
  readonly alsoInTest: boolean
  readonly alsoInTrain: boolean
}

async function readLabelRows(builder: DatasetBuilder, path: string): Promise<LabelRow[]> {
  const rows: LabelRow[] = []
  const table = await readTable(builder.tree, path)
  for await (const { line, columns, get } of table.rows) {
    const usage = get('usage')
    const known = CLASSES.find(({ label }) => label === get('fer2013_label'))
    if (columns < table.header.length) builder.problem('SHORT_ROW', `${path}:${line}`, `${columns} of ${table.header.length} columns`)
    else if (!isFerUsage(usage) || known === undefined || !/^\d+$/.test(get('row'))) {
      builder.problem('BAD_ROW', `${path}:${line}`, 'row, usage or fer2013_label is not as it should be')
    } else {
      rows.push({
        row: Number(get('row')),
        usage,
        path: get('png'),
        known,
        ambiguous: get('ambiguous') === '1',
        alsoInTest: get('also_in_test') === '1',
        alsoInTrain: get('also_in_train') === '1',
      })
    }
  }
  return rows
}

/** Takes over what the label table knows, when it lies beside the csv and describes the same rows. */
async function joinLabelTable(builder: DatasetBuilder, csv: string, path: string): Promise<void> {
  const rows = await readLabelRows(builder, path)
  const same =
    rows.length === builder.drafts.length &&
    rows.every(
      ({ usage, known }, i) => FER_SPLITS[usage] === builder.drafts[i].officialSplit && known.label === builder.drafts[i].corpusLabel,
    )
  if (!same) builder.problem('LABEL_CONFLICT', path, `does not describe the rows of ${csv}; left aside`)
  else rows.forEach((row, i) => setKnown(builder.drafts[i], row))
}

function setKnown(draft: Draft, row: LabelRow): void {
  draft.row = row.row
  if (row.ambiguous) draft.ambiguous = true
  if (row.alsoInTest) draft.alsoInTest = true
  if (row.alsoInTrain) draft.alsoInTrain = true
}

/** Samples from the label table, for a folder without a csv. */
async function readLabelTable(builder: DatasetBuilder): Promise<void> {
  const rows = await readLabelRows(builder, LABEL_TABLE)
  for (const row of rows) {
    const draft = builder.add(row.path, {
      modality: 'image',
      emotion: row.known.emotion,
      corpusLabel: row.known.label,
      officialSplit: FER_SPLITS[row.usage],
      row: row.row,
    })
    setKnown(draft, row)
  }
  builder.expectRows(LABEL_TABLE)
  await builder.dropEmptyFiles()
  await markPixelDuplicates(builder)
}

async function readFolders(builder: DatasetBuilder): Promise<void> {
  await builder.visitFiles(IMAGES, (path) => {
    const folder = parentName(path).toLowerCase()
    const known = CLASSES.find(({ label, emotion }) => [label, emotion, `${label}ed`, `${label}d`, `${label}ful`].includes(folder))
    const split = folderSplit(path)
    if (known === undefined) return `the folder "${parentName(path)}" is none of ${CLASSES.map(({ label }) => label).join(', ')}`
    if (split === undefined) return 'neither the name nor a folder above says Training, PublicTest or PrivateTest (train, validation, test)'
    builder.add(path, { modality: 'image', emotion: known.emotion, corpusLabel: known.label, officialSplit: split })
    return undefined
  })
  await builder.dropEmptyFiles()
  await markPixelDuplicates(builder)
}

function folderSplit(path: string): SplitName | undefined {
  const usage = /^(Training|PublicTest|PrivateTest)_/.exec(baseName(path))?.[1]
  if (usage !== undefined) return FER_SPLITS[usage as FerUsage]
  for (const folder of path.toLowerCase().split('/').slice(0, -1).reverse()) {
    if (folder === 'train' || folder === 'training') return 'train'
    if (folder === 'validation' || folder === 'val' || folder === 'publictest') return 'validation'
    if (folder === 'test' || folder === 'privatetest') return 'test'
  }
  return undefined
}

/** Finds images with equal pixels, and reports those that cannot be decoded. */
async function markPixelDuplicates(builder: DatasetBuilder): Promise<void> {
  const groups = new Map<string, Draft[]>()
  for (const [draft, hash] of await hashImagePixels(builder)) {
    append(groups, hash, draft)
    if (extension(draft.path) === 'png') flagKnownDuplicate(draft, hash)
  }
  builder.markDuplicates(groups)
}
