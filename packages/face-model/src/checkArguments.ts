import { EmoError } from '@emo/errors'
import { describeValue } from '@emo/runtime'
import type { FaceEmotionModel } from './faceEmotionModel.ts'

// The declared types are not what every caller gives.

/** @throws EmoError with `code` */
export function checkList(code: string, name: string, given: unknown, wanted: string): void {
  if (Array.isArray(given)) return
  throw new EmoError(code, `${name} is ${describeValue(given)}; give ${wanted}.`)
}

/**
 * By a method that is needed: a model of this package's other build, ESM or CommonJS, is of another class.
 *
 * @throws EmoError `MODEL_EXPECTED`
 */
export function checkModel(given: unknown, method: keyof FaceEmotionModel): void {
  if (typeof (given as Partial<FaceEmotionModel> | null | undefined)?.[method] === 'function') return
  throw new EmoError('MODEL_EXPECTED', `model is ${describeValue(given)}; give a FaceEmotionModel.`)
}
