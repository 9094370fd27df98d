import { EmoError } from '@emo/errors'
import { toPaperLabel } from '../emotions.ts'
import { extension, isDebris, type FileTree } from '../files/fileTree.ts'
import { SOURCE, type Corpus, type Dataset, type Draft, type Problem, type ProblemCode, type SampleSource } from '../sample.ts'
import { contentHashSoon } from './contentHash.ts'
import { fileDamage } from './fileDamage.ts'

const HEADS_AT_A_TIME = 4096
const HEAD_BYTES = 4096
/** Whole files in memory at a time. */
const HASHED_AT_A_TIME = 16

/** Outcome of reading a name: its fields, or why it fits no scheme. */
export type Parsed<T> = { readonly fields: T } | { readonly reason: string }

/** What a loader says of one file; the builder adds the rest. */
export type SampleFields = Omit<Draft, 'corpus' | 'path' | 'paperLabel' | typeof SOURCE | 'id'> & { id?: string }

/** Collects the samples and problems of one corpus. */
export class DatasetBuilder {
  drafts: Draft[] = []
  readonly problems: Problem[] = []
  readonly ignored: string[] = []
  private readonly fileSource: SampleSource

  constructor(
    readonly corpus: Corpus,
    readonly tree: FileTree,
  ) {
    this.fileSource = { tree, kind: 'file' }
  }

  /** Adds a sample; `id` defaults to the path without its extension. */
  add(path: string, fields: SampleFields, source: SampleSource = this.fileSource): Draft {
    const draft: Draft = {
      corpus: this.corpus,
      path,
      ...fields,
      id: fields.id ?? withoutExtension(path),
      paperLabel: fields.emotion && toPaperLabel(fields.emotion),
      [SOURCE]: source,
    }
    this.drafts.push(draft)
    return draft
  }

  problem(code: ProblemCode, path: string, reason: string, others?: readonly string[]): void {
    this.problems.push(others === undefined ? { code, path, reason } : { code, path, reason, others })
  }

  /** Paths of every file, a batch at a time; unreadable entries become problems, and what systems leave behind is `ignored`. */
  async *walk(under = ''): AsyncGenerator<readonly string[]> {
    for await (const batch of this.tree.walk(under)) {
      const paths: string[] = []
      for (const { path, problem } of batch) {
        if (isDebris(path)) this.ignored.push(path)
        else if (problem !== undefined) this.problem(problem.code, path, problem.reason)
        else paths.push(path)
      }
      yield paths
    }
  }

  /**
   * Visits every file with one of the extensions; others are `ignored`.
   *
   * @param visit - adds the sample and returns nothing, or returns why the name fits no scheme
   */
  async visitFiles(extensions: readonly string[], visit: (path: string) => string | undefined): Promise<void> {
    for await (const batch of this.walk()) {
      for (const path of batch) {
        const reason = extensions.includes(extension(path)) ? visit(path) : void this.ignored.push(path)
        if (reason !== undefined) this.problem('UNKNOWN_NAME', path, reason)
      }
    }
  }

  /**
   * Reads a table that adds to the samples. One that cannot be read becomes a problem, and adds no more.
   *
   * @returns whether there is such a file
   */
  async joinTable(path: string, read: (path: string) => Promise<void>): Promise<boolean> {
    if (!(await this.tree.exists(path))) return false
    try {
      await read(path)
    } catch (error) {
      if (!(error instanceof EmoError)) throw error
      this.problem(
        error.code === 'PATH_OUTSIDE' ? 'OUTSIDE_FOLDER' : error.code === 'TABLE_CORRUPT' ? 'BAD_ROW' : 'UNREADABLE',
        path,
        error.message,
      )
    }
    return true
  }

  /** Takes out samples whose file has no bytes. Returns the sizes of those that stay, in their order. */
  async dropEmptyFiles(): Promise<readonly number[]> {
    const sizes = await this.tree.sizes(this.drafts.map((draft) => draft.path))
    const kept: Draft[] = []
    const keptSizes: number[] = []
    for (let i = 0; i < sizes.length; i++) {
      const draft = this.drafts[i]
      if (sizes[i] > 0) {
        kept.push(draft)
        keptSizes.push(sizes[i])
      } else if (sizes[i] === 0) this.problem('EMPTY_FILE', draft.path, 'the file has no bytes')
      else this.problem('UNREADABLE', draft.path, 'the file cannot be read')
    }
    this.drafts = kept
    return keptSizes
  }

  /**
   * Takes out files that are empty, cut off or of another type than their name says, from their first bytes and their size.
   *
   * @param sizes - of the files of `drafts`
   * @returns the sizes of those that stay
   */
  async dropDamagedFiles(sizes: readonly number[]): Promise<readonly number[]> {
    const kept: Draft[] = []
    const keptSizes: number[] = []
    for (let start = 0; start < this.drafts.length; start += HEADS_AT_A_TIME) {
      const part = this.drafts.slice(start, start + HEADS_AT_A_TIME)
      const heads = await this.tree.readMany(
        part.map((draft) => draft.path),
        HEAD_BYTES,
      )
      part.forEach((draft, i) => {
        const head = heads[i]
        const size = sizes[start + i]
        const damage = head && fileDamage(draft.path, head, size)
        if (head === undefined) this.problem('UNREADABLE', draft.path, 'the file cannot be read')
        else if (damage !== undefined) this.problem('UNDECODABLE', draft.path, damage)
        else {
          kept.push(draft)
          keptSizes.push(size)
        }
      })
    }
    this.drafts = kept
    return keptSizes
  }

