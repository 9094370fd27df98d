import { EmoError } from '@emo/errors'

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
  EISDIR: ['FILE_IS_FOLDER', 'is a folder'],
  ELOOP: ['FILE_NOT_FOUND', 'too many symbolic links'],
  ENAMETOOLONG: ['FILE_NOT_FOUND', 'the name is too long'],
  EMFILE: ['FILE_NOT_READABLE', 'too many open files'],
  EIO: ['FILE_NOT_READABLE', 'the device reports a read error'],
  ERR_FS_FILE_TOO_LARGE: ['FILE_TOO_LARGE', 'larger than 2 GiB; cut it into parts'],
  ERR_INVALID_ARG_VALUE: ['FILE_NOT_FOUND', 'not a valid file name'],
}

/** Any error as one line with a stable code. */
export function describeFailure(file: string, error: unknown): FileFailure {
  if (error instanceof EmoError) {
    const prefix = `${file}: `
    return {
      file,
      code: error.code,
      message: oneLine(error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message),
    }
  }
  const system = SYSTEM[(error as NodeJS.ErrnoException | undefined)?.code ?? '']
  if (system) return { file, code: system[0], message: system[1] }
  return { file, code: 'UNEXPECTED', message: oneLine(error instanceof Error ? error.message : String(error)) }
}

/** The line on stderr. */
export function formatFailure({ file, code, message }: FileFailure): string {
  return `emo: ${oneLine(file)}: ${message} [${code}]`
}

function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex -- a file name may hold a line break or an escape sequence; the terminal must not obey it
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ').trim()
}
