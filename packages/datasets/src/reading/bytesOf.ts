import { EmoError } from '@emo/errors'

/** A file's bytes as `readFile` and `fetch` give them, without a copy; throws `BYTES_EXPECTED` for all else, such as a path. */
export function bytesOf(file: Uint8Array | ArrayBuffer, where: string): Uint8Array {
  if (file instanceof Uint8Array) return file
  // The declared type is not what every caller gives.
  const given: unknown = file
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
  // By name, as the buffer may come from another realm (a frame, a test's sandbox).
  if (Object.prototype.toString.call(given) === '[object ArrayBuffer]') return new Uint8Array(file)
  const what = typeof given === 'string' ? `the text ${JSON.stringify(given.slice(0, 80))}` : given === null ? 'null' : typeof given
  throw new EmoError(
    'BYTES_EXPECTED',
    `${where}: ${what} is no file's bytes; give a Uint8Array or an ArrayBuffer (of a path: readFile(path))`,
  )
}
