import { exifOrientation } from './orientation.ts'

/** What the segments before a JPEG's first scan tell. */
export interface JpegHeader {
  /** Pixels; `undefined` when the file ends before its frame header. */
  readonly width?: number
  readonly height?: number
  /** By EXIF; 1 without it. */
  readonly orientation: number
  /** Three components are red, green and blue as they are, not luma and chroma. */
  readonly rgb: boolean
  /** How it is stored, in the words of a message, where it is not decoded. */
  readonly unread?: string
}

/** Frames by their marker (ITU-T T.81, table B.1, and T.87), apart from those that are decoded: baseline, extended and progressive. */
const UNREAD_FRAMES: Readonly<Record<number, string>> = {
  0xc3: 'lossless compression',
  0xc5: 'hierarchical compression',
  0xc6: 'hierarchical compression',
  0xc7: 'hierarchical compression',
  0xc9: 'arithmetic coding',
  0xca: 'arithmetic coding',
  0xcb: 'arithmetic coding',
  0xcd: 'hierarchical compression',
  0xce: 'hierarchical compression',
  0xcf: 'hierarchical compression',
  0xf7: 'JPEG-LS compression',
}

const isFrame = (marker: number) => (marker >= 0xc0 && marker <= 0xc2) || Object.hasOwn(UNREAD_FRAMES, marker)

/** Reads the segments before the first scan. */
export function jpegHeader(bytes: Uint8Array): JpegHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let orientation = 1
  let jfif = false
  let adobe: number | undefined
  let position = 2
  while (position + 4 <= bytes.length) {
    if (bytes[position] !== 0xff) break
    const marker = bytes[position + 1]
    if (marker === 0xff) {
      position++
      continue
    }
    const length = view.getUint16(position + 2)
    const segment = bytes.subarray(position + 4, Math.max(position + 4, position + 2 + length))
    if (isFrame(marker)) {
      if (segment.length < 6) break
      const [precision, heightHigh, heightLow, widthHigh, widthLow, components] = segment
      return {
        height: 256 * heightHigh + heightLow,
        width: 256 * widthHigh + widthLow,
        orientation,
        rgb: isRgb(segment, jfif, adobe),
        unread: UNREAD_FRAMES[marker] ?? unreadSamples(precision, components, adobe !== undefined),
      }
    }
    if (marker === 0xe0 && startsWith(segment, 'JFIF\0')) jfif = true
    if (marker === 0xe1 && startsWith(segment, 'Exif')) orientation = exifOrientation(segment.subarray(6)) ?? orientation
    if (marker === 0xee && startsWith(segment, 'Adobe\0') && segment.length >= 12) adobe = segment[11]
    if (marker === 0xda || length < 2) break
    position += 2 + length
  }
  return { orientation, rgb: false }
}

/** As libjpeg tells: JFIF is luma and chroma, otherwise Adobe's transform counts, and the components' names without it. */
function isRgb(frame: Uint8Array, jfif: boolean, adobe: number | undefined): boolean {
  if (frame[5] !== 3 || jfif) return false
  return adobe === undefined ? String.fromCharCode(frame[6], frame[9], frame[12]) === 'RGB' : adobe === 0
}

function unreadSamples(precision: number, components: number, adobe: boolean): string | undefined {
  if (precision !== 8) return `${precision} bits a sample`
  // Four without Adobe's marker: nobody says whether 0 is no ink or full ink.
  if (components === 1 || components === 3 || (components === 4 && adobe)) return undefined
  return `${components} components`
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return String.fromCharCode(...bytes.subarray(0, text.length)) === text
}
