import { baseName, parentName } from '../files/fileTree.ts'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import type { Dataset, Draft } from '../sample.ts'
import { EmoError } from '@emo/errors'
import { append, DatasetBuilder } from './datasetBuilder.ts'
import { PRIVATE_TEST_DUPLICATES } from './fer2013Duplicates.ts'
import { FER_PLUS_TABLE, FER_SPLITS, FER_USAGES, namedRows, readFerPlusTable, type FerUsage } from './ferPlusTable.ts'
import { ferPlusEmotion, ferPlusMajority, ferPlusSoftLabel, ferPlusVoteRecord } from './ferPlusVotes.ts'
import { hashImagePixels } from './hashImagePixels.ts'

/** Folders of the images that FERPlus's own script writes. */
const FOLDERS: Readonly<Record<string, FerUsage>> = { FER2013Train: 'Training', FER2013Valid: 'PublicTest', FER2013Test: 'PrivateTest' }

/**
 * Opens FERPlus (Barsoum et al. 2016): `fer2013new.csv` and the images `data/FER2013Train/fer0000000.png` that its script writes.
 *
 * `emotion` is the majority of the ten annotators, `undefined` where they agree on none, on `unknown` or on `NF` (no face);
 * `votes` has the counts and `softLabel` the distribution that the authors train on.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`, `CORPUS_NOT_FOUND` without `fer2013new.csv`
 */
export async function openFerPlus(folder: FolderLike): Promise<Dataset> {
  const tree = await openFileTree(folder)
  const builder = new DatasetBuilder('ferplus', tree)
  if (!(await tree.exists(FER_PLUS_TABLE))) {
    throw new EmoError('CORPUS_NOT_FOUND', `${tree.name} is no FERPlus folder: it has no ${FER_PLUS_TABLE}`, {
      details: { folder: tree.name },
    })
  }
  const rows = namedRows(await readFerPlusTable(tree, FER_PLUS_TABLE, builder))
  const byKey = new Map(rows.map((row) => [`${row.usage}/${row.imageName}`, row]))
  const found = new Set<string>()
  await builder.visitFiles(['png', 'jpg', 'jpeg'], (path) => {
    const parent = parentName(path)
    const usage = Object.hasOwn(FOLDERS, parent) ? FOLDERS[parent] : undefined
    if (usage === undefined) return `the folder "${parent}" is none of ${Object.keys(FOLDERS).join(', ')}`
    const row = byKey.get(`${usage}/${baseName(path)}`)
    if (row === undefined) {
      builder.problem('MISSING_LABEL', path, `${FER_PLUS_TABLE} has no ${usage} row of this name`)
      return undefined
    }
    found.add(`${usage}/${row.imageName}`)
    const majority = ferPlusMajority(row.votes)
    const softLabel = ferPlusSoftLabel(row.votes)
    builder.add(path, {
      id: `${parent}/${baseName(path)}`,
      modality: 'image',
      emotion: ferPlusEmotion(majority),
      corpusLabel: majority,
      officialSplit: FER_SPLITS[usage],
      row: row.row,
      votes: ferPlusVoteRecord(row.votes),
      ...(softLabel && { softLabel }),
    })
    return undefined
  })
  for (const usage of FER_USAGES) {
    const published = rows.filter((row) => row.usage === usage).length
    const here = rows.filter((row) => row.usage === usage && found.has(`${usage}/${row.imageName}`)).length
    if (here < published) builder.problem('INCOMPLETE', FER_PLUS_TABLE, `${usage}: images for ${here} of its ${published} named rows`)
  }
  await builder.dropEmptyFiles()
  const groups = new Map<string, Draft[]>()
  for (const [draft, hash] of await hashImagePixels(builder)) {
    append(groups, hash, draft)
    if (draft.officialSplit === 'train' && PRIVATE_TEST_DUPLICATES.has(hash)) draft.alsoInTest = true
  }
  builder.markDuplicates(groups)
  return builder.finish()
}
