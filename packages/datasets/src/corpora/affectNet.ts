import { EmoError } from '@emo/errors'
import type { CorpusEmotion } from '../emotions.ts'
import { baseName, extension, safePath, type FileTree } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import { readTable } from '../files/readTable.ts'
import type { Dataset, Draft, SplitName } from '../sample.ts'
import { DatasetBuilder } from './datasetBuilder.ts'
import { npyScalar } from './npyScalar.ts'

/** AffectNet's labels, in the order of its numbers; the last three are no emotions. */
const LABELS: readonly { readonly label: string; readonly emotion: CorpusEmotion | undefined }[] = [
  { label: 'neutral', emotion: 'neutral' },
  { label: 'happy', emotion: 'happiness' },
  { label: 'sad', emotion: 'sadness' },
  { label: 'surprise', emotion: 'surprise' },
  { label: 'fear', emotion: 'fear' },
  { label: 'disgust', emotion: 'disgust' },
  { label: 'anger', emotion: 'anger' },
  { label: 'contempt', emotion: 'contempt' },
  { label: 'none', emotion: undefined },
  { label: 'uncertain', emotion: undefined },
  { label: 'no-face', emotion: undefined },
]

const SETS: Readonly<Record<string, SplitName>> = { train_set: 'train', val_set: 'validation' }
const IMAGES = ['jpg', 'jpeg', 'png', 'bmp', 'tif', 'tiff']
const TABLES: Readonly<Record<string, SplitName>> = {
  'training.csv': 'train',
  'validation.csv': 'validation',
  'automatically_annotated.csv': 'train',
}
const COLUMNS = [
  'subDirectory_filePath',
  'face_x',
  'face_y',
  'face_width',
  'face_height',
  'facial_landmarks',
  'expression',
  'valence',
  'arousal',
]
const AT_A_TIME = 8192

/**
 * Opens AffectNet (Mollahosseini et al. 2017) in either distribution: `train_set/images/0.jpg` with `annotations/0_exp.npy`, `0_val.npy` and
 * `0_aro.npy` (and `val_set`), or `training.csv` / `validation.csv` beside (or above) the images.
 *
 * `none`, `uncertain` and `no-face` have `emotion` undefined. `val_set` and `validation.csv` are the `validation` side.
 * Images are indexed without being read: damaged ones are found when they are read, identical ones not at all.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` where nothing is of this corpus
 */
export async function openAffectNet(folder: FolderLike): Promise<Dataset> {
  const tree = await openFileTree(folder)
  const builder = new DatasetBuilder('affectnet', tree)
  const tables = await findTables(tree)
  if (tables.length > 0) {
    const listed = new Map<string, Draft>()
    for (const table of tables) await readCsv(builder, table, listed)
    builder.expectRows(tables[0])
  } else await readSets(builder)
  return builder.finish()
}

async function findTables(tree: FileTree): Promise<string[]> {
  const found: string[] = []
  for (const name of Object.keys(TABLES)) {
    for (const folder of ['', 'Manually_Annotated_file_lists/', 'Automatically_annotated_file_list/']) {
      if (await tree.exists(folder + name)) found.push(folder + name)
    }
  }
  return found
}

/** Images and annotations of one folder that has both. */
interface Annotated {
  readonly prefix: string
  readonly split: SplitName | undefined
  /** Names of the images, without folder. */
  readonly images: string[]
  /** Numbers that have an expression file. */
  readonly annotated: Set<string>
}