  /** The checks that every corpus of separate files gets: empty, damaged and identical files. */
  async checkFiles(): Promise<void> {
    await this.markIdenticalFiles(await this.dropDamagedFiles(await this.dropEmptyFiles()))
  }

  /** Finds files with identical bytes. Only files of equal size are read; all where splits could not read them later (see {@link hashAcrossFolders}). */
  async markIdenticalFiles(sizes: readonly number[]): Promise<void> {
    const bySize = new Map<number, Draft[]>()
    for (let i = 0; i < sizes.length; i++) append(bySize, sizes[i], this.drafts[i])
    const alone = this.tree.now === undefined
    const compared = [...bySize.values()].filter((drafts) => alone || drafts.length > 1).flat()
    const groups = new Map<string, Draft[]>()
    for (let start = 0; start < compared.length; start += HASHED_AT_A_TIME) {
      const part = compared.slice(start, start + HASHED_AT_A_TIME)
      await Promise.all(part.map((draft) => this.hash(draft)))
      for (const draft of part) if (draft.contentHash !== undefined) append(groups, draft.contentHash, draft)
    }
    this.markDuplicates(groups)
  }

  private async hash(draft: Draft): Promise<void> {
    try {
      draft.contentHash = await contentHashSoon(await this.tree.read(draft.path))
    } catch (error) {
      this.problem('UNREADABLE', draft.path, (error as Error).message)
    }
  }

  /** Marks the samples of every group of two or more, and reports labels that disagree within one. */
  markDuplicates(groups: ReadonlyMap<string, readonly Draft[]>): void {
    for (const [hash, members] of groups) {
      if (members.length < 2) continue
      const drafts = [...members].sort(byId)
      const paths = drafts.map((draft) => (draft.byteRange === undefined ? draft.path : `${draft.path}#${draft.id}`))
      const labels = new Set(drafts.map((draft) => draft.corpusLabel))
      const train = drafts.some((draft) => draft.officialSplit === 'train')
      const test = drafts.some((draft) => draft.officialSplit !== undefined && draft.officialSplit !== 'train')
      for (const draft of drafts) {
        draft.duplicateGroup = hash
        if (labels.size > 1) draft.ambiguous = true
        if (train && test) {
          if (draft.officialSplit === 'train') draft.alsoInTest = true
          else draft.alsoInTrain = true
        }
      }
      const sides = train && test ? ', on both sides of the official split' : ''
      this.problem('DUPLICATE', paths[0], `${drafts.length} samples with identical content${sides}`, paths.slice(1))
      if (labels.size > 1) {
        this.problem('LABEL_CONFLICT', paths[0], `samples with identical content are labelled ${[...labels].join(' and ')}`, paths.slice(1))
      }
    }
  }

  /** Reports a corpus that was copied in part. */
  expect(what: string, found: number, published: number, path = ''): void {
    if (found > 0 && found < published) this.problem('INCOMPLETE', path, `${what}: ${found} of the ${published} that are published`)
  }

  /** Reports a table that has a header and nothing else. */
  expectRows(table: string): void {
    if (this.drafts.length === 0 && this.problems.length === 0) this.problem('INCOMPLETE', table, 'the table lists no sample')
  }

  /** Samples that share an id, e.g. two encodings of one recording, get their whole path for one. */
  private tellApart(): void {
    const { drafts } = this
    let shared = false
    for (let i = 0; i < drafts.length;) {
      let end = i + 1
      while (end < drafts.length && drafts[end].id === drafts[i].id) end++
      if (end > i + 1) {
        shared = true
        for (const draft of drafts.slice(i, end)) draft.id = draft.path
      }
      i = end
    }
    if (shared) drafts.sort(byId)
  }

  /**
   * @throws EmoError `CORPUS_NOT_FOUND` when no file bears a name of the corpus: another folder was meant. One whose files are all damaged, or whose table lists
   * what is not there, is that corpus, and its problems say what is wrong.
   */
  finish(): Dataset {
    this.problems.sort((a, b) => compare(a.path, b.path) || compare(a.code, b.code))
    const [first] = this.problems
    if (this.drafts.length === 0 && this.problems.every(({ code }) => code === 'UNKNOWN_NAME')) {
      const found =
        first !== undefined
          ? `${this.problems.length} files fit no name of it (${first.path}: ${first.reason})`
          : this.ignored.length === 0
            ? 'it holds no files'
            : `none of its ${this.ignored.length} files is of a type that the corpus has`
      throw new EmoError('CORPUS_NOT_FOUND', `${this.tree.name} is no folder of ${this.corpus}: ${found}; give the folder of the corpus`, {
        details: { folder: this.tree.name, corpus: this.corpus, problems: this.problems.slice(0, 20) },
      })
    }
    this.drafts.sort(byId)
    this.tellApart()
    this.ignored.sort(compare)
    return { corpus: this.corpus, name: this.tree.name, samples: this.drafts, problems: this.problems, ignored: this.ignored }
  }
}

/** Code-unit order: the same on every machine, unlike the locale's. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function byId(a: Draft, b: Draft): number {
  return compare(a.id, b.id) || compare(a.path, b.path)
}

/** Adds to the list kept under a key. */
export function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

/** A path without its extension. */
export function withoutExtension(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path
}
