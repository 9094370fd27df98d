import { EmoError } from '@emo/errors'
import type * as NodeFs from 'node:fs'
import type * as NodePath from 'node:path'
import { safePath, type FileTree, type TreeEntry } from './fileTree.ts'

interface NodeModules {
  readonly fs: typeof NodeFs
  readonly path: typeof NodePath
}

/** Taken from the running process rather than imported, so that bundlers for browsers find no trace of Node here. */
function nodeModules(): NodeModules {
  const runtime = (globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process
  const fs = runtime?.getBuiltinModule?.('node:fs') as typeof NodeFs | undefined
  const path = runtime?.getBuiltinModule?.('node:path') as typeof NodePath | undefined
  if (fs === undefined || path === undefined) {
    throw new EmoError(
      'FILES_NEED_NODE',
      'a folder given as a path can be opened in Node only; in a browser give a FileSystemDirectoryHandle or the files of <input webkitdirectory>',
    )
  }
  return { fs, path }
}

/** Turns an error of `node:fs` into one of ours. */
function fileError(error: unknown, path: string): EmoError {
  const cause = error as NodeJS.ErrnoException
  const details = { path, systemCode: cause.code }
  switch (cause.code) {
    case 'ENOENT':
      return new EmoError('FILE_NOT_FOUND', `no such file or folder: ${path}`, { cause, details })
    case 'EACCES':
    case 'EPERM':
      return new EmoError('FILE_PERMISSION', `no permission to read ${path}`, { cause, details })
    default:
      return new EmoError('FILE_UNREADABLE', `cannot read ${path}: ${cause.message}`, { cause, details })
  }
}

/** Small synchronous calls between two turns of the event loop: an order of magnitude faster than one promise a file. */
const SLICE = 2048

/** A file name that needs no second look: not empty, `.` or `..`, without backslash and NUL. */
const PLAIN_NAME = /^(?!\.{1,2}$)[^\\\0]+$/

/** Files are read into blocks of this size, which those of one call share as `Buffer`s share their pool: room for each by itself costs more than reading it. */
const BLOCK = 1 << 16

/** Small: a line over a chunk border is copied with the chunk, and what is copied is held until the next collection. */
const STREAM_CHUNK = 1 << 17

const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/**
 * Opens a folder of the file system.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`
 */
export async function nodeFileTree(folder: string): Promise<FileTree> {
  const modules = nodeModules()
  const { fs, path } = modules
  // Otherwise it would be the current folder, e.g. for a variable of the environment that is not set.
  if (folder === '') throw new EmoError('NOT_A_FOLDER', 'the path is empty; give the folder of the corpus', { details: { path: folder } })
  const root = path.resolve(folder)
  let real: string
  try {
    const stat = await fs.promises.stat(root)
    if (!stat.isDirectory()) {
      throw new EmoError('NOT_A_FOLDER', `${folder} is a file; give the folder of the corpus`, { details: { path: folder } })
    }
    real = await fs.promises.realpath(root)
    await (await fs.promises.opendir(real)).close() // access() would ask for the real user, not the effective one
  } catch (error) {
    throw error instanceof EmoError ? error : fileError(error, folder)
  }
  return new NodeFileTree(folder, root, real, modules)
}

/** Whether a path names a file (not a folder). Missing paths are neither. */
export async function isNodeFile(path: string): Promise<boolean> {
  try {
    return (await nodeModules().fs.promises.stat(path)).isFile()
  } catch (error) {
    if (error instanceof EmoError) throw error
    return false
  }
}

/** Splits a path into its folder and its name, by the platform's rules. */
export function splitNodePath(path: string): [folder: string, name: string] {
  const node = nodeModules().path
  const absolute = node.resolve(path)
  return [node.dirname(absolute), node.basename(absolute)]
}

/** What opening a link with O_NOFOLLOW fails with: Linux and macOS, FreeBSD, NetBSD. */
const LINK_REFUSED = ['ELOOP', 'EMLINK', 'EFTYPE']

function outside(path: string, root: string): EmoError {
  return new EmoError('PATH_OUTSIDE', `${path} is a link that leads outside ${root}; it is not followed`, { details: { path } })
}

/** Room for small files. */
interface ReadingBlock {
  bytes: Uint8Array
  used: number
}

/** What one walk has met. */
interface Walk {
  /** Paths of the folders walked, by their real paths: each is walked once, whatever leads to it. */
  readonly seen: Map<string, string>
  /** Links to folders, still to follow. */
  readonly links: { readonly relative: string; readonly folder: string; readonly real: string; readonly ancestors: readonly string[] }[]
}

class NodeFileTree implements FileTree {
  constructor(
    readonly name: string,
    private readonly root: string,
    private readonly real: string,
    private readonly node: NodeModules,
  ) {}

  readonly now = {
    sizes: (paths: readonly string[]): number[] => {
      const folders = new Map<string, string | undefined>()
      return paths.map((path) => this.workNow(path, folders, -1, (full) => this.sizeNow(full)))
    },
    read: (path: string): Uint8Array => {
      const { fs } = this.node
      try {
        const file = this.openInside(this.fullInside(path, new Map()))
        try {
          return fs.readFileSync(file)
        } finally {
          fs.closeSync(file)
        }
      } catch (error) {
        throw error instanceof EmoError ? error : fileError(error, path)
      }
    },
  }

  async *walk(under = ''): AsyncGenerator<readonly TreeEntry[]> {
    const relative = safePath(under)
    const folder = this.node.path.join(this.root, relative)
    let real: string
    try {
      real = await this.node.fs.promises.realpath(folder)
    } catch {
      return
    }
    if (!this.isInside(real)) {
      yield [{ path: relative, problem: { code: 'OUTSIDE_FOLDER', reason: 'a link that leads outside the folder' } }]
      return
    }
    // Links last, so that a file has the path of its own folder, whatever order the folders are in.
    const walk: Walk = { seen: new Map([[real, relative]]), links: [] }
    yield* this.walkFolder(relative, folder, [real], walk)
    for (let link = walk.links.shift(); link !== undefined; link = walk.links.shift()) {
      const before = walk.seen.get(link.real)
      if (before === undefined) {
        walk.seen.set(link.real, link.relative)
        yield* this.walkFolder(link.relative, link.folder, [...link.ancestors, link.real], walk)
      } else {
        const where = before === '' ? 'the folder itself' : before
        yield [
          {
            path: link.relative,
            problem: { code: 'DUPLICATE', reason: `a link to a folder that is walked already, ${where}; it is not followed` },
          },
        ]
      }
    }
  }

  private isInside(real: string): boolean {
    return real === this.real || real.startsWith(this.real.endsWith(this.node.path.sep) ? this.real : this.real + this.node.path.sep)
  }

  /** @param ancestors - real paths from the start of the walk down to this folder */
  private async *walkFolder(
    relative: string,
    folder: string,
    ancestors: readonly string[],
    walk: Walk,
  ): AsyncGenerator<readonly TreeEntry[]> {
    const { fs, path } = this.node
    let directory: NodeFs.Dir
    try {
      directory = await fs.promises.opendir(folder, { bufferSize: 4096 })
    } catch (error) {
      yield [{ path: relative, problem: { code: 'UNREADABLE', reason: fileError(error, relative || this.name).message } }]
      return
    }
    const folders: { relative: string; folder: string; real: string }[] = []
    const own = ancestors[ancestors.length - 1]
    const prefix = relative === '' ? '' : `${relative}/`
    let batch: TreeEntry[] = []
    try {
      for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
        const child = prefix + entry.name
        // Elsewhere than on Windows it is a letter as any other; below a tree it separates folders.
        if (entry.name.includes('\\'))
          batch.push({ path: child, problem: { code: 'UNREADABLE', reason: 'a backslash in the name; rename it' } })
        else if (entry.isFile()) batch.push({ path: child })
        else if (entry.isDirectory())
          folders.push({ relative: child, folder: path.join(folder, entry.name), real: path.join(own, entry.name) })
        else if (entry.isSymbolicLink()) {
          const link = this.followLink(child, path.join(folder, entry.name), ancestors)
          if ('folder' in link) walk.links.push({ ...link, ancestors })
          else batch.push(link)
        } else batch.push({ path: child, problem: { code: 'UNREADABLE', reason: 'neither a file nor a folder' } })
        if (batch.length >= SLICE) {
          yield batch
          batch = []
          await nextTurn()
        }
      }
    } finally {
      directory.closeSync()
    }
    if (batch.length > 0) yield batch
    for (const child of folders) {
      // A folder below one that a link led to may have been met on its own path.
      if (walk.seen.has(child.real)) continue
      walk.seen.set(child.real, child.relative)
      yield* this.walkFolder(child.relative, child.folder, [...ancestors, child.real], walk)
    }
  }

  private followLink(
    relative: string,
    link: string,
    ancestors: readonly string[],
  ): TreeEntry | { relative: string; folder: string; real: string } {
    const { fs } = this.node
    try {
      const real = fs.realpathSync(link)
      if (!this.isInside(real)) {
        return { path: relative, problem: { code: 'OUTSIDE_FOLDER', reason: 'a link that leads outside the folder; it is not followed' } }
      }
      const stat = fs.statSync(real)
      if (stat.isFile()) return { path: relative }
      if (!stat.isDirectory()) return { path: relative, problem: { code: 'UNREADABLE', reason: 'neither a file nor a folder' } }
      if (ancestors.includes(real)) {
        return { path: relative, problem: { code: 'LINK_LOOP', reason: 'a link that leads back to a folder above it' } }
      }
      return { relative, folder: link, real }
    } catch (error) {
      const loop = (error as NodeJS.ErrnoException).code === 'ELOOP'
      return {
        path: relative,
        problem: loop
          ? { code: 'LINK_LOOP', reason: 'a link that leads to itself' }
          : { code: 'UNREADABLE', reason: `a broken link: ${fileError(error, relative).message}` },
      }
    }
  }

  async peek(under = '', limit = 1000): Promise<readonly string[]> {
    const names: string[] = []
    try {
      const directory = await this.node.fs.promises.opendir(await this.resolve(under))
      for await (const entry of directory) {
        const folder =
          entry.isDirectory() || (entry.isSymbolicLink() && this.isFolderInside(this.node.path.join(directory.path, entry.name)))
        names.push(folder ? `${entry.name}/` : entry.name)
        if (names.length >= limit) break
      }
    } catch (error) {
      if (error instanceof EmoError && error.code === 'PATH_OUTSIDE') throw error
    }
    return names.sort()
  }

  private isFolderInside(link: string): boolean {
    try {
      const real = this.node.fs.realpathSync(link)
      return this.isInside(real) && this.node.fs.statSync(real).isDirectory()
    } catch {
      return false
    }
  }

  async exists(path: string): Promise<boolean> {
    return isNodeFile(this.node.path.join(this.root, safePath(path)))
  }

  async sizes(paths: readonly string[]): Promise<readonly number[]> {
    return this.forEachInside(paths, -1, (full) => this.sizeNow(full))
  }

  async read(path: string, start?: number, end?: number): Promise<Uint8Array> {
    const full = await this.resolve(path)
    try {
      if (start === undefined && end === undefined) return await this.node.fs.promises.readFile(full)
      const file = await this.node.fs.promises.open(full)
      try {
        const from = start ?? 0
        const buffer = new Uint8Array((end ?? (await file.stat()).size) - from)
        const { bytesRead } = await file.read(buffer, 0, buffer.length, from)
        return buffer.subarray(0, bytesRead)
      } finally {
        await file.close()
      }
    } catch (error) {
      throw fileError(error, path)
    }
  }

  async readMany(paths: readonly string[], limit = Infinity): Promise<readonly (Uint8Array | undefined)[]> {
    const block: ReadingBlock = { bytes: new Uint8Array(BLOCK), used: 0 }
    return this.forEachInside<Uint8Array | undefined>(paths, undefined, (full) => this.readNow(full, limit, block))
  }

  /** What `work` says of each file, `otherwise` for those that it fails for or that are not inside the root. */
  private async forEachInside<T>(paths: readonly string[], otherwise: T, work: (full: string) => T): Promise<T[]> {
    const results = new Array<T>(paths.length)
    const folders = new Map<string, string | undefined>()
    for (let i = 0; i < paths.length; i++) {
      results[i] = this.workNow(paths[i], folders, otherwise, work)
      if (i % SLICE === SLICE - 1) await nextTurn()
    }
    return results
  }

  private workNow<T>(path: string, folders: Map<string, string | undefined>, otherwise: T, work: (full: string) => T): T {
    try {
      return work(this.fullInside(path, folders))
    } catch {
      return otherwise
    }
  }

  /**
   * Full path of a file whose folder is inside the root; links are resolved once a folder rather than once a file.
   *
   * @param known - real paths of the folders met so far, with a separator at the end; undefined for those outside
   */
  private fullInside(path: string, known: Map<string, string | undefined>): string {
    const { fs, path: paths } = this.node
    const slash = path.lastIndexOf('/') + 1
    const name = path.slice(slash)
    if (!PLAIN_NAME.test(name)) {
      const safe = safePath(path)
      if (safe === path || safe === '') throw outside(path, this.name)
      return this.fullInside(safe, known)
    }
    const folder = path.slice(0, slash)
    let real = known.get(folder)
    if (real === undefined && !known.has(folder)) {
      const found = fs.realpathSync(paths.join(this.root, safePath(folder)))
      if (this.isInside(found)) real = found.endsWith(paths.sep) ? found : found + paths.sep
      known.set(folder, real)
    }
    if (real === undefined) throw outside(path, this.name)
    return real + name
  }

  private sizeNow(full: string): number {
    const { fs } = this.node
    const stat = fs.lstatSync(full, { throwIfNoEntry: false })
    if (stat?.isSymbolicLink() !== true) return stat?.size ?? -1
    const real = fs.realpathSync(full)
    return this.isInside(real) ? fs.statSync(real).size : -1
  }

  /** Opens, reads and closes without asking for the size first: three system calls for a small file. */
  private readNow(full: string, limit: number, block: ReadingBlock): Uint8Array {
    const { fs } = this.node
    const file = this.openInside(full)
    try {
      const room = Math.min(BLOCK / 4, limit)
      if (block.used + room > BLOCK) {
        block.bytes = new Uint8Array(BLOCK)
        block.used = 0
      }
      const read = fs.readSync(file, block.bytes, block.used, room, 0)
      if (read === room && room < limit) return limit === Infinity ? fs.readFileSync(file) : this.readPart(file, limit)
      return block.bytes.subarray(block.used, (block.used += read))
    } finally {
      fs.closeSync(file)
    }
  }

  /** Opens a file; a link only when it leads to one inside the root. */
  private openInside(full: string): number {
    const { fs } = this.node
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK = 0 } = fs.constants as { O_RDONLY: number; O_NOFOLLOW?: number; O_NONBLOCK?: number }
    // A named pipe must not keep the opening waiting for its other end.
    const mode = O_RDONLY | O_NONBLOCK
    // Windows cannot refuse links on opening: it is asked first.
    if (O_NOFOLLOW === undefined && !fs.lstatSync(full).isSymbolicLink()) return fs.openSync(full, mode)
    try {
      if (O_NOFOLLOW !== undefined) return fs.openSync(full, mode | O_NOFOLLOW)
    } catch (error) {
      if (!LINK_REFUSED.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
    const real = fs.realpathSync(full)
    if (!this.isInside(real)) throw outside(full, this.name)
    return fs.openSync(real, mode)
  }

  private readPart(file: number, limit: number): Uint8Array {
    const buffer = new Uint8Array(limit)
    return buffer.subarray(0, this.node.fs.readSync(file, buffer, 0, limit, 0))
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    const full = await this.resolve(path)
    try {
      for await (const chunk of this.node.fs.createReadStream(full, { highWaterMark: STREAM_CHUNK })) yield chunk as Uint8Array
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall === undefined ? error : fileError(error, path)
    }
  }

  /** Full path of a file below the root; links are followed only within it. */
  private async resolve(path: string): Promise<string> {
    const full = this.node.path.join(this.root, safePath(path))
    let real: string
    try {
      real = await this.node.fs.promises.realpath(full)
    } catch (error) {
      throw fileError(error, path)
    }
    if (!this.isInside(real)) {
      throw outside(path, this.name)
    }
    return full
  }
}
