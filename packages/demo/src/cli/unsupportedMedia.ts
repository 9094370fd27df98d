import type { FileType } from '@emo/datasets'
import { EmoError } from '@emo/errors'

const RECORDINGS: readonly FileType[] = ['mp4', 'webm', 'aac', 'aiff']
const PICTURES: readonly FileType[] = ['gif', 'bmp', 'webp', 'avif/heic']

/**
 * The error for what has no decoder: says what it is, where that can be told, and what to do.
 *
 * @param bytes - the file, or at least its first 64 bytes
 * @returns EmoError `FILE_UNSUPPORTED`
 */
export async function unsupportedMedia(bytes: Uint8Array): Promise<EmoError> {
  const { sniffType } = await import('@emo/datasets')
  const type = sniffType(bytes)
  return new EmoError('FILE_UNSUPPORTED', describeType(type), { details: { type } })
}

function describeType(type: FileType): string {
  if (RECORDINGS.includes(type)) {
    return `${type === 'mp4' ? 'mp4 or m4a' : type} cannot be read; give wav, mp3, flac or ogg (ffmpeg -i IN OUT.wav makes one)`
  }
  if (PICTURES.includes(type)) return `${type} cannot be read; save it as png, jpeg or tiff`
  return 'neither a recording (wav, mp3, flac, ogg) nor a picture (png, jpeg, tiff)'
}
