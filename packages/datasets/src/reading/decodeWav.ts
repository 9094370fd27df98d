import { EmoError } from '@emo/errors'
import type { DecodedAudio } from './decodeAudio.ts'
import { id3End } from './id3.ts'

const PCM = 1
const FLOAT = 3
const A_LAW = 6
const MU_LAW = 7
const EXTENSIBLE = 0xfffe

interface Format {
  readonly tag: number
  readonly channels: number
  readonly sampleRate: number
  readonly bits: number
}

/**
 * Decodes a RIFF WAVE file, or an RF64 or BW64 one: PCM of 8 to 32 bits, 32 and 64 bit float, A-law and mu-law.
 *
 * @param checkSeconds - called with the length before anything is decoded; throws when it is too long
 * @throws EmoError `AUDIO_TRUNCATED`, `AUDIO_CORRUPT`, `AUDIO_UNSUPPORTED`, `AUDIO_EMPTY`
 */
export function decodeWav(bytes: Uint8Array, where: string, checkSeconds: (seconds: number) => void): DecodedAudio {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let format: Format | undefined
  let longSize: number | undefined
  let position = 12
  while (position + 8 <= bytes.length) {
    const id = String.fromCharCode(...bytes.subarray(position, position + 4))
    const size = view.getUint32(position + 4, true)
    const start = position + 8
    if (id === 'data') {
      if (format === undefined) throw new EmoError('AUDIO_CORRUPT', `${where}: the wav has its data before its format`)
      const left = bytes.length - start
      const announced = size === 0xffffffff ? (longSize ?? size) : size
      const open = isUnknown(announced) && (announced === 0 || announced > left)
      if (!open && announced > left) {
        throw new EmoError('AUDIO_TRUNCATED', `${where}: the wav announces ${announced} bytes of sound and holds ${left}; copy it again`, {
          details: { announced, found: left },
        })
      }
      const sound = open ? left : announced
      checkSeconds(sound / ((format.bits / 8) * format.channels * format.sampleRate))
      return readSamples(view, start, sound, format, where)
    }
    // RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088) hold sizes beyond 4 GiB apart: that of the file, then that of the sound.
    if (id === 'ds64' && size >= 16 && start + 16 <= bytes.length) longSize = Number(view.getBigUint64(start + 8, true))
    if (id === 'fmt ') {
      if (size < 16 || start + size > bytes.length) throw new EmoError('AUDIO_TRUNCATED', `${where}: the wav ends within its format`)
      format = readFormat(view, start, size, where)
    }
    position = start + size + (size & 1)
  }
  throw new EmoError('AUDIO_TRUNCATED', `${where}: the wav ends before its sound begins; copy it again`)
}

/** Writers that stream cannot know the size of the sound: they leave 0, or about the largest that fits 31, 32 or 64 bits. */
function isUnknown(size: number): boolean {
  return size === 0 || (size >= 0x7fff0000 && size <= 0x80000000) || (size >= 0xffff0000 && size <= 0xffffffff) || size >= 2 ** 63
}

function readFormat(view: DataView, start: number, size: number, where: string): Format {
  const tag = view.getUint16(start, true)
  const format = {
    // The extensible format keeps the real tag in the first two bytes of its GUID.
    tag: tag === EXTENSIBLE && size >= 40 ? view.getUint16(start + 24, true) : tag,
    channels: view.getUint16(start + 2, true),
    sampleRate: view.getUint32(start + 4, true),
    bits: view.getUint16(start + 14, true),
  }
  const known =
    (format.tag === PCM && [8, 16, 24, 32].includes(format.bits)) ||
    (format.tag === FLOAT && [32, 64].includes(format.bits)) ||
    ((format.tag === A_LAW || format.tag === MU_LAW) && format.bits === 8)
  if (!known) {
    throw new EmoError('AUDIO_UNSUPPORTED', `${where}: wav with format ${format.tag} of ${format.bits} bits; save it as 16 bit PCM`, {
      details: format,
    })
  }
  if (format.channels === 0 || format.sampleRate === 0) {
    throw new EmoError('AUDIO_CORRUPT', `${where}: wav with ${format.channels} channels at ${format.sampleRate} Hz`, { details: format })
  }
  return format
}

