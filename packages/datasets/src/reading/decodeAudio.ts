import { EmoError } from '@emo/errors'
import { bytesOf } from './bytesOf.ts'
import { decodeWav } from './decodeWav.ts'
import { id3End, id3Start } from './id3.ts'
import { joined } from './joined.ts'
import { lazy } from './lazy.ts'
import { mp3Frames } from './mp3Frames.ts'
import { oggStreams, type OggStream } from './oggStreams.ts'
import { ofType, sniffType, type FileType } from './sniffType.ts'

/** Sound as it is in a file. */
export interface DecodedAudio {
  /** One Float32Array a channel, all of one length, values within -1 to 1. */
  readonly channels: readonly Float32Array[]
  /** Hz */
  readonly sampleRate: number
}

/** Options of {@link decodeAudio}. */
export interface DecodeAudioOptions {
  /** For messages. */
  readonly fileName?: string
  /** Longest sound accepted, in seconds. Default 3600. */
  readonly maxSeconds?: number
}

/** What a WASM decoder gives back. */
interface WasmDecoded {
  readonly channelData: Float32Array[]
  readonly samplesDecoded: number
  readonly sampleRate: number
  readonly errors: readonly { readonly message: string }[]
}

const DEFAULT_MAX_SECONDS = 3600

const flac = lazy(() => import('@wasm-audio-decoders/flac'))
const opus = lazy(() => import('ogg-opus-decoder'))
const vorbis = lazy(() => import('@wasm-audio-decoders/ogg-vorbis'))
const mpeg = lazy(() => import('mpg123-decoder'))

/**
 * Decodes WAV, MP3, FLAC, Ogg Vorbis or Ogg Opus. The type is taken from the bytes, not from the name; decoders are loaded when first needed.
 *
 * @param file - its bytes
 * @throws EmoError `BYTES_EXPECTED` something else than bytes, `AUDIO_EMPTY` no bytes or no sound, `AUDIO_UNSUPPORTED` another type, `AUDIO_TRUNCATED` the end is missing,
 * `AUDIO_CORRUPT` damaged, `AUDIO_TOO_LONG` longer than `maxSeconds`
 */
export async function decodeAudio(file: Uint8Array | ArrayBuffer, options: DecodeAudioOptions = {}): Promise<DecodedAudio> {
  const where = options.fileName ?? 'audio'
  const bytes = bytesOf(file, where)
  if (bytes.length === 0) throw new EmoError('AUDIO_EMPTY', `${where}: the file is empty`, { details: { fileName: options.fileName } })
  const type = sniffType(bytes)
  const limit = options.maxSeconds ?? DEFAULT_MAX_SECONDS
  const check = (seconds: number) => {
    if (seconds > limit) {
      throw new EmoError('AUDIO_TOO_LONG', `${where}: ${Math.round(seconds)} s of sound; cut it, or raise maxSeconds (now ${limit})`, {
        details: { seconds, maxSeconds: limit },
      })
    }
  }
  const decoded = await decodeType(type, bytes, where, check)
  check(decoded.channels[0].length / decoded.sampleRate)
  return decoded
}

async function decodeType(type: FileType, bytes: Uint8Array, where: string, check: (seconds: number) => void): Promise<DecodedAudio> {
  switch (type) {
    case 'wav':
      return decodeWav(withoutId3(bytes), where, check)
    case 'flac':
      // The decoder takes what follows the last frame for a part of it, and drops it.
      return decodeFlac(withoutId3(bytes.subarray(0, id3Start(bytes))), where, check)
    case 'ogg':
      return decodeOgg(withoutId3(bytes), where, check)
    case 'mp3':
      return decodeMp3(bytes, where, check)
    default:
      throw new EmoError('AUDIO_UNSUPPORTED', `${where}: ${ofType(type)}; give wav, mp3, flac or ogg (Vorbis or Opus)`, {
        details: { type },
      })
  }
}

const withoutId3 = (bytes: Uint8Array) => bytes.subarray(id3End(bytes))

/** Checks what a decoder gave back. */
function accept(result: WasmDecoded, where: string): DecodedAudio {
  if (result.errors.length > 0) {
    throw new EmoError('AUDIO_CORRUPT', `${where}: the sound is damaged (${result.errors[0].message}); copy it again`, {
      details: { errors: result.errors.length },
    })
  }
  if (result.samplesDecoded === 0 || result.channelData.length === 0) throw new EmoError('AUDIO_EMPTY', `${where}: the file holds no sound`)
  return { channels: result.channelData, sampleRate: result.sampleRate }
}