async function readSets(builder: DatasetBuilder): Promise<void> {
  const sets = new Map<string, Annotated>()
  const setOf = (prefix: string) => {
    let set = sets.get(prefix)
    if (set === undefined) {
      const name = baseName(prefix.replace(/\/$/, ''))
      set = { prefix, split: Object.hasOwn(SETS, name) ? SETS[name] : undefined, images: [], annotated: new Set() }
      sets.set(prefix, set)
    }
    return set
  }
  for await (const batch of builder.walk()) {
    for (const path of batch) {
      const slash = path.lastIndexOf('/')
      const name = path.slice(slash + 1)
      const folder = path.slice(0, slash)
      if (folder.endsWith('images') && IMAGES.includes(extension(name))) {
        if (/^\d+\./.test(name)) setOf(folder.slice(0, -'images'.length)).images.push(name)
        else builder.problem('UNKNOWN_NAME', path, 'not a number')
      } else if (folder.endsWith('annotations') && name.endsWith('.npy')) {
        const match = /^(\d+)_(exp|val|aro|lnd)\.npy$/.exec(name)
        if (match === null) builder.problem('UNKNOWN_NAME', path, 'not NUMBER_exp, _val, _aro or _lnd')
        else if (match[2] === 'exp') setOf(folder.slice(0, -'annotations'.length)).annotated.add(match[1])
      } else if (IMAGES.includes(extension(name))) builder.problem('UNKNOWN_NAME', path, 'not in a folder "images"')
      else builder.ignored.push(path)
    }
  }
  for (const set of sets.values()) await readSet(builder, set)
}

async function readSet(builder: DatasetBuilder, { prefix, split, images, annotated }: Annotated): Promise<void> {
  images.sort() // neighbours by name are mostly neighbours on the disk, and the samples need not be sorted again
  const without = { valence: [] as string[], arousal: [] as string[] }
  let labelled = 0
  for (let start = 0; start < images.length; start += AT_A_TIME) {
    const part = images.slice(start, start + AT_A_TIME)
    const numbers = part.map((name) => name.slice(0, name.indexOf('.')))
    const paths = part.map((name) => `${prefix}images/${name}`)
    const files = numbers.flatMap((number) => {
      const base = `${prefix}annotations/${number}`
      return [`${base}_exp.npy`, `${base}_val.npy`, `${base}_aro.npy`]
    })
    const contents = await builder.tree.readMany(files, 4096)
    const sizes = await builder.tree.sizes(paths)
    const value = (at: number, kind: 'valence' | 'arousal') => {
      const bytes = contents[at]
      if (bytes === undefined) without[kind].push(files[at])
      return bytes && inRange(builder, npyScalar(bytes), files[at], kind)
    }
    for (let i = 0; i < part.length; i++) {
      const at = 3 * i
      const expression = contents[at]
      const known = expression && LABELS[npyScalar(expression) ?? -1]
      if (sizes[i] === 0) builder.problem('EMPTY_FILE', paths[i], 'the file has no bytes')
      else if (sizes[i] < 0) builder.problem('UNREADABLE', paths[i], 'the file cannot be read')
      else if (expression === undefined) {
        if (annotated.has(numbers[i])) builder.problem('UNREADABLE', files[at], 'the file cannot be read')
        else builder.problem('MISSING_LABEL', paths[i], `there is no ${files[at]}`)
      } else if (known === undefined) builder.problem('BAD_ROW', files[at], 'not a NumPy file with one number from 0 to 10')
      else {
        labelled++
        add(builder, paths[i], known, split, value(at + 1, 'valence'), value(at + 2, 'arousal'))
      }
    }
    for (const number of numbers) annotated.delete(number)
  }
  for (const number of annotated) {
    builder.problem('MISSING_FILE', `${prefix}annotations/${number}_exp.npy`, `there is no picture ${prefix}images/${number}`)
  }
  for (const [kind, missing] of Object.entries(without)) {
    // A set without any was given out, or copied, without them.
    if (missing.length > 0 && missing.length < labelled)
      builder.problem('MISSING_LABEL', missing[0], `no ${kind} for ${missing.length} pictures`, missing.slice(1))
  }
}

/** A valence or arousal; one that cannot be becomes a problem. -2 stands for "not annotated". */
function inRange(builder: DatasetBuilder, value: number | undefined, path: string, kind: 'valence' | 'arousal'): number | undefined {
  if (value !== undefined && value >= -1 && value <= 1) return value
  if (value !== -2) builder.problem('BAD_ROW', path, `no ${kind} within -1 to 1 (-2: none)${value === undefined ? '' : `, but ${value}`}`)
  return undefined
}

