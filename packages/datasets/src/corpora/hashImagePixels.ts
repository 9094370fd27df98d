import type { Draft } from '../sample.ts'
import { decodeImage } from '../reading/decodeImage.ts'
import { toSize } from '../reading/resizeImage.ts'
import { contentHash } from './contentHash.ts'
import type { DatasetBuilder } from './datasetBuilder.ts'

const AT_A_TIME = 256

/**
 * Hashes the grey pixels of every image of a builder. Files that cannot be decoded become problems and lose their sample.
 *
 * Two images have the same hash when their grey values are equal, whatever the files' encoding.
 */
export async function hashImagePixels(builder: DatasetBuilder): Promise<Map<Draft, string>> {
  const hashes = new Map<Draft, string>()
  const { drafts } = builder
  for (let start = 0; start < drafts.length; start += AT_A_TIME) {
    const part = drafts.slice(start, start + AT_A_TIME)
    const files = await builder.tree.readMany(part.map((draft) => draft.path))
    for (let i = 0; i < part.length; i++) {
      const bytes = files[i]
      if (bytes === undefined) {
        builder.problem('UNREADABLE', part[i].path, 'the file cannot be read')
        continue
      }
      try {
        hashes.set(
          part[i],
          (part[i].contentHash = contentHash(toSize(await decodeImage(bytes, { fileName: part[i].path }), { channels: 1 }).data)),
        )
      } catch (error) {
        builder.problem('UNDECODABLE', part[i].path, (error as Error).message)
      }
    }
  }
  builder.drafts = drafts.filter((draft) => hashes.has(draft))
  return hashes
}
