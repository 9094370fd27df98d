import { extension } from '../files/fileTree.ts'
import { id3End } from '../reading/id3.ts'
import { ofType, sniffType, type FileType } from '../reading/sniffType.ts'
import { wavLayout } from '../reading/decodeWav.ts'

/** Types that a file may have by its extension; extensions that are not listed are not looked into. */
const TYPES: Readonly<Record<string, readonly FileType[]>> = {
  wav: ['wav'],
  flac: ['flac'],
  mp3: ['mp3'],
  ogg: ['ogg'],
  opus: ['ogg'],
  png: ['png', 'jpeg'],
  jpg: ['jpeg', 'png'],
  jpeg: ['jpeg', 'png'],
  tif: ['tiff'],
  tiff: ['tiff'],
}

/**
 * What is wrong with a file, as far as its first bytes and its size tell.
 *
 * @param head - its first bytes, at least 64 where it has them
 * @param size - of the whole file
 * @returns `undefined` when nothing is
 */
export function fileDamage(path: string, head: Uint8Array, size: number): string | undefined {
  const kind = extension(path)
  const expected = Object.hasOwn(TYPES, kind) ? TYPES[kind] : undefined
  if (expected === undefined) return undefined
  // A tag in front hides what follows.
  if (head.length > 0 && id3End(head) >= head.length) return undefined
  const type = sniffType(head)
  if (!expected.includes(type)) return `named .${kind}, but ${ofType(type)}`
  if (type === 'wav') {
    const layout = wavLayout(head)
    if (layout !== undefined && layout.start + layout.size > size) {
      return `cut off: ${layout.size} bytes of sound announced, ${size - layout.start} there`
    }
  }
  return undefined
}
