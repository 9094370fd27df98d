/** What a file holds, told by its first bytes: names lie, contents do not. */
type MediaKind = 'audio' | 'image'

/** A recognised container and the kind of model that answers it. */
export interface MediaFormat {
  /** Short name, as in messages: `wav`, `mp3`, `flac`, `ogg`, `png`, `jpeg`, `tiff`. */
  readonly name: string
  readonly kind: MediaKind
}

/** File name endings that a folder is searched for, lower case. */
export const MEDIA_EXTENSIONS = ['wav', 'mp3', 'flac', 'ogg', 'oga', 'opus', 'png', 'jpg', 'jpeg', 'jpe', 'jfif', 'tif', 'tiff'] as const

const ascii = (bytes: Uint8Array, offset: number, text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (bytes[offset + i] !== text.charCodeAt(i)) return false
  return true
}

/**
 * Recognises a container by its signature.
 *
 * @param bytes - the file, or at least its first 16 bytes
 * @returns `undefined` for anything that Emo has no decoder for
 */
export function sniffMedia(bytes: Uint8Array): MediaFormat | undefined {
  const riff = ['RIFF', 'RF64', 'BW64'].some((form) => ascii(bytes, 0, form))
  if (riff && ascii(bytes, 8, 'WAVE')) return { name: 'wav', kind: 'audio' }
  if (ascii(bytes, 0, 'fLaC')) return { name: 'flac', kind: 'audio' }
  if (ascii(bytes, 0, 'OggS')) return { name: 'ogg', kind: 'audio' }
  if (ascii(bytes, 0, '\x89PNG\r\n\x1a\n')) return { name: 'png', kind: 'image' }
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return { name: 'jpeg', kind: 'image' }
  if (ascii(bytes, 0, 'II*\0') || ascii(bytes, 0, 'MM\0*')) return { name: 'tiff', kind: 'image' }
  if (ascii(bytes, 0, 'ID3')) return { name: 'mp3', kind: 'audio' }
  // An MPEG audio frame: 11 sync bits, then neither a reserved version, layer, bit rate nor sampling rate.
  if (
    bytes[0] === 0xff &&
    (bytes[1] & 0xe0) === 0xe0 &&
    (bytes[1] & 0x18) !== 0x08 &&
    (bytes[1] & 0x06) === 0x02 &&
    (bytes[2] & 0xf0) !== 0xf0 &&
    (bytes[2] & 0x0c) !== 0x0c
  )
    return { name: 'mp3', kind: 'audio' }
  return undefined
}
