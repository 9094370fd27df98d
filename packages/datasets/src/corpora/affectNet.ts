import { EmoError } from '@emo/errors'
import type { CorpusEmotion } from '../emotions.ts'
import { baseName, extension, safePath, type FileTree } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import { readTable } from '../files/readTable.ts'
import type { Dataset, SplitName } from '../sample.ts'
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
const TABLES: Readonly<Record<string, SplitName>> = { 'training.csv': 'train', 'validation.csv': 'validation', 'automatically_annotated.csv': 'train' }
const COLUMNS = ['subDirectory_filePath', 'face_x', 'face_y', 'face_width', 'face_height', 'facial_landmarks', 'expression', 'valence', 'arousal']
const AT_A_TIME = 8192

/**
 * Opens AffectNet (Mollahosseini et al. 2017) in either distribution: `train_set/images/0.jpg` with `annotations/0_exp.npy`, `0_val.npy` and
 * `0_aro.npy` (and `val_set`), or `training.csv` / `validation.csv` beside (or above) the images.
 *
 * `none`, `uncertain` and `no-face` have `emotion` undefined. `val_set` and `validation.csv` are the `validation` side.
 * Images are indexed without being read: damaged ones are found when they are read, identical ones not at all.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`
 */
export async function openAffectNet(folder: FolderLike): Promise<Dataset> {
  const tree = await openFileTree(folder)
  const builder = new DatasetBuilder('affectnet', tree)
  const tables = await findTables(tree)
  if (tables.length > 0) for (const table of tables) await readCsv(builder, table)
  else await readSets(builder)
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
  for await (const batch of builder.tree.walk()) {
    for (const { path, problem } of batch) {
      if (problem !== undefined) {
        builder.problem(problem.code, path, problem.reason)
        continue
      }
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
  for (let start = 0; start < images.length; start += AT_A_TIME) {
    const part = images.slice(start, start + AT_A_TIME)
    const paths = part.map((name) => `${prefix}images/${name}`)
    const files = part.flatMap((name) => {
      const base = `${prefix}annotations/${name.slice(0, name.indexOf('.'))}`
      return [`${base}_exp.npy`, `${base}_val.npy`, `${base}_aro.npy`]
    })
    const contents = await builder.tree.readMany(files, 4096)
    const sizes = await builder.tree.sizes(paths)
    for (let i = 0; i < part.length; i++) {
      const [expression, valence, arousal] = [0, 1, 2].map((k) => {
        const bytes = contents[3 * i + k]
        return bytes === undefined ? undefined : npyScalar(bytes)
      })
      annotated.delete(part[i].slice(0, part[i].indexOf('.')))
      const known = LABELS[expression ?? -1]
      if (sizes[i] === 0) builder.problem('EMPTY_FILE', paths[i], 'the file has no bytes')
      else if (contents[3 * i] === undefined) builder.problem('MISSING_LABEL', paths[i], `there is no ${files[3 * i]}`)
      else if (known === undefined) builder.problem('BAD_ROW', files[3 * i], 'not a NumPy file with one number from 0 to 10')
      else add(builder, paths[i], known, split, valence, arousal)
    }
  }
  for (const number of annotated) {
    builder.problem('MISSING_FILE', `${prefix}annotations/${number}_exp.npy`, `there is no picture ${prefix}images/${number}`)
  }
}

function add(
  builder: DatasetBuilder,
  path: string,
  known: (typeof LABELS)[number],
  split: SplitName | undefined,
  valence: number | undefined,
  arousal: number | undefined,
): void {
  // -2 stands for "not annotated".
  const within = (value: number | undefined): value is number => value !== undefined && value >= -1 && value <= 1
  builder.add(path, {
    modality: 'image',
    emotion: known.emotion,
    corpusLabel: known.label,
    ...(split && { officialSplit: split }),
    ...(within(valence) && { valence }),
    ...(within(arousal) && { arousal }),
  })
}

async function readCsv(builder: DatasetBuilder, table: string): Promise<void> {
  const { tree } = builder
  const split = TABLES[baseName(table)]
  const roots = await imageRoots(tree)
  const { rows } = await readTable(tree, table, ',', COLUMNS)
  let pending: { path: string; line: number; known: (typeof LABELS)[number]; valence: number; arousal: number }[] = []
  const flush = async () => {
    const candidates = roots.map((root) => pending.map(({ path }) => root + path))
    const sizes = await Promise.all(candidates.map((paths) => tree.sizes(paths)))
    pending.forEach(({ line, path, known, valence, arousal }, i) => {
      const root = roots.findIndex((_, r) => sizes[r][i] >= 0)
      if (root < 0) builder.problem('MISSING_FILE', `${table}:${line}`, `there is no picture ${path}`)
      else if (sizes[root][i] === 0) builder.problem('EMPTY_FILE', candidates[root][i], 'the file has no bytes')
      else add(builder, candidates[root][i], known, split, valence, arousal)
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
      pending.push({ path: safePath(get('subDirectory_filePath')), line, known, valence: Number(get('valence')), arousal: Number(get('arousal')) })
    } catch (error) {
      if (!(error instanceof EmoError)) throw error
      builder.problem('OUTSIDE_FOLDER', at, error.message)
    }
    if (pending.length >= AT_A_TIME) await flush()
  }
  await flush()
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
