import { Predictor, type PredictorOptions } from '../predictor.ts'
import type { FilePrediction } from '../prediction.ts'
import { describeFailure, type FileFailure } from './fileFailure.ts'
import { predictorSources } from './predictorSources.ts'
import { readMedia } from './readMedia.ts'

/** What came of one file. */
export type FileOutcome = { readonly prediction: FilePrediction } | { readonly failure: FileFailure }

/** Answers files one after the other; never rejects. */
export type AnswerFile = (file: string) => Promise<FileOutcome>

/** A function that answers files in this thread. */
export function createAnswerFile(options: PredictorOptions): AnswerFile {
  const predictor = new Predictor(predictorSources, options)
  return async (file) => {
    try {
      const { bytes, format } = await readMedia(file)
      return { prediction: { file, ...(await predictor.answer(bytes, format, file)) } }
    } catch (error) {
      return { failure: describeFailure(file, error) }
    }
  }
}
