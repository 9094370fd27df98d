import { Predictor, type PredictorOptions } from '../predictor.ts'
import type { FilePrediction } from '../prediction.ts'
import { describeFailure, type FileFailure } from './fileFailure.ts'
import { predictorSources } from './predictorSources.ts'
import { readMedia, recogniseMedia } from './readMedia.ts'

/** What came of one file. */
export type FileOutcome = { readonly prediction: FilePrediction } | { readonly failure: FileFailure }

/** A file to answer. */
export interface FileInput {
  /** Its path, as the answer names it. */
  readonly file: string
  /** Its contents, where they came some other way (standard input). */
  readonly bytes?: Uint8Array
}

/** Answers a file; never rejects. */
export type AnswerFile = (input: FileInput) => Promise<FileOutcome>

/** A function that answers files in this thread. */
export function createAnswerFile(options: PredictorOptions): AnswerFile {
  const predictor = new Predictor(predictorSources, options)
  return async ({ file, bytes: given }) => {
    try {
      const { bytes, format } = given ? { bytes: given, format: await recogniseMedia(given) } : await readMedia(file)
      return { prediction: { file, ...(await predictor.answer(bytes, format, file)) } }
    } catch (error) {
      return { failure: describeFailure(file, error) }
    }
  }
}
