import type { FileTree } from '@emo/datasets'
import { EmoError } from '@emo/errors'
import type { MediaFormat } from '../mediaKind.ts'
import { describeFailure, problemFailure, type FileFailure } from './fileFailure.ts'
import { isMediaName, otherFormatOf } from './mediaNames.ts'
import { oneLine } from './oneLine.ts'
import { recogniseMedia } from './readMedia.ts'

/** What the recordings and pictures of a folder are, each of them decoded. */
export interface MediaSurvey {
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
  /** Recordings quieter than -60 dB at their loudest, in every channel. */
  readonly silent: readonly string[]
  /** Recordings of which more than one sample in a thousand is at full scale, in any channel. */
  readonly clipped: readonly string[]
  readonly unusable: readonly FileFailure[]
}

const SILENCE = 10 ** (-60 / 20)
const CLIPPED_SHARE = 1e-3

/** What a folder has for {@link surveyMedia}. */
export interface MediaList {
  /** Recordings and pictures by their names' endings, also of formats without decoder, sorted. */
  readonly files: readonly string[]
  /** What could not be followed: links that lead outside or in circles, folders that may not be read. */
  readonly failures: readonly FileFailure[]
}

/** Lists the recordings and pictures below a folder. */
export async function listMedia(tree: FileTree): Promise<MediaList> {
  const files: string[] = []
  const failures: FileFailure[] = []
  for await (const batch of tree.walk()) {
    for (const { path, problem } of batch) {
      if (problem) failures.push(problemFailure(path, problem))
      else if (isMediaName(path) || otherFormatOf(path) !== undefined) files.push(path)
    }
  }
  return { files: files.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)), failures }
}

/** Decodes every file of a list. */
export async function surveyMedia(
  tree: FileTree,
  { files, failures }: MediaList,
  onProgress: (done: number) => void,
): Promise<MediaSurvey> {
  const survey = new Survey(tree, failures)
  for (const [index, file] of files.entries()) {
    await survey.add(file)
    onProgress(index + 1)
  }
  return survey.result()
}

class Survey {
  readonly #tree: FileTree
  readonly #formats = new Map<string, number>()
  readonly #rates = new Map<string, number>()
  readonly #channels = new Map<string, number>()
  readonly #sizes = new Map<string, number>()
  readonly #durations: number[] = []
  readonly #silent: string[] = []
  readonly #clipped: string[] = []
  readonly #unusable: FileFailure[]
  #pictures = 0
  #bytes = 0

  constructor(tree: FileTree, failures: readonly FileFailure[]) {
    this.#tree = tree
    this.#unusable = [...failures]
  }

  async add(file: string): Promise<void> {
    try {
      const bytes = await this.#tree.read(file)
      if (bytes.length === 0) throw new EmoError('FILE_EMPTY', 'the file is empty')
      const format = await recogniseMedia(bytes)
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
    const levels = channels.map(measureLevel)
    if (levels.every(({ peak }) => peak < SILENCE)) this.#silent.push(file)
    if (levels.some(({ fullShare }) => fullShare > CLIPPED_SHARE)) this.#clipped.push(file)
  }

  result(): MediaSurvey {
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

/** The highest level of a channel, and the share of its samples that are at full scale. */
function measureLevel(channel: Float32Array): { readonly peak: number; readonly fullShare: number } {
  let peak = 0
  let full = 0
  for (const sample of channel) {
    const level = Math.abs(sample)
    if (level > peak) peak = level
    if (level >= 0.999) full++
  }
  return { peak, fullShare: full / channel.length }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/** A survey as text, for people. */
export function formatSurvey(survey: MediaSurvey): string {
  const list = (counts: Readonly<Record<string, number>>, unit = ''): string =>
    Object.entries(counts)
      .sort((a, b) => b[1] - a[1])
      .slice(0, 6)
      .map(([key, value]) => `${key}${unit} (${value})`)
      .join(', ')
  const some = (files: readonly string[]): string =>
    `${files.length}: ${files.slice(0, 5).map(oneLine).join(', ')}${files.length > 5 ? ', ...' : ''}`
  const rows: [string, string][] = [
    ['recordings', String(survey.recordings)],
    ['pictures', String(survey.pictures)],
    ['formats', list(survey.formats)],
    ['size', `${(survey.bytes / 1e6).toFixed(1)} MB`],
  ]
  if (survey.shortestSeconds !== undefined && survey.longestSeconds !== undefined) {
    rows.push(
      ['duration', `${survey.seconds} s, ${survey.shortestSeconds.toFixed(2)} to ${survey.longestSeconds.toFixed(2)} s each`],
      ['sample rates', list(survey.sampleRates, ' Hz')],
      ['channels', list(survey.audioChannels)],
    )
  }
  if (survey.pictures > 0) rows.push(['picture sizes', list(survey.imageSizes)])
  if (survey.silent.length > 0) rows.push(['silent', some(survey.silent)])
  if (survey.clipped.length > 0) rows.push(['clipped', some(survey.clipped)])
  rows.push(['unusable', String(survey.unusable.length)])
  return rows.map(([name, value]) => `${name.padEnd(14)} ${value}`).join('\n')
}
