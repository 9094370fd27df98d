import { EmoError } from '@emo/errors'
import { CORPUS_EMOTIONS } from './emotions.ts'
import { SOURCE, type Corpus, type Dataset, type Problem, type ProblemCode, type Sample } from './sample.ts'
import { decodeAudio } from './reading/decodeAudio.ts'
import { wavLayout } from './reading/decodeWav.ts'
import { checkDataset } from './checkArguments.ts'
import { readBytes } from './reading/readSample.ts'

/** Lengths of recordings, in seconds. */
export interface DurationSummary {
  readonly count: number
  readonly total: number
  readonly min: number
  readonly median: number
  readonly mean: number
  readonly max: number
  /** Recordings per bin; bin i holds lengths within `[i, i + 1) * binSeconds`. */
  readonly histogram: readonly number[]
  readonly binSeconds: number
}

/** What a corpus holds, in numbers. */
export interface DatasetSummary {
  readonly corpus: Corpus
  readonly name: string
  readonly samples: number
  readonly modalities: Readonly<Record<string, number>>
  /** By unified emotion, in the order of the label space; `none` counts samples without one. */
  readonly emotions: Readonly<Record<string, number>>
  /** By the corpus's own label. */
  readonly labels: Readonly<Record<string, number>>
  /** Empty when the corpus names no speakers. */
  readonly speakers: Readonly<Record<string, number>>
  readonly sexes: Readonly<Record<string, number>>
  /** By side of the official split; empty when there is none. */
  readonly splits: Readonly<Record<string, number>>
  /** Training samples that are identical to test samples. */
  readonly alsoInTest: number
  readonly ambiguous: number
  /** Groups of samples with identical content. */
  readonly duplicateGroups: number
  /** Of recordings, when asked for. */
  readonly durations?: DurationSummary
  readonly problems: readonly Problem[]
  readonly problemCounts: Readonly<Partial<Record<ProblemCode, number>>>
  readonly ignored: number
}

/** Options of {@link inspectDataset}. */
export interface InspectOptions {
  /** Measures recordings: the header of a wav, all of other files. Files that fail are added to the problems. Default `true`. */
  readonly durations?: boolean
  /** Called now and then while recordings are measured. */
  readonly onProgress?: (done: number, total: number) => void
}

const BIN_SECONDS = 0.5
const AT_A_TIME = 64
const HEAD_BYTES = 4096

/**
 * Counts what a corpus holds.
 *
 * @throws EmoError `DATASET_EXPECTED` for a list of samples and the like
 */
export async function inspectDataset(dataset: Dataset, options: InspectOptions = {}): Promise<DatasetSummary> {
  checkDataset(dataset)
  const { samples } = dataset
  const problems = [...dataset.problems]
  const recordings = samples.filter((sample) => sample.modality === 'audio')
  const durations =
    options.durations === false || recordings.length === 0 ? undefined : await measure(recordings, problems, options.onProgress)
  const emotions = count(samples, (sample) => sample.emotion ?? 'none')
  return {
    corpus: dataset.corpus,
    name: dataset.name,
    samples: samples.length,
    modalities: sorted(count(samples, (sample) => sample.modality)),
    emotions: Object.fromEntries(
      [...CORPUS_EMOTIONS, 'none'].flatMap((name) => (emotions.has(name) ? [[name, emotions.get(name) ?? 0]] : [])),
    ),
    labels: sorted(count(samples, (sample) => sample.corpusLabel)),
    speakers: sorted(count(samples, (sample) => sample.speaker)),
    sexes: sorted(count(samples, (sample) => sample.sex)),
    splits: sorted(count(samples, (sample) => sample.officialSplit)),
    alsoInTest: samples.filter((sample) => sample.alsoInTest).length,
    ambiguous: samples.filter((sample) => sample.ambiguous).length,
    duplicateGroups: new Set(samples.flatMap((sample) => sample.duplicateGroup ?? [])).size,
    ...(durations && { durations }),
    problems,
    problemCounts: sorted(count(problems, (problem) => problem.code)),
    ignored: dataset.ignored.length,
  }
}

function count<T>(items: readonly T[], key: (item: T) => string | undefined): Map<string, number> {
  const counts = new Map<string, number>()
  for (const item of items) {
    const name = key(item)
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function sorted(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}

async function measure(
  samples: readonly Sample[],
  problems: Problem[],
  onProgress?: InspectOptions['onProgress'],
): Promise<DurationSummary | undefined> {
  const seconds: number[] = []
  for (let start = 0; start < samples.length; start += AT_A_TIME) {
    const part = samples.slice(start, start + AT_A_TIME)
    const lengths = await Promise.all(
      part.map((sample) =>
        duration(sample).catch((error: unknown) => {
          if (!(error instanceof EmoError)) throw error
          problems.push({ code: error.code.startsWith('FILE_') ? 'UNREADABLE' : 'UNDECODABLE', path: sample.path, reason: error.message })
          return undefined
        }),
      ),
    )
    for (const length of lengths) if (length !== undefined) seconds.push(length)
    onProgress?.(Math.min(start + AT_A_TIME, samples.length), samples.length)
  }
  if (seconds.length === 0) return undefined
  seconds.sort((a, b) => a - b)
  const total = seconds.reduce((sum, length) => sum + length, 0)
  const max = seconds[seconds.length - 1]
  const histogram = new Array<number>(Math.floor(max / BIN_SECONDS) + 1).fill(0)
  for (const length of seconds) histogram[Math.floor(length / BIN_SECONDS)]++
  return {
    count: seconds.length,
    total,
    min: seconds[0],
    median: seconds[Math.floor(seconds.length / 2)],
    mean: total / seconds.length,
    max,
    histogram,
    binSeconds: BIN_SECONDS,
  }
}

/** Seconds of one recording. */
async function duration(sample: Sample): Promise<number> {
  const tree = sample[SOURCE]?.tree
  if (tree !== undefined && sample.path.toLowerCase().endsWith('.wav')) {
    const layout = wavLayout(await tree.read(sample.path, 0, HEAD_BYTES))
    if (layout !== undefined && layout.size > 0 && layout.bytesPerFrame > 0 && layout.sampleRate > 0) {
      return layout.size / layout.bytesPerFrame / layout.sampleRate
    }
  }
  const { channels, sampleRate } = await decodeAudio(await readBytes(sample), { fileName: sample.path })
  return channels[0].length / sampleRate
}
