import { EmoError } from '@emo/errors'
import { oneLine } from './oneLine.ts'

/** Why a file has no answer. */
export interface FileFailure {
  readonly file: string
  /** Stable code of an `EmoError`. */
  readonly code: string
  /** One line for people. */
  readonly message: string
}

/** What the operating system says, in the words of this command. */
const SYSTEM: Readonly<Record<string, readonly [code: string, message: string]>> = {
  ENOENT: ['FILE_NOT_FOUND', 'no such file or folder'],
  ENOTDIR: ['FILE_NOT_FOUND', 'no such file: a part of the path is not a folder'],
  EACCES: ['FILE_NOT_READABLE', 'permission denied'],
  EPERM: ['FILE_NOT_READABLE', 'permission denied'],
  // Of a socket.
  ENXIO: ['FILE_NOT_REGULAR', 'is not a regular file'],
  EISDIR: ['FILE_IS_FOLDER', 'is a folder'],
  ELOOP: ['FILE_NOT_FOUND', 'too many symbolic links'],
  ENAMETOOLONG: ['FILE_NOT_FOUND', 'the name is too long'],
  EMFILE: ['FILE_NOT_READABLE', 'too many open files'],
  EIO: ['FILE_NOT_READABLE', 'the device reports a read error'],
  ERR_FS_FILE_TOO_LARGE: ['FILE_TOO_LARGE', 'larger than 2 GiB; cut it into parts'],
  ERR_INVALID_ARG_VALUE: ['FILE_NOT_FOUND', 'not a valid file name'],
}

/** The decoders' limits without the options that would raise them: those are for programs, the command line has none. */
const LIMITS: Readonly<Record<string, (details: Readonly<Record<string, unknown>>) => string>> = {
  AUDIO_TOO_LONG: ({ seconds, maxSeconds }) =>
    `${Math.round(seconds as number)} s of sound; cut it into parts of at most ${maxSeconds as number} s`,
  IMAGE_TOO_LARGE: ({ width, height, maxPixels }) =>
    `${width as number} by ${height as number} pixels; make it smaller: at most ${(maxPixels as number) / 1e6} million pixels`,
}

/** Any error as one line with a stable code. */
export function describeFailure(file: string, error: unknown): FileFailure {
  if (error instanceof EmoError) {
    const message = LIMITS[error.code]?.(error.details) ?? error.message
    const prefix = `${file}: `
    return { file, code: error.code, message: oneLine(message.startsWith(prefix) ? message.slice(prefix.length) : message) }
  }
  // What the system lists in another encoding comes out of Node with replacement characters, and is then not found by that name.
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' && file.includes('\ufffd')) {
    return { file, code: 'FILE_NOT_FOUND', message: 'the name is not UTF-8, so the file cannot be opened; rename it' }
  }
  const system = SYSTEM[(error as NodeJS.ErrnoException | undefined)?.code ?? '']
  if (system) return { file, code: system[0], message: system[1] }
  return { file, code: 'UNEXPECTED', message: oneLine(error instanceof Error ? error.message : String(error)) }
}

/** What a file tree or a corpus says of a path; the folder itself has none. */
export function problemFailure(path: string, { code, reason }: { readonly code: string; readonly reason: string }): FileFailure {
  return { file: path === '' ? '.' : path, code, message: oneLine(reason) }
}

/** The line on stderr. */
export function formatFailure({ file, code, message }: FileFailure): string {
  return `emo: ${oneLine(file)}: ${message} [${code}]`
}
