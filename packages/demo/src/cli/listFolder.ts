import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { describeFailure, type FileFailure } from './fileFailure.ts'
import { isMediaName, otherFormatOf } from './mediaNames.ts'
import { plainPath } from './plainPath.ts'

/** What is below a folder. */
export interface FolderListing {
  /** Recordings and pictures by their names' endings, as paths that begin with the folder's, sorted. */
  readonly files: readonly string[]
  /** Folders that cannot be read. */
  readonly failures: readonly FileFailure[]
  /** Number of recordings and pictures of formats without decoder, by their endings. */
  readonly others: ReadonlyMap<string, number>
}

/**
 * Lists the recordings and pictures below a folder, also behind links. Each folder is walked once, whatever links lead to it; hidden files and folders are left out.
 * Never rejects.
 */
export async function listFolder(root: string): Promise<FolderListing> {
  const files: string[] = []
  const failures: FileFailure[] = []
  const others = new Map<string, number>()
  const walked = new Set<string>()
  const folders = [root]
  const links: string[] = []
  // Links last, so that a file has the path of its own folder, in whatever order the system lists them.
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop() ?? links.shift()) {
    try {
      const real = await realpath(folder)
      if (walked.has(real)) continue
      walked.add(real)
      for (const entry of visible(await readdir(folder, { withFileTypes: true }))) {
        const path = plainPath(folder + sep + entry.name)
        const other = otherFormatOf(entry.name)
        if (entry.isDirectory()) folders.push(path)
        else if (entry.isSymbolicLink() && (await isFolder(path))) links.push(path)
        else if (isMediaName(entry.name)) files.push(path)
        else if (other !== undefined) others.set(other, (others.get(other) ?? 0) + 1)
      }
    } catch (error) {
      failures.push(describeFailure(folder, error))
    }
  }
  return { files: files.sort(), failures, others }
}

/** In the order of their names, on every machine the same. */
function visible(entries: readonly Dirent[]): Dirent[] {
  return entries.filter(({ name }) => !name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1))
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  )
}
