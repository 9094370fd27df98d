import { extname } from 'node:path'
import { MEDIA_EXTENSIONS } from '../mediaKind.ts'

/** Endings of recordings and pictures that Emo has no decoder for, lower case. */
const OTHER_EXTENSIONS: readonly string[] = [
  ...['m4a', 'aac', 'wma', 'aiff', 'aif', 'amr', 'caf', 'mka', 'weba', 'au', 'snd', 'ac3', 'w64', 'mp2', 'wv', 'ape'],
  ...['heic', 'heif', 'avif', 'webp', 'gif', 'bmp', 'jp2', 'jxl'],
]

/** Whether a file is a recording or picture by its name's ending, which lets a folder's files be chosen without reading them. */
export function isMediaName(name: string): boolean {
  return (MEDIA_EXTENSIONS as readonly string[]).includes(endingOf(name))
}

/** The ending, where it is that of a recording or picture without decoder: a folder says that it holds such, instead of leaving them out silently. */
export function otherFormatOf(name: string): string | undefined {
  const ending = endingOf(name)
  return OTHER_EXTENSIONS.includes(ending) ? ending : undefined
}

function endingOf(name: string): string {
  return extname(name).slice(1).toLowerCase()
}
