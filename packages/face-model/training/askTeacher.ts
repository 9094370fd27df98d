import { softmax, startBackend } from '@emo/runtime'
import { faceLogits } from '../src/buildFaceModel.ts'
import { faceEmotions } from '../src/faceEmotions.ts'
import { loadFaceData } from './faceSet.ts'
import { indices, predictRows, trainingNetwork, type FaceRecipe } from './recipe.ts'
import { readStart } from './startWeights.ts'
import { writeTeacherAnswers } from './teacherAnswers.ts'

/**
 * Writes what a network answers for every training picture, for its successor to learn from beside the labels (born-again networks, Furlanello et al. 2018).
 *
 * The answer is that to the picture and to its mirror image, logits averaged.
 *
 * @param config - of the run; `startFrom` holds the teacher's weights
 * @param path - for `readTeacherAnswers`
 */
export async function askTeacher(config: FaceRecipe, path: string): Promise<void> {
  await startBackend()
  const network = trainingNetwork(config)
  readStart(network, config.startFrom!)
  const { train } = loadFaceData(config.dataFile)
  const logits = new Float32Array(train.count * faceLogits)
  for (const mirrored of [false, true]) {
    predictRows(
      network,
      train,
      indices(train.count),
      faceLogits,
      (row, output) => {
        output.forEach((value, k) => (logits[row * faceLogits + k] += value / 2))
      },
      mirrored,
    )
  }
  network.dispose()
  const answers = new Float32Array(logits.length)
  for (let at = 0; at < logits.length; at += faceLogits) {
    answers.set(softmax(logits.subarray(at, at + faceEmotions.length)), at)
    answers.set(softmax(logits.subarray(at + faceEmotions.length, at + faceLogits)), at + faceEmotions.length)
  }
  writeTeacherAnswers(answers, path)
}
