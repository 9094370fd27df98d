import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile, access } from 'node:fs/promises'
import { join } from 'node:path'
import { resample } from '@emo/dsp'
import { EmoError } from '@emo/errors'
import { analyseSpeech, type SpeechAnalysis } from '../src/features/speechAnalysis.ts'
import {
  extraColumn,
  extraColumns,
  extraWidth,
  type ExtraFeature,
  type SpeechFeatureParameters,
} from '../src/features/speechFeatureParameters.ts'

/** Raise when the analysis itself changes, so that old stores are not read. */
const version = 3

/** Every extra is stored, whatever a preset asks for: presets that differ only in what they take of an analysis share it. */
const storedExtras: readonly ExtraFeature[] = ['chroma', 'pitch', 'spectral', 'contrast', 'zeroCrossingRate', 'rms']

/**
 * Analyses are stored with this hop, samples; a preset with a multiple of it reads every second, third ... frame. The frames that it
 * leaves out are those of the same clip begun a little later, and training draws them too.
 */
const storedHop = 683

/** Where one clip lies in the store's binary. */
interface StoredEntry {
  readonly id: string
  readonly offset: number
  readonly frames: number
  readonly active: [number, number]
}

/** The clips as they are, among their copies: played faster by 0 semitones. */
export const original = 0

/** One copy of one corpus: all analyses, in one binary. */
export interface StoreRequest {
  /** Folder of all stores, outside of the source tree. */
  readonly directory: string
  /** Name of the corpus. */
  readonly corpus: string
  /** Semitones by which the clips are played faster (pitch, formants and speed change together); {@link original} for themselves. */
  readonly copy: number
  readonly parameters: SpeechFeatureParameters
}

/** A clip to analyse. */
export interface StoreClip {
  readonly id: string
  /** Mono samples and their rate. */
  read(): Promise<{ samples: Float32Array; sampleRate: number }>
}

function pathOf({ directory, corpus, copy, parameters }: StoreRequest): string {
  const { sampleRate, nFft, winLength, nMels, trim } = parameters
  // Only what the analysis depends on: level, cepstrum, topDb and the choice of extras come later.
  const key = JSON.stringify({
    version,
    sampleRate,
    nFft,
    winLength,
    hopLength: storedHop,
    nMels,
    extras: storedExtras,
    trim: trim?.topDb ?? null,
  })
  return join(directory, `${corpus}_${copy}_${createHash('sha256').update(key).digest('hex').slice(0, 12)}`)
}

/**
 * Analyses all clips of a corpus and writes the store, unless it is there already for exactly these clips.
 *
 * @param onProgress - called after each clip
 */
export async function buildStore(
  request: StoreRequest,
  clips: readonly StoreClip[],
  onProgress?: (done: number, all: number) => void,
): Promise<void> {
  const path = pathOf(request)
  const known = await readIndex(path)
  if (known?.length === clips.length && known.every((entry, i) => entry.id === clips[i].id)) return
  const { parameters, copy } = request
  const entries: StoredEntry[] = []
  const parts: Float32Array[] = []
  let offset = 0
  for (const clip of clips) {
    const { samples, sampleRate } = await clip.read()
    // Played faster by the ratio: the same samples, taken for a higher rate.
    const from = Math.round(sampleRate * 2 ** (copy / 12))
    const signal = from === parameters.sampleRate ? samples : resample(samples, { from, to: parameters.sampleRate })
    const analysis = analyseSpeech(signal, { ...parameters, hopLength: storedHop, extras: storedExtras })
    entries.push({ id: clip.id, offset, frames: analysis.frames, active: [...analysis.active] })
    parts.push(analysis.mel, analysis.extras)
    offset += analysis.mel.length + analysis.extras.length
    onProgress?.(entries.length, clips.length)
  }
  const data = new Float32Array(offset)
  let at = 0
  for (const part of parts) {
    data.set(part, at)
    at += part.length
  }
  await mkdir(request.directory, { recursive: true })
  await writeFile(`${path}.f32.tmp`, new Uint8Array(data.buffer))
  await rename(`${path}.f32.tmp`, `${path}.f32`)
  await writeFile(`${path}.json.tmp`, JSON.stringify(entries))
  await rename(`${path}.json.tmp`, `${path}.json`)
}

/** Reads a store back: analyses by clip id, one for each place between two stored frames where a clip may begin, its own first. */
export async function readStore(request: StoreRequest): Promise<Map<string, SpeechAnalysis[]>> {
  const path = pathOf(request)
  const entries = await readIndex(path)
  if (!entries) throw new EmoError('FEATURES_MISSING', `${path}.json is missing: build the feature store first`, { details: { path } })
  const bytes = await readFile(`${path}.f32`)
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : new Uint8Array(bytes)
  const data = new Float32Array(aligned.buffer, aligned.byteOffset, aligned.length / 4)
  const { nMels, extras, hopLength } = request.parameters
  const step = hopLength / storedHop
  if (!Number.isInteger(step))
    throw new EmoError('FEATURES_HOP', `hopLength ${hopLength} is no multiple of the stored ${storedHop}`, { details: { hopLength } })
  const width = extraColumns(storedExtras)
  const columns = extras.flatMap((extra) => {
    const first = extraColumn(storedExtras, extra)
    return Array.from({ length: extraWidth[extra] }, (_, k) => first + k)
  })
  return new Map(
    entries.map(({ id, offset, frames, active }) => {
      const analysis = {
        frames,
        mel: data.subarray(offset, offset + frames * nMels),
        extras: selectColumns(data.subarray(offset + frames * nMels, offset + frames * (nMels + width)), frames, columns),
        active,
      }
      return [id, Array.from({ length: step }, (_, phase) => everyFrame(analysis, step, phase))]
    }),
  )
}

function selectColumns(rows: Float32Array, frames: number, columns: readonly number[]): Float32Array {
  const width = frames === 0 ? 0 : rows.length / frames
  const out = new Float32Array(frames * columns.length)
  for (let t = 0; t < frames; t++) columns.forEach((column, k) => (out[t * columns.length + k] = rows[t * width + column]))
  return out
}

/** Every `step`th frame from `phase` on. */
function everyFrame(analysis: SpeechAnalysis, step: number, phase: number): SpeechAnalysis {
  if (step === 1) return analysis
  const { frames, mel, extras, active } = analysis
  const count = Math.ceil((frames - phase) / step)
  const thin = (rows: Float32Array) => {
    const width = rows.length / frames
    const out = new Float32Array(count * width)
    for (let t = 0; t < count; t++) out.set(rows.subarray((phase + t * step) * width, (phase + t * step + 1) * width), t * width)
    return out
  }
  return {
    frames: count,
    mel: thin(mel),
    extras: thin(extras),
    active: [Math.floor(active[0] / step), Math.min(count, Math.ceil(active[1] / step))],
  }
}

async function readIndex(path: string): Promise<StoredEntry[] | undefined> {
  try {
    await access(`${path}.f32`)
    return JSON.parse(await readFile(`${path}.json`, 'utf8')) as StoredEntry[]
  } catch {
    return undefined
  }
}
