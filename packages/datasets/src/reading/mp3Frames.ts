import { id3End, id3Start } from './id3.ts'

/** What the frame headers of an MP3 tell. */
export interface Mp3Frames {
  /** Whole frames, without the one that only holds the Xing header. */
  readonly count: number
  /** Frames that the Xing / Info header announces. */
  readonly announced: number | undefined
  /** The file ends within a frame. */
  readonly partial: boolean
  readonly seconds: number
  /** Every frame is single-channel. */
  readonly mono: boolean
  /** Rates in Hz that two frames on end have, in the order met: more than one where recordings were joined. */
  readonly sampleRates: readonly number[]
}

/** kbit/s by layer for MPEG 1, and for MPEG 2 and 2.5 (ISO 11172-3, ISO 13818-3); index 0 is "free". */
const RATES: Readonly<Record<string, readonly number[]>> = {
  '1-1': [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1-2': [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1-3': [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2-1': [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2-2': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  '2-3': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
const SAMPLE_RATES = [44_100, 48_000, 32_000]

interface Header {
  readonly size: number
  readonly samples: number
  readonly sampleRate: number
  readonly mono: boolean
}

function frameHeader(bytes: Uint8Array, at: number): Header | undefined {
  if (at + 4 > bytes.length || bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return undefined
  const version = (bytes[at + 1] >> 3) & 3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layer = 4 - ((bytes[at + 1] >> 1) & 3)
  const rateIndex = bytes[at + 2] >> 4
  const sampleRateIndex = (bytes[at + 2] >> 2) & 3
  if (version === 1 || layer === 4 || sampleRateIndex === 3 || rateIndex === 0 || rateIndex === 15) return undefined
  const one = version === 3
  const kbit = RATES[`${one ? 1 : 2}-${layer}`][rateIndex]
  const sampleRate = SAMPLE_RATES[sampleRateIndex] / (one ? 1 : version === 2 ? 2 : 4)
  const padding = (bytes[at + 2] >> 1) & 1
  const mono = bytes[at + 3] >> 6 === 3
  if (layer === 1) return { size: (Math.floor((12_000 * kbit) / sampleRate) + padding) * 4, samples: 384, sampleRate, mono }
  const samples = layer === 3 && !one ? 576 : 1152
  return { size: Math.floor(((samples / 8) * kbit * 1000) / sampleRate) + padding, samples, sampleRate, mono }
}

/** Walks the frames of an MP3, without decoding: decoders fill in silently what a truncated file lacks. */
export function mp3Frames(bytes: Uint8Array): Mp3Frames {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let position = id3End(bytes)
  const end = id3Start(bytes)
  let count = 0
  let seconds = 0
  let announced: number | undefined
  let partial = false
  let mono = true
  const sampleRates = new Set<number>()
  // Two frames on end, as one alone may be junk that looks like a header.
  let before: Header | undefined
  while (position + 4 <= end) {
    const header = frameHeader(bytes, position)
    if (header === undefined) {
      position++ // junk between frames: look for the next one
      before = undefined
      continue
    }
    if (position + header.size > end) {
      // Two bytes of junk can look like a header: trust it only when frames led up to it.
      partial = count > 0 || announced !== undefined
      break
    }
    const xing = count === 0 && announced === undefined ? xingFrames(bytes, view, position, header.size) : undefined
    if (before?.sampleRate === header.sampleRate) sampleRates.add(header.sampleRate)
    before = header
    if (xing === undefined) {
      count++
      mono &&= header.mono
      seconds += header.samples / header.sampleRate
    } else announced = xing
    position += header.size
  }
  return { count, announced, partial, seconds, mono, sampleRates: [...sampleRates] }
}

/** Number of frames in a Xing or Info header, which stands where a frame's side information ends. */
function xingFrames(bytes: Uint8Array, view: DataView, frame: number, size: number): number | undefined {
  for (const offset of [13, 21, 36]) {
    const at = frame + offset
    if (offset + 12 > size) break
    const tag = String.fromCharCode(...bytes.subarray(at, at + 4))
    if (tag === 'Xing' || tag === 'Info') return bytes[at + 7] & 1 ? view.getUint32(at + 8) : 0
  }
  return undefined
}
