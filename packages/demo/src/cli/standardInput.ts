import { EmoError } from '@emo/errors'
import { sniffMedia } from '../mediaKind.ts'

/** What came in on standard input: one recording or picture, or a list of files. */
export type StandardInput = { readonly media: Uint8Array } | { readonly paths: readonly string[] }

/** Enough to tell a container from text. */
const HEAD_BYTES = 64

/**
 * Reads a stream to its end. Bytes of a recording or picture are that file; anything else is a list of paths, one a line, or separated by
 * zero bytes as `find -print0` does.
 *
 * @throws EmoError `INPUT_EMPTY` if it holds nothing
 */
export async function readStandardInput(stream: AsyncIterable<Uint8Array>): Promise<StandardInput> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  if (isMedia(bytes)) return { media: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) }
  const paths = bytes
    .toString('utf8')
    .split(bytes.includes(0) ? '\0' : /\r?\n/)
    .filter((path) => path !== '')
  if (paths.length === 0)
    throw new EmoError('INPUT_EMPTY', 'standard input is empty; give one path a line, or the bytes of one recording or picture')
  return { paths }
}

/** A signature alone may be the beginning of a path (`ID3 tags.mp3`); the headers of all formats also hold bytes that no list of paths does. */
function isMedia(bytes: Uint8Array): boolean {
  const head = bytes.subarray(0, HEAD_BYTES)
  const isBinary = head.some((byte) => byte === 0xff || (byte < 0x20 && byte !== 0 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d))
  return isBinary && head.length >= 4 && sniffMedia(head) !== undefined
}
