import { checkOptions, EmoError, EmoRangeError } from '@emo/errors'
import { openFileTree, type FolderLike } from '../files/openFileTree.ts'
import { SOURCE, type Sample } from '../sample.ts'
import { checkSample, describe } from '../checkArguments.ts'
import { FER_SIDE, parsePixels } from '../corpora/ferPixels.ts'
import { decodeAudio, type DecodeAudioOptions } from './decodeAudio.ts'
import { decodeImage, type DecodedImage, type DecodeImageOptions } from './decodeImage.ts'
import { toSize, type ImageSize } from './resizeImage.ts'
import { resampleAudio } from './resampleAudio.ts'

/** Converts one channel between sample rates, e.g. `resample` of `@emo/dsp`. */
export type Resample = (signal: Float32Array, rates: { readonly from: number; readonly to: number }) => Float32Array | Promise<Float32Array>

/** Options of {@link readAudio}. */
export interface ReadAudioOptions extends Omit<DecodeAudioOptions, 'fileName'> {
  /** Hz, a whole number; the file's own when left out. */
  readonly sampleRate?: number
  /** Used when the rates differ; libsamplerate (best sinc) when left out. */
  readonly resample?: Resample
}

/** Options of {@link readImage}. */
export interface ReadImageOptions extends ImageSize, Omit<DecodeImageOptions, 'fileName'> {
  /** CK+: which of the sample's `frames` (default: the sample's own picture). */
  readonly frame?: number
}

/** One channel of sound. */
export interface MonoAudio {
  /** Values within -1 to 1. */
  readonly samples: Float32Array
  /** Hz */
  readonly sampleRate: number
}

/**
 * Encoded bytes of a sample.
 *
 * @throws EmoError `SAMPLE_EXPECTED`, `SAMPLE_WITHOUT_SOURCE`, `FILE_NOT_FOUND`, `FILE_PERMISSION`, `FILE_UNREADABLE`, `PATH_OUTSIDE`
 */
export async function readBytes(sample: Sample): Promise<Uint8Array> {
  checkSample(sample)
  if (sample.bytes !== undefined) return sample.bytes
  return sourceOf(sample).tree.read(sample.path, ...(sample.byteRange ?? []))
}

function sourceOf(sample: Sample) {
  const source = sample[SOURCE]
  if (source === undefined) {
    throw new EmoError(
      'SAMPLE_WITHOUT_SOURCE',
      `${sample.corpus} ${sample.id} does not know its folder (a copy through JSON or a worker loses it); pass it through attachSource(samples, folder)`,
      { details: { corpus: sample.corpus, id: sample.id } },
    )
  }
  return source
}

/** Gives samples that were copied (through JSON, or to a worker) their folder back. */
export async function attachSource(samples: readonly Sample[], folder: FolderLike): Promise<Sample[]> {
  const tree = await openFileTree(folder)
  return samples.map((sample) => ({
    ...sample,
    [SOURCE]: { tree, kind: sample.byteRange === undefined ? ('file' as const) : ('pixels' as const) },
  }))
}

/**
 * Reads a recording, mixed to one channel (the mean of its channels).
 *
 * @throws EmoRangeError `SAMPLE_RATE` for a rate that is no whole number above 0; EmoError the codes of {@link readBytes} and {@link decodeAudio},
 * `SAMPLE_MODALITY` for a picture, `SAMPLE_EXPECTED`, `OPTIONS_NOT_OBJECT`, `RESAMPLE_FAILED` rates that libsamplerate cannot take
 */
export async function readAudio(sample: Sample, options: ReadAudioOptions = {}): Promise<MonoAudio> {
  checkSample(sample)
  checkOptions(options, '{ sampleRate: 16000 }')
  const asked = options.sampleRate
  if (asked !== undefined && !(Number.isInteger(asked) && asked > 0)) {
    throw new EmoRangeError('SAMPLE_RATE', `sampleRate is ${describe(asked)}; give a whole number of Hz, e.g. 16000`, {
      details: { sampleRate: asked },
    })
  }
  if (sample.modality === 'image') throw wrongModality(sample, 'readImage')
  const { channels, sampleRate } = await decodeAudio(await readBytes(sample), { ...options, fileName: sample.path })
  const mono = mixToMono(channels)
  const to = asked ?? sampleRate
  if (to === sampleRate) return { samples: mono, sampleRate }
  const resample = options.resample ?? resampleAudio
  return { samples: await resample(mono, { from: sampleRate, to }), sampleRate: to }
}

function wrongModality(sample: Sample, use: string): EmoError {
  return new EmoError('SAMPLE_MODALITY', `${sample.corpus} ${sample.id} is ${sample.modality}; read it with ${use}`, {
    details: { modality: sample.modality },
  })
}

/** Mean of all channels. */
export function mixToMono(channels: readonly Float32Array[]): Float32Array {
  if (channels.length === 1) return channels[0]
  const mono = new Float32Array(channels[0].length)
  for (const channel of channels) for (let i = 0; i < mono.length; i++) mono[i] += channel[i]
  for (let i = 0; i < mono.length; i++) mono[i] /= channels.length
  return mono
}

/**
 * Reads a picture, at its own size or the one asked for.
 *
 * @throws EmoError the codes of {@link readBytes} and {@link decodeImage}; `SAMPLE_MODALITY` for a recording, `FRAME_RANGE`, `OPTIONS_NOT_OBJECT`
 */
export async function readImage(sample: Sample, options: ReadImageOptions = {}): Promise<DecodedImage> {
  checkSample(sample)
  checkOptions(options, '{ width: 48, height: 48 }')
  if (sample.modality !== 'image') throw wrongModality(sample, 'readAudio')
  if (options.frame !== undefined) {
    const path = sample.frames?.[options.frame]
    if (path === undefined) {
      throw new EmoError(
        'FRAME_RANGE',
        `${sample.corpus} ${sample.id} has ${sample.frames?.length ?? 0} frames; there is no frame ${options.frame}`,
      )
    }
    const bytes = await sourceOf(sample).tree.read(path)
    return toSize(await decodeImage(bytes, { maxPixels: options.maxPixels, fileName: path }), options)
  }
  const bytes = await readBytes(sample)
  const image =
    sample[SOURCE]?.kind === 'pixels'
      ? pixelText(sample, bytes)
      : await decodeImage(bytes, { maxPixels: options.maxPixels, fileName: sample.path })
  return toSize(image, options)
}

function pixelText(sample: Sample, bytes: Uint8Array): DecodedImage {
  const data = new Uint8Array(FER_SIDE * FER_SIDE)
  if (parsePixels(bytes, data) !== data.length) {
    throw new EmoError(
      'IMAGE_CORRUPT',
      `${sample.path}: row ${sample.id} no longer holds ${data.length} pixels; the file changed since it was opened`,
    )
  }
  return { data, width: FER_SIDE, height: FER_SIDE, channels: 1 }
}
