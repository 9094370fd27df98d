import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ModelSource } from './loadModel.ts'
import { modelJsonName, weightsName } from './modelJson.ts'

/** The two files that {@link saveModel} wrote into a folder, as {@link loadModel} takes them. */
export function savedModel(directory: string): ModelSource {
  return { modelJson: pathToFileURL(join(directory, modelJsonName)), weights: pathToFileURL(join(directory, weightsName)) }
}
