import { id3End } from './id3.ts'

/** Type of a file by its first bytes, whatever its name says. */
export type FileType =
  | 'wav'
  | 'flac'
  | 'ogg'
  | 'mp3'
  | 'aac'
  | 'png'
  | 'jpeg'
  | 'tiff'
  | 'bigtiff'
  | 'gif'
  | 'bmp'
  | 'webp'
  | 'avif/heic'
  | 'mp4'
  | 'webm'
  | 'aiff'
  | 'pdf'
  | 'zip'
  | 'html'
  | 'text'
  | 'unknown'

/** A type in the words of a message. */
export function ofType(type: FileType): string {
  if (type === 'unknown') return 'an unknown type of file'
  // By their sound: an "em" of mp3 and mp4.
  return `${/^(?:a|mp)/.test(type) ? 'an' : 'a'} ${type} file`
}

const ascii = (bytes: Uint8Array, start: number, end: number) => String.fromCharCode(...bytes.subarray(start, end))

/** Recognises a file by its magic numbers. */
export function sniffType(bytes: Uint8Array): FileType {
  const four = ascii(bytes, 0, 4)
  const form = ascii(bytes, 8, 12)
  if (four === 'RIFF') return form === 'WAVE' ? 'wav' : form === 'WEBP' ? 'webp' : 'unknown'
  // The same with sizes of 64 bits.
  if (four === 'RF64' || four === 'BW64') return form === 'WAVE' ? 'wav' : 'unknown'
  if (four === 'fLaC') return 'flac'
  if (four === 'OggS') return 'ogg'
  if (four.startsWith('ID3')) return behindId3(bytes)
  if (four === '\x89PNG') return 'png'
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg'
  // Frame sync, then neither a reserved layer nor a reserved sample rate.
  if (bytes[0] === 0xff && (bytes[1] & 0xe0) === 0xe0 && (bytes[1] & 0x06) !== 0 && (bytes[2] & 0x0c) !== 0x0c) return 'mp3'
  // ADTS: the layer that MPEG audio keeps free.
  if (bytes[0] === 0xff && (bytes[1] & 0xf6) === 0xf0) return 'aac'
  if (four === 'II*\0' || four === 'MM\0*') return 'tiff'
  if (four === 'II+\0' || four === 'MM\0+') return 'bigtiff'
  if (four === 'GIF8') return 'gif'
  if (four.startsWith('BM')) return 'bmp'
  if (ascii(bytes, 4, 8) === 'ftyp') return /^(?:avif|avis|heic|heix|mif1)$/.test(form) ? 'avif/heic' : 'mp4'
  if (four === '\x1aE\xdf\xa3') return 'webm'
  if (four === 'FORM') return 'aiff'
  if (four === '%PDF') return 'pdf'
  if (four === 'PK\x03\x04') return 'zip'
  if (/^\s*<(?:!doctype html|html)/i.test(ascii(bytes, 0, 64))) return 'html'
  if (bytes.length > 0 && bytes.subarray(0, 64).every((byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127))) {
    return 'text'
  }
  return 'unknown'
}

/** ID3 is MP3's tag, which taggers put in front of other sound, too. */
function behindId3(bytes: Uint8Array): FileType {
  const end = id3End(bytes)
  const type = end > 0 ? sniffType(bytes.subarray(end)) : 'unknown'
  return type === 'wav' || type === 'flac' || type === 'ogg' || type === 'aac' ? type : 'mp3'
}