function readSamples(view: DataView, start: number, size: number, format: Format, where: string): DecodedAudio {
  const width = format.bits / 8
  const frames = Math.floor(size / (width * format.channels))
  if (frames === 0) throw new EmoError('AUDIO_EMPTY', `${where}: the wav holds no sound`)
  const read = sampleReader(view, format)
  const channels = Array.from({ length: format.channels }, (_, channel) => {
    const samples = new Float32Array(frames)
    let position = start + channel * width
    for (let i = 0; i < frames; i++, position += width * format.channels) samples[i] = read(position)
    if (format.tag === FLOAT && !samples.every(Number.isFinite)) {
      throw new EmoError('AUDIO_CORRUPT', `${where}: the wav holds values that are no finite numbers; write it again`)
    }
    return samples
  })
  return { channels, sampleRate: format.sampleRate }
}

function sampleReader(view: DataView, { tag, bits }: Format): (position: number) => number {
  if (tag === FLOAT) return bits === 32 ? (at) => view.getFloat32(at, true) : (at) => view.getFloat64(at, true)
  if (tag === A_LAW) return (at) => aLaw(view.getUint8(at)) / 32768
  if (tag === MU_LAW) return (at) => muLaw(view.getUint8(at)) / 32768
  if (bits === 8) return (at) => (view.getUint8(at) - 128) / 128
  if (bits === 16) return (at) => view.getInt16(at, true) / 32768
  if (bits === 24) return (at) => (view.getUint16(at, true) + view.getInt8(at + 2) * 65536) / 8388608
  return (at) => view.getInt32(at, true) / 2147483648
}

/** ITU-T G.711 A-law to 16 bit linear. */
function aLaw(code: number): number {
  const value = code ^ 0x55
  const exponent = (value & 0x70) >> 4
  const mantissa = ((value & 0x0f) << 4) + (exponent === 0 ? 8 : 0x108)
  const magnitude = exponent > 1 ? mantissa << (exponent - 1) : mantissa
  return value & 0x80 ? magnitude : -magnitude
}

/** ITU-T G.711 mu-law to 16 bit linear. */
function muLaw(code: number): number {
  const value = ~code & 0xff
  const magnitude = ((((value & 0x0f) << 3) + 0x84) << ((value & 0x70) >> 4)) - 0x84
  return value & 0x80 ? -magnitude : magnitude
}

/** Where the sound of a WAV is, and what it is. */
export interface WavLayout {
  /** Position of the first byte of sound. */
  readonly start: number
  /** Bytes of sound announced; 0 when the writer did not know. */
  readonly size: number
  readonly channels: number
  readonly sampleRate: number
  readonly bytesPerFrame: number
}

/** Reads a WAV's header. `undefined` when the sound does not begin within `head`. */
export function wavLayout(head: Uint8Array): WavLayout | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  let format: Pick<WavLayout, 'channels' | 'sampleRate' | 'bytesPerFrame'> | undefined
  for (let position = id3End(head) + 12; position + 8 <= head.length;) {
    const id = view.getUint32(position)
    const size = view.getUint32(position + 4, true)
    if (id === 0x666d7420 && position + 24 <= head.length) {
      format = {
        channels: view.getUint16(position + 10, true),
        sampleRate: view.getUint32(position + 12, true),
        bytesPerFrame: view.getUint16(position + 20, true),
      }
    }
    if (id === 0x64617461) {
      return format && { start: position + 8, size: isUnknown(size) ? 0 : size, ...format }
    }
    position += 8 + size + (size & 1)
  }
  return undefined
}
