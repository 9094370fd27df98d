import { EmoError } from '@emo/errors'
import { safePath, type FileTree, type TreeEntry } from './fileTree.ts'

/** What is needed of a `Blob`. */
export interface BlobLike {
  readonly size: number
  arrayBuffer(): Promise<ArrayBuffer>
  slice(start?: number, end?: number): BlobLike
}

/** What is needed of a `File`. */
export interface FileLike extends BlobLike {
  readonly name: string
  /** `folder/sub/name` as `<input webkitdirectory>` sets it. */
  readonly webkitRelativePath?: string
}

/** What is needed of a `FileSystemFileHandle`. */
export interface FileHandleLike {
  readonly kind: 'file'
  readonly name: string
  getFile(): Promise<FileLike>
}

/** What is needed of a `FileSystemDirectoryHandle`. */
export interface DirectoryHandleLike {
  readonly kind: 'directory'
  readonly name: string
  values(): AsyncIterable<FileHandleLike | DirectoryHandleLike>
  getDirectoryHandle(name: string): Promise<DirectoryHandleLike>
  getFileHandle(name: string): Promise<FileHandleLike>
}

const BATCH = 2048
const STREAM_CHUNK = 1 << 20
/** Files read at the same time. */
const PARALLEL = 32

async function* blobChunks(blob: BlobLike): AsyncGenerator<Uint8Array> {
  // Slices rather than Blob.stream(): web streams are not async iterable in every browser.
  for (let start = 0; start < blob.size; start += STREAM_CHUNK) {
    yield new Uint8Array(await blob.slice(start, Math.min(start + STREAM_CHUNK, blob.size)).arrayBuffer())
  }
}

/** The parts that both browser trees share. */
abstract class BrowserFileTree implements FileTree {
  abstract readonly name: string
  abstract walk(under?: string): AsyncIterable<readonly TreeEntry[]>
  abstract peek(under?: string, limit?: number): Promise<readonly string[]>
  /** The file at a safe path, or `undefined`. */
  protected abstract find(path: string): Promise<FileLike | undefined>

  private async file(path: string): Promise<FileLike> {
    const file = await this.find(safePath(path))
    if (file === undefined) throw new EmoError('FILE_NOT_FOUND', `no such file: ${path}`, { details: { path } })
    return file
  }

  async exists(path: string): Promise<boolean> {
    return (await this.find(safePath(path))) !== undefined
  }

  async sizes(paths: readonly string[]): Promise<readonly number[]> {
    return inParallel(paths, async (path) => (await this.find(path))?.size ?? -1)
  }

  async read(path: string, start?: number, end?: number): Promise<Uint8Array> {
    const file = await this.file(path)
    try {
      const part = start === undefined && end === undefined ? file : file.slice(start ?? 0, end ?? file.size)
      return new Uint8Array(await part.arrayBuffer())
    } catch (cause) {
      throw new EmoError('FILE_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, { cause, details: { path } })
    }
  }

  async readMany(paths: readonly string[], limit = Infinity): Promise<readonly (Uint8Array | undefined)[]> {
    return inParallel(paths, async (path) => {
      try {
        const file = await this.find(safePath(path))
        return file && new Uint8Array(await (file.size > limit ? file.slice(0, limit) : file).arrayBuffer())
      } catch {
        return undefined
      }
    })
  }

  async *stream(path: string): AsyncGenerator<Uint8Array> {
    yield* blobChunks(await this.file(path))
  }
}

async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  const worker = async () => {
    while (next < items.length) {
      const index = next++
      results[index] = await work(items[index])
    }
  }
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker))
  return results
}

class DirectoryHandleTree extends BrowserFileTree {
  readonly name: string

  constructor(private readonly root: DirectoryHandleLike) {
    super()
    this.name = root.name
  }

  async *walk(under = ''): AsyncGenerator<readonly TreeEntry[]> {
    const folder = await this.folder(safePath(under))
    if (folder !== undefined) yield* this.walkFolder(safePath(under), folder)
  }

