import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRandom, loadModel, startBackend, tf } from '@emo/runtime'
import { savedModel } from '@emo/runtime/node'
import type { FaceModelTraining } from '../src/faceModelCard.ts'
import { checkMetadata } from '../src/modelMetadata.ts'
import { loadFaceData } from './faceSet.ts'
import { indices, makeBatch, trainingNetwork, type FaceRecipe } from './recipe.ts'
import { writeStart } from './startWeights.ts'
import { unfoldBatchNormalization } from './unfoldBatchNormalization.ts'

/** Training images whose activations give back the statistics that folding removed. */
const measuredImages = 768

/** Where a run goes on from. */
export interface EarlierTraining {
  /** For {@link FaceRecipe.startFrom}. */
  readonly path: string
  /** How the shipped weights came about. */
  readonly training: FaceModelTraining
}

/** Writes shipped weights as a start for the recipe's training network; a start that is already there is kept, as the run's checkpoint belongs to it. */
export async function continueFrom(folder: string, recipe: FaceRecipe, path: string): Promise<EarlierTraining> {
  const trainingPath = `${path}.json`
  if (existsSync(path) && existsSync(trainingPath)) {
    return { path, training: JSON.parse(readFileSync(trainingPath, 'utf8')) as FaceModelTraining }
  }
  await startBackend()
  const { model: folded, metadata } = await loadModel(savedModel(folder))
  const { training } = checkMetadata(metadata).card
  const network = trainingNetwork(recipe)
  const { train } = loadFaceData(recipe.dataFile)
  const random = createRandom('start')
  const rows = random.shuffle(Int32Array.from(indices(train.count))).slice(0, measuredImages)
  const size = recipe.sizes[0].size
  const batch = makeBatch(train, Array.from(rows), size, random)
  const images = tf.tensor4d(batch.images, [batch.count, size, size, 1])
  unfoldBatchNormalization(folded, network, images)
  writeStart(network, path)
  writeFileSync(trainingPath, JSON.stringify(training))
  tf.dispose([images])
  folded.dispose()
  network.dispose()
  return { path, training }
}
