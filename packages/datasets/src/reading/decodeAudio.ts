import { EmoError } from '@emo/errors'
import { bytesOf } from './bytesOf.ts'
import { decodeWav } from './decodeWav.ts'
import { lazy } from './lazy.ts'
import { mp3Frames } from './mp3Frames.ts'
import { sniffType, type FileType } from './sniffType.ts'

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
      return decodeWav(bytes, where, check)
    case 'flac':
      return decodeFlac(bytes, where, check)
    case 'ogg':
      return decodeOgg(bytes, where, check)
    case 'mp3':
      return decodeMp3(bytes, where, check)
    default:
      throw new EmoError(
        'AUDIO_UNSUPPORTED',
        `${where}: ${type === 'unknown' ? 'an unknown type of file' : `a ${type} file`}; give wav, mp3, flac or ogg (Vorbis or Opus)`,
        { details: { type } },
      )
  }
}

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
    return accept(await decode(), where)
  } catch (cause) {
    if (cause instanceof EmoError) throw cause
    throw new EmoError('AUDIO_CORRUPT', `${where}: the sound cannot be decoded (${(cause as Error).message})`, { cause })
  } finally {
    decoder.free()
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

async function decodeOgg(bytes: Uint8Array, where: string, check: (seconds: number) => void): Promise<DecodedAudio> {
  const pages = oggPages(bytes)
  if (pages === undefined) throw truncated(where, 'the ogg ends within a page')
  if (!pages.intact) throw new EmoError('AUDIO_CORRUPT', `${where}: the ogg has a page whose checksum is wrong; copy the file again`)
  if (!pages.ended) throw truncated(where, 'the ogg lacks its last page')
  const body = String.fromCharCode(...bytes.subarray(28, 28 + 8))
  if (body.startsWith('OpusHead')) {
    check(pages.lastGranule / 48_000)
    const { OggOpusDecoder } = await opus()
    const decoder = new OggOpusDecoder()
    const decoded = await run(decoder, where, () => decoder.decodeFile(bytes))
    // The last packet is padded: the granule position tells where the sound ends (RFC 7845, 4.5); the decoder trims the start only.
    const preSkip = bytes[28 + 10] + 256 * bytes[28 + 11]
    const length = pages.lastGranule - preSkip
    if (length <= 0 || length >= decoded.channels[0].length) return decoded
    return { ...decoded, channels: decoded.channels.map((channel) => channel.subarray(0, length)) }
  }
  if (body.startsWith('\x01vorbis')) {
    const sampleRate = new DataView(bytes.buffer, bytes.byteOffset + 28 + 12, 4).getUint32(0, true)
    if (sampleRate > 0) check(pages.lastGranule / sampleRate)
    const { OggVorbisDecoder } = await vorbis()
    const decoder = new OggVorbisDecoder()
    return run(decoder, where, () => decoder.decodeFile(bytes))
  }
  if (body.startsWith('\x7fFLAC')) {
    const { FLACDecoder } = await flac()
    const decoder = new FLACDecoder()
    return run(decoder, where, async () => {
      const result = await decoder.decodeFile(bytes)
      return { ...result, channelData: result.channelData.map((channel) => exactScale(channel, result.bitDepth)) }
    })
  }
  throw new EmoError('AUDIO_UNSUPPORTED', `${where}: an ogg file with neither Vorbis, Opus nor FLAC in it`)
}

/** What the pages of an Ogg file tell. */
interface OggPages {
  /** The last page says that it is the last. */
  readonly ended: boolean
  readonly lastGranule: number
  /** Every page has the checksum that it announces. */
  readonly intact: boolean
}

/** Walks an Ogg file's pages (RFC 3533). `undefined` when the file ends within one. */
function oggPages(bytes: Uint8Array): OggPages | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let ended = false
  let lastGranule = 0
  let intact = true
  let position = 0
  while (position + 27 <= bytes.length && view.getUint32(position) === 0x4f676753) {
    const segments = bytes[position + 26]
    let size = 27 + segments
    if (position + size > bytes.length) return undefined
    for (let i = 0; i < segments; i++) size += bytes[position + 27 + i]
    if (position + size > bytes.length) return undefined
    ended = (bytes[position + 5] & 4) !== 0
    intact &&= oggChecksum(bytes, position, size) === view.getUint32(position + 22, true)
    const granule = view.getUint32(position + 6, true) + view.getInt32(position + 10, true) * 2 ** 32
    if (granule > lastGranule) lastGranule = granule
    position += size
  }
  return position < 28 + 8 ? undefined : { ended, lastGranule, intact }
}

/** CRC-32 with the polynomial 0x04c11db7, not reflected, over a page whose own checksum counts as zero (RFC 3533, 6). */
function oggChecksum(bytes: Uint8Array, start: number, size: number): number {
  let crc = 0
  for (let i = 0; i < size; i++) {
    const byte = i >= 22 && i < 26 ? 0 : bytes[start + i]
    crc = (crc << 8) ^ OGG_CRC[(crc >>> 24) ^ byte]
  }
  return crc >>> 0
}

const OGG_CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value >>> 0
})

async function decodeMp3(bytes: Uint8Array, where: string, check: (seconds: number) => void): Promise<DecodedAudio> {
  const frames = mp3Frames(bytes)
  if (frames.count === 0) throw new EmoError('AUDIO_CORRUPT', `${where}: the mp3 has no whole frame`)
  if (frames.partial) throw truncated(where, 'the mp3 ends within a frame')
  if (frames.announced !== undefined && frames.count < frames.announced) {
    throw truncated(where, `the mp3 announces ${frames.announced} frames and holds ${frames.count}`)
  }
  check(frames.seconds)
  const { MPEGDecoder } = await mpeg()
  const decoder = new MPEGDecoder()
  const decoded = await run(decoder, where, () => decoder.decode(bytes))
  // The decoder always gives two channels.
  return frames.mono ? { ...decoded, channels: decoded.channels.slice(0, 1) } : decoded
}
