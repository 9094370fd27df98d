import type { Dataset } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import type { MediaFormat } from '../mediaKind.ts'
import { collectFiles } from './collectFiles.ts'
import { DATASET_NAMES } from './datasetNames.ts'
import { describeFailure, formatFailure, type FileFailure } from './fileFailure.ts'
import { openCorpus } from './openCorpus.ts'
import { createProgressLine } from './progressLine.ts'
import { readMedia } from './readMedia.ts'

/** Options of `emo inspect`, as parsed. */
export interface InspectCommandOptions {
  readonly json?: boolean
  readonly quiet?: boolean
}

/** What a folder holds. */
export interface Inspection {
  readonly folder: string
  readonly recordings: number
  readonly pictures: number
  readonly bytes: number
  /** Files of each format. */
  readonly formats: Readonly<Record<string, number>>
  /** Of all recordings together. */
  readonly seconds: number
  readonly shortestSeconds: number | undefined
  readonly longestSeconds: number | undefined
  /** Recordings at each rate, in hertz. */
  readonly sampleRates: Readonly<Record<string, number>>
  /** Recordings with each number of channels. */
  readonly audioChannels: Readonly<Record<string, number>>
  /** Pictures of each size. */
  readonly imageSizes: Readonly<Record<string, number>>
  /** Recordings quieter than -60 dB at their loudest. */
  readonly silent: readonly string[]
  /** Recordings of which more than one sample in a thousand is at full scale. */
  readonly clipped: readonly string[]
  readonly unusable: readonly FileFailure[]
  /** The corpus that the names follow, if any. */
  readonly corpus: CorpusInspection | undefined
}

/** Labels of a known corpus. */
export interface CorpusInspection {
  readonly name: string
  readonly samples: number
  readonly emotions: Readonly<Record<string, number>>
  readonly speakers: number
  readonly splits: Readonly<Record<string, number>>
  readonly problems: Readonly<Record<string, number>>
}

const SILENCE = 10 ** (-60 / 20)
const CLIPPED_SHARE = 1e-3

/** Runs `emo inspect`; returns the exit status. */
export async function inspectCommand(folder: string, options: InspectCommandOptions): Promise<number> {
  const { files, failures } = await collectFiles([folder])
  const corpus = await recogniseCorpus(folder)
  // A corpus may keep its pictures in one csv file.
  if (files.length === 0 && !corpus) throw new EmoError(failures[0].code, `${folder}: ${failures[0].message}`)
  const survey = new Survey()
  const progress = createProgressLine(files.length, process.stderr, options.quiet ?? false)
  for (const [index, file] of files.entries()) {
    await survey.add(file)
    progress.update(index + 1)
  }
  progress.clear()
  const inspection: Inspection = { folder, ...survey.result(), corpus: corpus && describeCorpus(corpus) }
  if (options.json) console.log(JSON.stringify(inspection, undefined, 2))
  else {
    console.log(inspectionTable(inspection))
    for (const failure of inspection.unusable) console.error(formatFailure(failure))
  }
  return inspection.unusable.length > 0 ? 1 : 0
}

class Survey {
  readonly #formats = new Map<string, number>()
  readonly #rates = new Map<string, number>()
  readonly #channels = new Map<string, number>()
  readonly #sizes = new Map<string, number>()
  readonly #durations: number[] = []
  readonly #silent: string[] = []
  readonly #clipped: string[] = []
  readonly #unusable: FileFailure[] = []
  #pictures = 0
  #bytes = 0

