import { EmoError } from '@emo/errors'
import Papa from 'papaparse'
import type { FileTree } from './fileTree.ts'

/** A row of a table, by column name. */
interface TableRow {
  /** Line in the file, from 1 (the header). */
  readonly line: number
  /** Number of columns found. */
  readonly columns: number
  /** Value of a column, without surrounding blanks; empty when the row is too short. */
  readonly get: (column: string) => string
}

/** A table, read as a stream. */
export interface Table {
  readonly header: readonly string[]
  readonly rows: AsyncIterable<TableRow>
}

/** In characters. A file without line ends must not fill the memory. */
const LONGEST_LINE = 1 << 20

/** Text of a byte stream, in blocks that end at a line end. None of the corpora's tables has line ends within quotes. */
async function* wholeLines(chunks: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const text = rest + decoder.decode(chunk, { stream: true })
    const end = text.lastIndexOf('\n') + 1
    if (end > 0) yield text.slice(0, end)
    rest = text.slice(end)
    if (rest.length > LONGEST_LINE) {
      throw new EmoError(
        'TABLE_CORRUPT',
        `${path} has a line of more than ${LONGEST_LINE} characters; it is no table of a corpus, copy it again`,
        { details: { path } },
      )
    }
  }
  rest += decoder.decode()
  if (rest !== '') yield rest
}

/** Of an empty text the parser makes no row at all. */
function cellsOf(text: string, delimiter: string): string[][] {
  return text === '' ? [['']] : Papa.parse<string[]>(text, { delimiter, newline: '\n' }).data
}

async function* parsedRows(tree: FileTree, path: string, delimiter: string): AsyncGenerator<{ line: number; cells: string[] }> {
  let line = 1
  for await (const block of wholeLines(tree.stream(path), path)) {
    const lines = block.replaceAll('\r\n', '\n').replace(/\n$/, '')
    const whole = cellsOf(lines, delimiter)
    const count = lines.split('\n').length
    // A quote that is not closed must cost its own line, not those that follow.
    const rows = whole.length === count ? whole : lines.split('\n').map((text) => cellsOf(text, delimiter)[0])
    for (const cells of rows) {
      if (cells.length > 1 || cells[0] !== '') yield { line, cells }
      line++
    }
  }
}

/**
 * Opens a delimited table whose first line names the columns. Rows are read as they are asked for.
 *
 * @param delimiter - `,` or a tab
 * @param columns - names of the columns, for tables that may lack the line with them; such a line starts with the first of the names
 * @throws EmoError `TABLE_CORRUPT` for a line that never ends; those of {@link FileTree.stream}
 */
export async function readTable(tree: FileTree, path: string, delimiter = ',', columns?: readonly string[]): Promise<Table> {
  const rows = parsedRows(tree, path, delimiter)
  const first = await rows.next()
  const cells = first.done === true ? [] : first.value.cells.map((name) => name.replace(/^\uFEFF/, '').trim())
  const headless = columns !== undefined && cells.length > 0 && cells[0] !== columns[0]
  const header = headless ? columns : cells
  const index = new Map(header.map((name, column) => [name, column]))
  const row = (line: number, cells: readonly string[]): TableRow => ({
    line,
    columns: cells.length,
    get: (column) => cells[index.get(column) ?? -1]?.trim() ?? '',
  })
  async function* values(): AsyncGenerator<TableRow> {
    if (headless) yield row(1, cells)
    for await (const { line, cells } of rows) yield row(line, cells)
  }
  return { header, rows: values() }
}
