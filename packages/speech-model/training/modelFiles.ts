import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ModelSource } from '@emo/runtime'

/** The two files of a network in a folder. */
export function modelFiles(directory: string): ModelSource {
  return { modelJson: pathToFileURL(join(directory, 'model.json')), weights: pathToFileURL(join(directory, 'weights.bin')) }
}
