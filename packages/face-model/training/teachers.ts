import { compileNetwork, loadModel, softmax } from '@emo/runtime'
import { savedModel } from '@emo/runtime/node'
import { mirror } from '../src/augmentation.ts'
import { faceEmotions, ferPlusEmotions } from '../src/faceEmotions.ts'
import { faceSize } from './faceSet.ts'
import type { FaceBatch } from './recipe.ts'

/** Share that the teachers' answers have in the targets. */
const teacherShare = 0.5

const [ferClasses, plusClasses] = [faceEmotions.length, ferPlusEmotions.length]

/**
 * Knowledge distillation (Hinton et al. 2015): half of a batch's targets become what other networks answer to the very same pictures, changed and mixed as they are, and to their
 * mirror images, the mean of all logits taken. Pictures of less than full size keep their targets, as served networks know no other.
 *
 * @param folders - of weights of `buildFaceModel`, as exported
 */
export async function loadTeachers(folders: readonly string[]): Promise<(batch: FaceBatch) => void> {
  const networks = await Promise.all(folders.map(async (folder) => compileNetwork((await loadModel(savedModel(folder))).model)))
  return ({ size, count, images, targets, votes }) => {
    if (size !== faceSize || networks.length === 0) return
    const views = [images, mirror(images, size)]
    const answers = networks.flatMap((run) => views.map((view) => run(view, [count, size, size, 1])))
    const logits = answers[0].map((_, i) => answers.reduce((sum, answer) => sum + answer[i], 0) / answers.length)
    const width = ferClasses + plusClasses
    for (let row = 0; row < count; row++) {
      blend(targets.subarray(row * ferClasses, (row + 1) * ferClasses), logits.subarray(row * width, row * width + ferClasses))
      blend(votes.subarray(row * plusClasses, (row + 1) * plusClasses), logits.subarray(row * width + ferClasses, (row + 1) * width))
    }
  }
}

function blend(targets: Float32Array, logits: Float32Array): void {
  const probabilities = softmax(logits)
  targets.forEach((target, k) => {
    targets[k] = (1 - teacherShare) * target + teacherShare * probabilities[k]
  })
}
