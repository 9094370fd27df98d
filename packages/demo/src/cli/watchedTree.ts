import type { FileTree } from '@emo/datasets'

/** What was done to a tree so far. */
export interface TreeActivity {
  /** Entries listed. */
  listed: number
  /** Files read. */
  read: number
  /** Bytes streamed. */
  streamed: number
}

/** The same tree, counting into `activity` what is done to it. */
export function watchedTree(tree: FileTree, activity: TreeActivity): FileTree {
  return {
    name: tree.name,
    async *walk(under) {
      for await (const batch of tree.walk(under)) {
        activity.listed += batch.length
        yield batch
      }
    },
    peek: (under, limit) => tree.peek(under, limit),
    exists: (path) => tree.exists(path),
    sizes: (paths) => tree.sizes(paths),
    read: (path, start, end) => {
      activity.read++
      return tree.read(path, start, end)
    },
    readMany: async (paths, limit) => {
      const contents = await tree.readMany(paths, limit)
      activity.read += paths.length
      return contents
    },
    async *stream(path) {
      for await (const chunk of tree.stream(path)) {
        activity.streamed += chunk.length
        yield chunk
      }
    },
  }
}