  async add(file: string): Promise<void> {
    try {
      const { bytes, format } = await readMedia(file)
      await this.#decode(file, bytes, format)
      this.#bytes += bytes.length
      count(this.#formats, format.name)
    } catch (error) {
      this.#unusable.push(describeFailure(file, error))
    }
  }

  async #decode(file: string, bytes: Uint8Array, format: MediaFormat): Promise<void> {
    const { decodeAudio, decodeImage } = await import('@emo/datasets')
    if (format.kind === 'image') {
      const { width, height, channels } = await decodeImage(bytes, { fileName: file })
      count(this.#sizes, `${width} x ${height}${channels === 1 ? ' grey' : ''}`)
      this.#pictures++
      return
    }
    const { channels, sampleRate } = await decodeAudio(bytes, { fileName: file })
    this.#durations.push(channels[0].length / sampleRate)
    count(this.#rates, String(sampleRate))
    count(this.#channels, String(channels.length))
    let peak = 0
    let full = 0
    for (const sample of channels[0]) {
      const level = Math.abs(sample)
      if (level > peak) peak = level
      if (level >= 0.999) full++
    }
    if (peak < SILENCE) this.#silent.push(file)
    if (full > CLIPPED_SHARE * channels[0].length) this.#clipped.push(file)
  }

  result(): Omit<Inspection, 'folder' | 'corpus'> {
    const durations = this.#durations
    return {
      recordings: durations.length,
      pictures: this.#pictures,
      bytes: this.#bytes,
      formats: Object.fromEntries(this.#formats),
      seconds: Math.round(100 * durations.reduce((sum, seconds) => sum + seconds, 0)) / 100,
      shortestSeconds: durations.length > 0 ? durations.reduce((least, seconds) => Math.min(least, seconds)) : undefined,
      longestSeconds: durations.length > 0 ? durations.reduce((most, seconds) => Math.max(most, seconds)) : undefined,
      sampleRates: Object.fromEntries(this.#rates),
      audioChannels: Object.fromEntries(this.#channels),
      imageSizes: Object.fromEntries(this.#sizes),
      silent: this.#silent,
      clipped: this.#clipped,
      unusable: this.#unusable,
    }
  }
}

/** The corpus whose naming fits most files, if it fits more than it rejects. */
async function recogniseCorpus(folder: string): Promise<Dataset | undefined> {
  let best: Dataset | undefined
  for (const name of DATASET_NAMES) {
    const dataset = await openCorpus(name, folder).catch(() => undefined)
    if (!dataset) continue
    const unknown = dataset.problems.filter((problem) => problem.code === 'UNKNOWN_NAME').length
    if (dataset.samples.length > unknown && dataset.samples.length > (best?.samples.length ?? 0)) best = dataset
  }
  return best
}

function describeCorpus({ corpus, samples, problems }: Dataset): CorpusInspection {
  const emotions = new Map<string, number>()
  const splits = new Map<string, number>()
  for (const sample of samples) {
    count(emotions, sample.emotion ?? 'no label')
    if (sample.officialSplit) count(splits, sample.officialSplit)
  }
  const codes = new Map<string, number>()
  for (const problem of problems) count(codes, problem.code)
  return {
    name: corpus,
    samples: samples.length,
    emotions: Object.fromEntries(emotions),
    speakers: new Set(samples.flatMap((sample) => sample.speaker ?? [])).size,
    splits: Object.fromEntries(splits),
    problems: Object.fromEntries(codes),
  }
}

function inspectionTable(inspection: Inspection): string {
  const list = (counts: Readonly<Record<string, number>>, unit = ''): string =>
    Object.entries(counts)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 6)
      .map(([key, value]) => `${key}${unit} (${value})`)
      .join(', ')
  const rows: [string, string][] = [
    ['recordings', String(inspection.recordings)],
    ['pictures', String(inspection.pictures)],
    ['formats', list(inspection.formats)],
    ['size', `${(inspection.bytes / 1e6).toFixed(1)} MB`],
  ]
  if (inspection.recordings > 0) {
    rows.push(
      ['duration', `${inspection.seconds} s, ${inspection.shortestSeconds!.toFixed(2)} to ${inspection.longestSeconds!.toFixed(2)} s each`],
      ['sample rates', list(inspection.sampleRates, ' Hz')],
      ['channels', list(inspection.audioChannels)],
    )
  }
  if (inspection.pictures > 0) rows.push(['picture sizes', list(inspection.imageSizes)])
  if (inspection.silent.length > 0) rows.push(['silent', inspection.silent.slice(0, 5).join(', ')])
  if (inspection.clipped.length > 0) rows.push(['clipped', `${inspection.clipped.length}: ${inspection.clipped.slice(0, 5).join(', ')}`])
  rows.push(['unusable', String(inspection.unusable.length)])
  const { corpus } = inspection
  if (corpus) {
    rows.push(['corpus', `${corpus.name}, ${corpus.samples} samples, ${corpus.speakers} speakers`], ['emotions', list(corpus.emotions)])
    if (Object.keys(corpus.splits).length > 0) rows.push(['splits', list(corpus.splits)])
    if (Object.keys(corpus.problems).length > 0) rows.push(['problems', list(corpus.problems)])
  }
  return rows.map(([name, value]) => `${name.padEnd(14)} ${value}`).join('\n')
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
