import { EmoError } from '@emo/errors'
import { directoryHandleTree, fileListTree, type DirectoryHandleLike, type FileLike } from './browserFileTree.ts'
import type { FileTree } from './fileTree.ts'
import { isNodeFile, nodeFileTree, splitNodePath } from './nodeFileTree.ts'

/**
 * A folder: a path (Node), a `FileSystemDirectoryHandle` (`showDirectoryPicker()` or a dropped folder), the `FileList` of an
 * `<input type="file" webkitdirectory>`, or any {@link FileTree}.
 */
export type FolderLike = string | DirectoryHandleLike | ArrayLike<FileLike> | FileTree

/**
 * Opens a folder.
 *
 * @throws EmoError `FILE_NOT_FOUND`, `FILE_PERMISSION`, `NOT_A_FOLDER`, `FILES_NEED_NODE`
 */
export async function openFileTree(folder: FolderLike): Promise<FileTree> {
  if (typeof folder === 'string') return nodeFileTree(folder)
  if (typeof folder === 'object' && folder !== null) {
    if ('walk' in folder) return folder
    if ('kind' in folder) return directoryHandleTree(folder)
    if ('length' in folder) return fileListTree(folder)
  }
  throw new EmoError(
    'NOT_A_FOLDER',
    `cannot open ${typeof folder}: give a path, a FileSystemDirectoryHandle or the files of <input webkitdirectory>`,
  )
}

/**
 * Opens a folder, or the folder of a single file.
 *
 * @returns the tree, and the file's name when a file was given
 */
export async function openFileOrTree(source: FolderLike): Promise<{ tree: FileTree; file?: string }> {
  if (typeof source === 'string' && (await isNodeFile(source))) {
    const [folder, file] = splitNodePath(source)
    return { tree: await nodeFileTree(folder), file }
  }
  return { tree: await openFileTree(source) }
}