  private async *walkFolder(relative: string, folder: DirectoryHandleLike): AsyncGenerator<readonly TreeEntry[]> {
    const prefix = relative === '' ? '' : `${relative}/`
    const folders: DirectoryHandleLike[] = []
    let batch: TreeEntry[] = []
    try {
      for await (const entry of folder.values()) {
        if (entry.kind === 'file') batch.push({ path: prefix + entry.name })
        else folders.push(entry)
        if (batch.length >= BATCH) {
          yield batch
          batch = []
        }
      }
    } catch (error) {
      batch.push({ path: relative, problem: { code: 'UNREADABLE', reason: `cannot list the folder: ${(error as Error).message}` } })
    }
    if (batch.length > 0) yield batch
    for (const child of folders) yield* this.walkFolder(prefix + child.name, child)
  }

  async peek(under = '', limit = 1000): Promise<readonly string[]> {
    const names: string[] = []
    const folder = await this.folder(safePath(under))
    if (folder === undefined) return names
    for await (const entry of folder.values()) {
      names.push(entry.kind === 'directory' ? `${entry.name}/` : entry.name)
      if (names.length >= limit) break
    }
    return names.sort()
  }

  private async folder(path: string): Promise<DirectoryHandleLike | undefined> {
    let folder = this.root
    try {
      for (const part of path.split('/').filter(Boolean)) folder = await folder.getDirectoryHandle(part)
      return folder
    } catch {
      return undefined
    }
  }

  protected async find(path: string): Promise<FileLike | undefined> {
    const slash = path.lastIndexOf('/')
    const folder = await this.folder(slash < 0 ? '' : path.slice(0, slash))
    try {
      return await (await folder?.getFileHandle(path.slice(slash + 1)))?.getFile()
    } catch {
      return undefined
    }
  }
}

class FileListTree extends BrowserFileTree {
  readonly name: string
  private readonly files = new Map<string, FileLike>()

  constructor(list: ArrayLike<FileLike>) {
    super()
    const all = Array.from(list)
    // `webkitdirectory` puts the picked folder's own name first.
    const first = all[0]?.webkitRelativePath?.split('/')[0] ?? ''
    const common = first !== '' && all.every((file) => file.webkitRelativePath?.startsWith(`${first}/`) ?? false)
    this.name = common ? first : 'files'
    for (const file of all) {
      const path = file.webkitRelativePath === undefined || file.webkitRelativePath === '' ? file.name : file.webkitRelativePath
      this.files.set(safePath(common ? path.slice(first.length + 1) : path), file)
    }
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- nothing to wait for: the browser has listed the files
  async *walk(under = ''): AsyncGenerator<readonly TreeEntry[]> {
    const folder = safePath(under)
    const prefix = folder === '' ? '' : `${folder}/`
    let batch: TreeEntry[] = []
    for (const path of this.files.keys()) {
      if (!path.startsWith(prefix)) continue
      batch.push({ path })
      if (batch.length >= BATCH) {
        yield batch
        batch = []
      }
    }
    if (batch.length > 0) yield batch
  }

  peek(under = '', limit = 1000): Promise<readonly string[]> {
    const folder = safePath(under)
    const prefix = folder === '' ? '' : `${folder}/`
    const names = new Set<string>()
    for (const path of this.files.keys()) {
      if (!path.startsWith(prefix)) continue
      const rest = path.slice(prefix.length)
      const slash = rest.indexOf('/')
      names.add(slash < 0 ? rest : rest.slice(0, slash + 1))
      if (names.size >= limit) break
    }
    return Promise.resolve([...names].sort())
  }

  protected find(path: string): Promise<FileLike | undefined> {
    return Promise.resolve(this.files.get(path))
  }
}

/** Files below a `FileSystemDirectoryHandle`, e.g. of `showDirectoryPicker()`. */
export function directoryHandleTree(handle: DirectoryHandleLike): FileTree {
  return new DirectoryHandleTree(handle)
}

/** Files of an `<input type="file" webkitdirectory>`, or any list of files. */
export function fileListTree(files: ArrayLike<FileLike>): FileTree {
  return new FileListTree(files)
}
