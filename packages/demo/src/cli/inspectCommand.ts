import { stat } from 'node:fs/promises'
import type { Corpus, Dataset, DatasetSummary, FileTree } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import { startActivityLine } from './activityLine.ts'
import { LOSSES } from './corpusLosses.ts'
import { formatFailure } from './fileFailure.ts'
import { formatSurvey, listMedia, surveyMedia, type MediaSurvey } from './mediaSurvey.ts'
import { createProgressLine, type ProgressLine } from './progressLine.ts'
import { watchedTree, type TreeActivity } from './watchedTree.ts'

/** Options of `emo inspect`, as parsed. */
export interface InspectCommandOptions {
  readonly dataset?: Corpus
  readonly decode?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

/** What `emo inspect --json` prints. */
export interface Inspection {
  readonly folder: string
  /** What the corpus holds; `null` when the folder is none that has a loader. */
  readonly corpus: DatasetSummary | null
  /** What the files are, all of them decoded: with `--decode`, and where the folder is no corpus. */
  readonly media?: MediaSurvey
}

/** Runs `emo inspect`; returns the exit status. */
export async function inspectCommand(folder: string, options: InspectCommandOptions): Promise<number> {
  const { formatSummary, openFileTree } = await import('@emo/datasets')
  const quiet = options.quiet ?? false
  const activity: TreeActivity = { listed: 0, read: 0, streamed: 0 }
  // FER2013 is one csv file; any other file is refused by the loader.
  const file = await stat(folder).then(
    (info) => info.isFile(),
    () => false,
  )
  const tree = file ? undefined : watchedTree(await openFileTree(folder), activity)
  const line = startActivityLine(() => describeActivity(folder, activity), process.stderr, quiet)
  let dataset: Dataset | undefined
  try {
    dataset = await openCorpusOf(tree ?? folder, options.dataset)
  } finally {
    line.stop()
  }
  const corpus = dataset && (await summarise(dataset, quiet))
  const media = tree && (options.decode === true || !corpus) ? await survey(tree, folder, quiet) : undefined
  const inspection: Inspection = { folder, corpus: corpus ?? null, ...(media && { media }) }
  if (options.json) console.log(JSON.stringify(inspection, undefined, 2))
  else {
    console.log(corpus ? formatSummary(corpus) : `${folder} is no corpus that Emo has a loader for; its files:\n`)
    if (media) console.log(corpus ? `\n${formatSurvey(media)}` : formatSurvey(media))
    for (const failure of media?.unusable ?? []) console.error(formatFailure(failure))
  }
  const lost = corpus && LOSSES.some((code) => corpus.problemCounts[code] !== undefined)
  return lost || (media && media.unusable.length > 0) ? 1 : 0
}

/**
 * The corpus of a folder; `undefined` when nothing speaks for one.
 *
 * @throws EmoError `CORPUS_UNKNOWN` when several corpora are mixed, `NOT_A_FOLDER`; the loaders' own codes
 */
async function openCorpusOf(source: FileTree | string, name: Corpus | undefined): Promise<Dataset | undefined> {
  const { openDataset } = await import('@emo/datasets')
  try {
    return await openDataset(source, name)
  } catch (error) {
    if (!(error instanceof EmoError) || error.code !== 'CORPUS_UNKNOWN') throw error
    const scores = error.details.scores as Readonly<Record<string, number>> | undefined
    if (Object.keys(scores ?? {}).length > 1) throw error
    return undefined
  }
}

async function summarise(dataset: Dataset, quiet: boolean): Promise<DatasetSummary> {
  const { inspectDataset } = await import('@emo/datasets')
  let progress: ProgressLine | undefined
  const summary = await inspectDataset(dataset, {
    onProgress(done, total) {
      progress ??= createProgressLine(total, process.stderr, quiet)
      progress.update(done)
    },
  })
  progress?.clear()
  return summary
}

/** @throws EmoError `FOLDER_EMPTY` when there is nothing to look at */
async function survey(tree: FileTree, folder: string, quiet: boolean): Promise<MediaSurvey> {
  const list = await listMedia(tree)
  if (list.files.length === 0 && list.failures.length === 0) {
    throw new EmoError('FOLDER_EMPTY', `${folder}: no recording or picture in this folder, and no table of a corpus`)
  }
  const progress = createProgressLine(list.files.length, process.stderr, quiet)
  const found = await surveyMedia(tree, list, (done) => progress.update(done))
  progress.clear()
  return found
}

function describeActivity(folder: string, { listed, read, streamed }: TreeActivity): string {
  const parts = [
    listed > 0 ? `${counted(listed)} files found` : '',
    read > 0 ? `${counted(read)} read` : '',
    streamed > 0 ? `${counted(Math.round(streamed / 1e6))} MB of tables read` : '',
  ]
  return `${folder}: ${parts.filter(Boolean).join(', ') || 'opening'}`
}

const counted = (value: number): string => value.toLocaleString('en-US')