function add(
  builder: DatasetBuilder,
  path: string,
  known: (typeof LABELS)[number],
  split: SplitName | undefined,
  valence: number | undefined,
  arousal: number | undefined,
): Draft {
  return builder.add(path, {
    modality: 'image',
    emotion: known.emotion,
    corpusLabel: known.label,
    ...(split && { officialSplit: split }),
    ...(valence !== undefined && { valence }),
    ...(arousal !== undefined && { arousal }),
  })
}

/** @param listed - the samples so far, by path */
async function readCsv(builder: DatasetBuilder, table: string, listed: Map<string, Draft>): Promise<void> {
  const { tree } = builder
  const split = TABLES[baseName(table)]
  const roots = await imageRoots(tree)
  const { rows } = await readTable(tree, table, ',', COLUMNS)
  let pending: { path: string; at: string; known: (typeof LABELS)[number]; valence: string; arousal: string }[] = []
  const flush = async () => {
    const candidates = roots.map((root) => pending.map(({ path }) => root + path))
    const sizes = await Promise.all(candidates.map((paths) => tree.sizes(paths)))
    pending.forEach(({ at, path, known, valence, arousal }, i) => {
      const root = roots.findIndex((_, r) => sizes[r][i] >= 0)
      const file = candidates[root]?.[i] ?? path
      const before = listed.get(file)
      if (root < 0) builder.problem('MISSING_FILE', at, `there is no picture ${path}`)
      else if (sizes[root][i] === 0) builder.problem('EMPTY_FILE', file, 'the file has no bytes')
      else if (before !== undefined) {
        const conflict = before.corpusLabel !== known.label
        builder.problem(
          conflict ? 'LABEL_CONFLICT' : 'DUPLICATE',
          at,
          `${file} is listed before${conflict ? ` as ${before.corpusLabel}` : ''}; this row is left out`,
        )
        if (conflict) before.ambiguous = true
        if (before.officialSplit !== split) before.alsoInTest = true
      } else {
        const draft = add(
          builder,
          file,
          known,
          split,
          inRange(builder, number(valence), at, 'valence'),
          inRange(builder, number(arousal), at, 'arousal'),
        )
        listed.set(file, draft)
      }
    })
    pending = []
  }
  for await (const { line, columns, get } of rows) {
    const at = `${table}:${line}`
    if (columns < COLUMNS.length) {
      builder.problem('SHORT_ROW', at, `${columns} of ${COLUMNS.length} columns`)
      continue
    }
    const known = /^\d+$/.test(get('expression')) ? LABELS[Number(get('expression'))] : undefined
    if (known === undefined) {
      builder.problem('BAD_ROW', at, `expression "${get('expression')}" is no number from 0 to 10`)
      continue
    }
    try {
      pending.push({ path: safePath(get('subDirectory_filePath')), at, known, valence: get('valence'), arousal: get('arousal') })
    } catch (error) {
      if (!(error instanceof EmoError)) throw error
      builder.problem('OUTSIDE_FOLDER', at, error.message)
    }
    if (pending.length >= AT_A_TIME) await flush()
  }
  await flush()
}

/** `undefined` for what is no number. */
function number(text: string): number | undefined {
  const value = text === '' ? NaN : Number(text)
  return Number.isNaN(value) ? undefined : value
}

/** Folders that the paths of the tables may start from. */
async function imageRoots(tree: FileTree): Promise<string[]> {
  const roots = ['']
  for (const name of await tree.peek()) {
    if (!/annotated/i.test(name) || !name.endsWith('/')) continue
    roots.push(name)
    for (const inner of await tree.peek(name)) if (/images\/$/i.test(inner)) roots.push(name + inner)
  }
  return roots
}
