import type { FileTree } from '../files/fileTree.ts'
import { readTable } from '../files/readTable.ts'
import type { SplitName } from '../sample.ts'
import { append, type DatasetBuilder } from './datasetBuilder.ts'
import { FER_PLUS_OPTIONS } from './ferPlusVotes.ts'

/** Name of FERPlus's table of votes. */
export const FER_PLUS_TABLE = 'fer2013new.csv'

/** The three sides of FER2013, as its tables spell them. */
export const FER_USAGES = ['Training', 'PublicTest', 'PrivateTest'] as const

/** One side of FER2013. */
export type FerUsage = (typeof FER_USAGES)[number]

/** Side of the official split that a usage is. */
export const FER_SPLITS: Readonly<Record<FerUsage, SplitName>> = { Training: 'train', PublicTest: 'validation', PrivateTest: 'test' }

/** Rows that each side is published with. */
export const FER_COUNTS: Readonly<Record<FerUsage, number>> = { Training: 28_709, PublicTest: 3589, PrivateTest: 3589 }

/** One row of `fer2013new.csv`. */
export interface FerPlusRow {
  /** Row number, the same as in the full `fer2013.csv`. */
  readonly row: number
  readonly usage: FerUsage
  /** `fer0000000.png`; empty for rows that FERPlus leaves out. */
  readonly imageName: string
  /** Ten counts in the order of {@link FER_PLUS_OPTIONS}. */
  readonly votes: readonly number[]
}

/** Reads `fer2013new.csv`; rows that cannot be become problems. */
export async function readFerPlusTable(tree: FileTree, path: string, builder: DatasetBuilder): Promise<FerPlusRow[]> {
  const rows: FerPlusRow[] = []
  const table = await readTable(tree, path)
  for (const column of ['Usage', 'Image name', ...FER_PLUS_OPTIONS]) {
    if (!table.header.includes(column)) {
      builder.problem('SHORT_ROW', `${path}:1`, `no column "${column}"`)
      return rows
    }
  }
  for await (const { line, columns, get } of table.rows) {
    const row = line - 2
    const usage = get('Usage')
    const votes = FER_PLUS_OPTIONS.map((option) => Number(get(option)))
    if (columns < table.header.length) builder.problem('SHORT_ROW', `${path}:${line}`, `${columns} of ${table.header.length} columns`)
    else if (!isFerUsage(usage)) builder.problem('BAD_ROW', `${path}:${line}`, `Usage "${usage}" is none of ${FER_USAGES.join(', ')}`)
    else if (!votes.every((count) => Number.isInteger(count) && count >= 0)) {
      builder.problem('BAD_ROW', `${path}:${line}`, 'a count of votes that is no number from 0')
    } else rows.push({ row, usage, imageName: get('Image name'), votes })
  }
  return rows
}

/** Whether a text is one of {@link FER_USAGES}. */
export function isFerUsage(value: string): value is FerUsage {
  return (FER_USAGES as readonly string[]).includes(value)
}

/**
 * Rows whose image name is theirs alone. A few rows of the published table repeat the name of another one; names ascend with the rows, which
 * tells the owner.
 */
export function namedRows(rows: readonly FerPlusRow[]): FerPlusRow[] {
  const named = rows.filter((row) => row.imageName !== '')
  const byName = new Map<string, number[]>()
  named.forEach((row, index) => append(byName, `${row.usage}/${row.imageName}`, index))
  return named.filter(({ usage, imageName }, index) => {
    const indices = byName.get(`${usage}/${imageName}`) ?? []
    if (indices.length === 1) return true
    const inOrder = indices.filter((i) => {
      const before = named[i - 1]
      const after = named[i + 1]
      return (before?.usage !== usage || before.imageName < imageName) && (after?.usage !== usage || imageName < after.imageName)
    })
    return index === (inOrder[0] ?? indices[0])
  })
}

/**
 * Rows of the table that belong to the rows of a `fer2013.csv`, per side: all when the counts agree, those with an image name when their count
 * does (a csv rebuilt from FERPlus's images).
 *
 * @param counts - rows of each side in the csv
 * @returns `undefined` for a side that cannot be aligned
 */
export function alignFerPlus(
  rows: readonly FerPlusRow[],
  counts: Readonly<Record<FerUsage, number>>,
): Record<FerUsage, readonly FerPlusRow[] | undefined> {
  const named = namedRows(rows)
  const align = (usage: FerUsage) => {
    const all = rows.filter((row) => row.usage === usage)
    if (all.length === counts[usage]) return all
    const own = named.filter((row) => row.usage === usage)
    return own.length === counts[usage] ? own : undefined
  }
  return { Training: align('Training'), PublicTest: align('PublicTest'), PrivateTest: align('PrivateTest') }
}