function truncated(where: string, what: string): EmoError {
  return new EmoError('AUDIO_TRUNCATED', `${where}: ${what}; copy the file again`)
}

/** Runs a decoder, frees it, and turns what it throws into one error. */
async function run(decoder: { ready: Promise<void>; free(): void }, where: string, decode: () => Promise<WasmDecoded> | WasmDecoded) {
  await decoder.ready
  try {
    return accept(await quietly(decode), where)
  } catch (cause) {
    if (cause instanceof EmoError) throw cause
    throw new EmoError('AUDIO_CORRUPT', `${where}: the sound cannot be decoded (${(cause as Error).message})`, { cause })
  } finally {
    decoder.free()
  }
}

/** Decoders tell the console of every error, too. They run through without a pause once they are ready, so that nobody else is silenced. */
function quietly<T>(decode: () => T): T {
  const { error } = console
  console.error = () => undefined
  try {
    return decode()
  } finally {
    console.error = error
  }
}

async function decodeFlac(bytes: Uint8Array, where: string, check: (seconds: number) => void): Promise<DecodedAudio> {
  // STREAMINFO is the first block: 20 bits of sample rate and 36 bits of sample count from its tenth byte on.
  if (bytes.length < 42) throw truncated(where, 'the flac ends within its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const sampleRate = view.getUint32(18) >>> 12
  const total = (view.getUint8(21) & 0x0f) * 2 ** 32 + view.getUint32(22)
  if (sampleRate > 0) check(total / sampleRate)
  const { FLACDecoder } = await flac()
  const decoder = new FLACDecoder()
  return run(decoder, where, async () => {
    const result = await decoder.decodeFile(bytes)
    if (total > 0 && result.samplesDecoded < total)
      throw truncated(where, `the flac announces ${total} samples and holds ${result.samplesDecoded}`)
    return { ...result, channelData: result.channelData.map((channel) => exactScale(channel, result.bitDepth)) }
  })
}

/** The decoder divides by 2^(bits - 1) - 1; WAV and everyone else by 2^(bits - 1). Lossless files are to give the same values either way. */
function exactScale(samples: Float32Array, bits: number): Float32Array {
  const full = 2 ** (bits - 1)
  return samples.map((value) => Math.round(value * (full - 1)) / full)
}

/** A codec that Ogg carries. */
interface OggCodec {
  /** Length of the stream's first packet, at least. */
  readonly headBytes: number
  /** Hz, by the stream's first packet; granule positions count at it. */
  readonly sampleRate: (head: DataView) => number
  readonly decode: (stream: OggStream, where: string) => Promise<DecodedAudio>
}

const OGG_CODECS: Readonly<Record<string, OggCodec>> = {
  OpusHead: { headBytes: 19, sampleRate: () => 48_000, decode: decodeOpus },
  '\x01vorbis': { headBytes: 30, sampleRate: (head) => head.getUint32(12, true), decode: decodeVorbis },
  // The packet goes on with the whole beginning of a FLAC file.
  '\x7fFLAC': { headBytes: 51, sampleRate: (head) => head.getUint32(27) >>> 12, decode: decodeOggFlac },
}

function oggCodec({ head }: OggStream): OggCodec | undefined {
  const name = String.fromCharCode(...head.subarray(0, 8))
  const [, codec] = Object.entries(OGG_CODECS).find(([magic]) => name.startsWith(magic)) ?? []
  return codec && head.length >= codec.headBytes ? codec : undefined
}

async function decodeOgg(bytes: Uint8Array, where: string, check: (seconds: number) => void): Promise<DecodedAudio> {
  const file = oggStreams(bytes)
  if (file === undefined) throw truncated(where, 'the ogg ends within a page')
  if (file.damage !== undefined) throw new EmoError('AUDIO_CORRUPT', `${where}: the ogg ${file.damage}; copy the file again`)
  const parts = file.links.map((streams) => soundOf(streams, where))
  let seconds = 0
  for (const { stream, codec } of parts) {
    const { head, firstGranule, lastGranule } = stream
    const sampleRate = codec.sampleRate(new DataView(head.buffer, head.byteOffset, head.byteLength))
    if (sampleRate > 0) seconds += (lastGranule - firstGranule) / sampleRate
  }
  if (!parts.at(-1)?.stream.ended) throw truncated(where, 'the ogg lacks its last page')
  check(seconds)
  const decoded: DecodedAudio[] = []
  for (const { stream, codec } of parts) decoded.push(await codec.decode(stream, where))
  return oneAfterTheOther(decoded, where)
}

/** Of streams that run side by side, such as a film's, the first that is sound. */
function soundOf(streams: readonly OggStream[], where: string): { readonly stream: OggStream; readonly codec: OggCodec } {
  for (const stream of streams) {
    const codec = oggCodec(stream)
    if (codec) return { stream, codec }
  }
  throw new EmoError('AUDIO_UNSUPPORTED', `${where}: an ogg file with neither Vorbis, Opus nor FLAC in it; save its sound as wav`)
}

/** Joins sounds that follow each other. */
function oneAfterTheOther(parts: readonly DecodedAudio[], where: string): DecodedAudio {
  const [first] = parts
  if (parts.length === 1) return first
  const format = ({ channels, sampleRate }: DecodedAudio) =>
    `${channels.length} channel${channels.length > 1 ? 's' : ''} at ${sampleRate} Hz`
  const other = parts.find((part) => format(part) !== format(first))
  if (other) throw changing(where, 'ogg', format(first), format(other))
  const channels = first.channels.map((_, c) =>
    joined(
      Float32Array,
      parts.map((part) => part.channels[c]),
    ),
  )
  return { channels, sampleRate: first.sampleRate }
}

/** A file whose parts differ: no decoder here brings them together. */
function changing(where: string, type: string, from: string, to: string): EmoError {
  return new EmoError('AUDIO_UNSUPPORTED', `${where}: the ${type} changes from ${from} to ${to}; save it as wav, or each part as a file`)
}

async function decodeOpus({ head, pages, lastGranule }: OggStream, where: string): Promise<DecodedAudio> {
  const { OggOpusDecoder } = await opus()
  const decoder = new OggOpusDecoder()
  const decoded = await run(decoder, where, () => decoder.decodeFile(pages))
  // The last packet is padded: the granule position tells where the sound ends (RFC 7845, 4.5); the decoder trims the start only.
  const preSkip = head[10] + 256 * head[11]
  const length = lastGranule - preSkip
  if (length <= 0 || length >= decoded.channels[0].length) return decoded
  return { ...decoded, channels: decoded.channels.map((channel) => channel.subarray(0, length)) }
}

async function decodeVorbis({ pages }: OggStream, where: string): Promise<DecodedAudio> {
  const { OggVorbisDecoder } = await vorbis()
  const decoder = new OggVorbisDecoder()
  return run(decoder, where, () => decoder.decodeFile(pages))
}

async function decodeOggFlac({ pages }: OggStream, where: string): Promise<DecodedAudio> {
  const { FLACDecoder } = await flac()
  const decoder = new FLACDecoder()
  return run(decoder, where, async () => {
    const result = await decoder.decodeFile(pages)
    return { ...result, channelData: result.channelData.map((channel) => exactScale(channel, result.bitDepth)) }
  })
}

async function decodeMp3(bytes: Uint8Array, where: string, check: (seconds: number) => void): Promise<DecodedAudio> {
  const frames = mp3Frames(bytes)
  const [rate, otherRate] = frames.sampleRates
  // Anything has bytes that look like one frame.
  if (rate === undefined) throw new EmoError('AUDIO_CORRUPT', `${where}: the mp3 has no two whole frames on end; copy the file again`)
  if (frames.partial) throw truncated(where, 'the mp3 ends within a frame')
  if (frames.announced !== undefined && frames.count < frames.announced) {
    throw truncated(where, `the mp3 announces ${frames.announced} frames and holds ${frames.count}`)
  }
  check(frames.seconds)
  // The decoder would give all of it as if it were at the last rate.
  if (otherRate !== undefined) throw changing(where, 'mp3', `${rate} Hz`, `${otherRate} Hz`)
  const { MPEGDecoder } = await mpeg()
  const decoder = new MPEGDecoder()
  const decoded = await run(decoder, where, () => decoder.decode(bytes))
  // The decoder always gives two channels.
  return frames.mono ? { ...decoded, channels: decoded.channels.slice(0, 1) } : decoded
}
