import { readdir, type Dirent } from 'node:fs'
import { lstat, stat } from 'node:fs/promises'
import { isAbsolute, parse, relative, resolve } from 'node:path'
import { EmoError } from '@emo/errors'
import { MEDIA_EXTENSIONS } from '../mediaKind.ts'
import { describeFailure, type FileFailure } from './fileFailure.ts'
import { listFolder } from './listFolder.ts'
import { plainPath } from './plainPath.ts'

/** What the arguments of a command stand for. */
export interface CollectedFiles {
  /** Paths as the person would write them, in the order given, folders and globs sorted by name; none twice. */
  readonly files: readonly string[]
  /** Arguments that stand for no file, and what in folders has none. */
  readonly failures: readonly FileFailure[]
}

const GLOB = /[*?[\]{}!()]/

/**
 * Turns arguments into files: a file is itself, a folder every recording and picture below it, a pattern (`*`, `?`, `[]`, `{}`, `**`; upper and lower case
 * are the same) what matches it, for shells that do not expand it themselves. Hidden files are found by neither.
 *
 * An argument that names something that exists is never read as a pattern.
 */
export async function collectFiles(args: readonly string[]): Promise<CollectedFiles> {
  /** By their plain spelling. */
  const files = new Map<string, string>()
  const failures: FileFailure[] = []
  for (const arg of args) {
    try {
      const found = await expand(arg)
      failures.push(...found.failures)
      for (const file of found.files) if (!files.has(plainPath(file))) files.set(plainPath(file), file)
    } catch (error) {
      failures.push(describeFailure(arg, error))
    }
  }
  return { files: [...files.values()], failures }
}

async function expand(arg: string): Promise<CollectedFiles> {
  const info = await stat(arg).catch(async (error: unknown) => {
    // A dangling link exists itself: say so instead of taking its name for a pattern.
    if (!GLOB.test(arg) || (await lstat(arg).catch(() => undefined))) throw error
    return undefined
  })
  if (info === undefined) return expandPattern(arg)
  return info.isDirectory() ? expandFolder(arg) : { files: [arg], failures: [] }
}

async function expandFolder(folder: string): Promise<CollectedFiles> {
  const { files, failures: unreadable, others } = await listFolder(folder)
  const failures = [...unreadable]
  if (others.size > 0) {
    const counts = [...others].sort().map(([ending, count]) => `${count} ${ending}`)
    failures.push({
      file: folder,
      code: 'FILE_UNSUPPORTED',
      message: `not read: ${counts.join(', ')}; give recordings as wav, mp3, flac or ogg (ffmpeg -i IN OUT.wav makes one), pictures as png, jpeg or tiff`,
    })
  }
  if (files.length === 0 && failures.length === 0) {
    throw new EmoError('FOLDER_EMPTY', `no recording or picture in this folder (looked for ${MEDIA_EXTENSIONS.join(', ')})`)
  }
  return { files, failures }
}

async function expandPattern(given: string): Promise<CollectedFiles> {
  // Shells of Windows leave patterns to the command; elsewhere a backslash is a part of names.
  const pattern = process.platform === 'win32' ? given.replaceAll('\\', '/') : given
  const { glob } = await import('tinyglobby')
  const absolute = isAbsolute(pattern)
  const failures: FileFailure[] = []
  const found = await glob(pattern, {
    // Of an absolute pattern the folders above the current one are none of its business.
    cwd: absolute ? parse(pattern).root : '.',
    caseSensitiveMatch: false,
    expandDirectories: false,
    onlyFiles: true,
    absolute,
    fs: {
      readdir: watchedReaddir((folder, error) => {
        const failure = describeFailure(absolute ? resolve(folder) : relative('.', folder), error)
        if (failure.code === 'FILE_NOT_READABLE') failures.push(failure)
      }),
    },
  })
  if (found.length === 0 && failures.length === 0) throw new EmoError('FILE_NOT_FOUND', 'no file matches this pattern')
  return { files: found.sort(), failures }
}

/** tinyglobby passes over folders that it cannot read: this tells of them. */
function watchedReaddir(report: (folder: string, error: Error) => void): typeof readdir {
  const list = (folder: string, options: { withFileTypes: true }, callback: (error: Error | null, entries: Dirent[]) => void): void => {
    readdir(folder, options, (error, entries) => {
      if (error) report(folder, error)
      callback(error, entries)
    })
  }
  return list as typeof readdir
}
