import { EmoError } from '@emo/errors'
import type { ProblemCode } from '../sample.ts'

/** What a walk meets: a file, or something that cannot be followed. */
export interface TreeEntry {
  /** Path below the root, with `/`. */
  readonly path: string
  /** Set when this is no readable file. */
  readonly problem?: { readonly code: ProblemCode; readonly reason: string }
}

/** Files below one folder, in Node or in a browser. Paths use `/` and never leave the folder. */
export interface FileTree {
  /** The folder, for messages. */
  readonly name: string
  /** Every file below `under` (default: the root), a batch at a time, in no particular order. A folder that is missing has no files. */
  walk(under?: string): AsyncIterable<readonly TreeEntry[]>
  /** Names directly below the root, folders with a trailing `/`; at most `limit` (default 1000). */
  peek(under?: string, limit?: number): Promise<readonly string[]>
  /** Whether there is such a file. */
  exists(path: string): Promise<boolean>
  /** Sizes in bytes; -1 for what cannot be read. */
  sizes(paths: readonly string[]): Promise<readonly number[]>
  /**
   * Bytes of a file, or of its part `[start, end)`.
   * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `FILE_UNREADABLE`, `PATH_OUTSIDE`
   */
  read(path: string, start?: number, end?: number): Promise<Uint8Array>
  /** Many small files, or the first `limit` bytes of many files; `undefined` for what is missing or cannot be read. */
  readMany(paths: readonly string[], limit?: number): Promise<readonly (Uint8Array | undefined)[]>
  /** The same without waiting, where that is possible (in Node): splits, which are made at once, compare the content of two folders with it. */
  readonly now?: {
    /** As {@link FileTree.sizes}. */
    sizes(paths: readonly string[]): readonly number[]
    /** As {@link FileTree.read}, of the whole file. */
    read(path: string): Uint8Array
  }
  /** A file chunk by chunk. Same errors as {@link FileTree.read}. */
  stream(path: string): AsyncIterable<Uint8Array>
}

/**
 * Normalises a path below a tree's root.
 *
 * @throws EmoError `PATH_OUTSIDE` for absolute paths and those that climb out with `..`.
 */
export function safePath(path: string): string {
  const parts: string[] = []
  const unified = path.replaceAll('\\', '/')
  let outside = unified.startsWith('/') || /^[a-z]:\//i.test(unified) || unified.includes('\0')
  for (const part of unified.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') {
      if (parts.pop() === undefined) outside = true
    } else parts.push(part)
  }
  if (outside) {
    throw new EmoError('PATH_OUTSIDE', `"${path}" leads outside the folder; give a path below it`, { details: { path } })
  }
  return parts.join('/')
}

/** Last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** Name of the folder that a file is in; empty at the root. */
export function parentName(path: string): string {
  const end = path.lastIndexOf('/')
  return end < 0 ? '' : baseName(path.slice(0, end))
}

/** Lower-case extension without the dot; empty when there is none. */
export function extension(path: string): string {
  const name = baseName(path)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

const DEBRIS = /(?:^|\/)(?:__MACOSX(?:\/|$)|@eaDir(?:\/|$)|\.ipynb_checkpoints(?:\/|$)|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i

/** Whether a path is what macOS, Windows, archives and tools leave behind in folders. */
export function isDebris(path: string): boolean {
  return DEBRIS.test(path)
}
