import { isUtf8 } from 'node:buffer'
import { EmoError } from '@emo/errors'
import { sniffMedia } from '../mediaKind.ts'
import { unsupportedMedia } from './unsupportedMedia.ts'

/** What came in on standard input: one recording or picture, or a list of files. */
export type StandardInput = { readonly media: Uint8Array } | { readonly paths: readonly string[] }

/** Enough to tell a container from text. */
const HEAD_BYTES = 64

/**
 * Reads a stream to its end. Bytes of a recording or picture are that file; anything else is a list of paths, one a line, or separated by
 * zero bytes as `find -print0` does, in UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell writes it.
 *
 * @throws EmoError `INPUT_EMPTY` if it holds nothing, `FILE_UNSUPPORTED` if it is neither a recording, a picture nor a list
 */
export async function readStandardInput(stream: AsyncIterable<Uint8Array>): Promise<StandardInput> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (isMedia(bytes)) return { media: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) }
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
  if (encoding === 'utf-8') await checkList(bytes)
  // Takes a byte order mark away.
  const text = new TextDecoder(encoding).decode(bytes)
  const paths = text.split(text.includes('\0') ? '\0' : /\r?\n/).filter((path) => path !== '')
  if (paths.length === 0)
    throw new EmoError('INPUT_EMPTY', 'standard input is empty; give one path a line, or the bytes of one recording or picture')
  return { paths }
}

/** A signature alone may be the beginning of a path (`ID3 tags.mp3`); the headers of all formats also hold bytes that no list of paths does. */
function isMedia(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, HEAD_BYTES)
  const isBinary = head.some((byte) => byte === 0xff || isControl(byte))
  // A TIFF's signature ends in a zero, or has one in it: names between zero bytes that begin so are none.
  return (isBinary || head.subarray(0, 4).includes(0)) && head.length >= 4 && sniffMedia(head) !== undefined
}

/**
 * Names may hold control characters. One in another encoding than UTF-8 fails by itself, later.
 *
 * @throws EmoError `FILE_UNSUPPORTED` for what is no list
 */
async function checkList(bytes: Uint8Array): Promise<void> {
  if (!bytes.some(isControl)) return
  const error = await unsupportedMedia(bytes)
  if (error.details.type !== 'unknown' || !isUtf8(bytes)) throw error
}

/** Control characters but for those that separate paths, and tabs. */
function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d
}
