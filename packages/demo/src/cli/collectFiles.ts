import { lstat, stat } from 'node:fs/promises'
import { isAbsolute, join, normalize } from 'node:path'
import { EmoError } from '@emo/errors'
import { MEDIA_EXTENSIONS } from '../mediaKind.ts'
import { describeFailure, type FileFailure } from './fileFailure.ts'

/** What the arguments of a command stand for. */
export interface CollectedFiles {
  /** Paths as the person would write them, in the order given, folders and globs sorted by name; none twice. */
  readonly files: readonly string[]
  /** Arguments that stand for no file. */
  readonly failures: readonly FileFailure[]
}

const GLOB = /[*?[\]{}!()]/

/**
 * Turns arguments into files: a file is itself, a folder every recording and picture below it, a pattern (`*`, `?`, `[]`, `{}`, `**`)
 * what matches it, for shells that do not expand it themselves.
 *
 * An argument that names something that exists is never read as a pattern.
 */
export async function collectFiles(args: readonly string[]): Promise<CollectedFiles> {
  const files = new Set<string>()
  const failures: FileFailure[] = []
  for (const arg of args) {
    try {
      for (const file of await expand(arg)) files.add(file)
    } catch (error) {
      failures.push(describeFailure(arg, error))
    }
  }
  return { files: [...files], failures }
}

async function expand(arg: string): Promise<string[]> {
  const info = await stat(arg).catch(async (error: unknown) => {
    // A dangling link exists itself: say so instead of taking its name for a pattern.
    if (!GLOB.test(arg) || (await lstat(arg).catch(() => undefined))) throw error
    return undefined
  })
  if (info === undefined) {
    const matches = await globSorted(arg, '.')
    if (matches.length === 0) throw new EmoError('FILE_NOT_FOUND', 'no file matches this pattern')
    return matches
  }
  if (!info.isDirectory()) return [arg]
  const inside = await globSorted(`**/*.{${MEDIA_EXTENSIONS.join(',')}}`, arg)
  if (inside.length === 0) {
    throw new EmoError('FOLDER_EMPTY', `no recording or picture in this folder (looked for ${MEDIA_EXTENSIONS.join(', ')})`)
  }
  return inside.map((file) => join(normalize(arg), file))
}

async function globSorted(pattern: string, cwd: string): Promise<string[]> {
  const { glob } = await import('tinyglobby')
  const found = await glob(pattern, {
    cwd,
    caseSensitiveMatch: false,
    expandDirectories: false,
    onlyFiles: true,
    absolute: isAbsolute(pattern),
  })
  return found.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
