import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { EmoError } from '@emo/errors'
import { sniffMedia, type MediaFormat } from '../mediaKind.ts'
import { unsupportedMedia } from './unsupportedMedia.ts'

/** Enough to tell what a file is. */
const HEAD_BYTES = 64

// Without waiting for the other end of a named pipe; Windows has neither.
const READ_MODE = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0)

/**
 * Reads a whole file that holds a recording or a picture.
 *
 * @throws EmoError `FILE_EMPTY`, `FILE_UNSUPPORTED`, `FILE_IS_FOLDER`, `FILE_NOT_REGULAR` (a device or pipe, which may never end);
 *   what the operating system reports (not found, permission) passes through
 */
export async function readMedia(file: string): Promise<{ bytes: Uint8Array; format: MediaFormat }> {
  const handle = await open(file, READ_MODE)
  try {
    const info = await handle.stat()
    if (info.isDirectory()) throw new EmoError('FILE_IS_FOLDER', 'is a folder')
    if (!info.isFile()) throw new EmoError('FILE_NOT_REGULAR', 'is not a regular file')
    if (info.size === 0) throw new EmoError('FILE_EMPTY', 'the file is empty')
    // The signature first: a film of several gigabytes need not be read to be refused.
    const head = new Uint8Array(Math.min(HEAD_BYTES, info.size))
    await handle.read(head, 0, head.length, 0)
    const format = await recogniseMedia(head)
    return { bytes: await handle.readFile().then((buffer) => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)), format }
  } finally {
    await handle.close()
  }
}

/**
 * @param bytes - the file, or at least its first 64 bytes
 * @throws EmoError `FILE_UNSUPPORTED`
 */
export async function recogniseMedia(bytes: Uint8Array): Promise<MediaFormat> {
  const format = sniffMedia(bytes)
  if (!format) throw await unsupportedMedia(bytes)
  return format
}
