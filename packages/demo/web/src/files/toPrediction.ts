import type { WrittenPrediction } from '../../../src/predictionFormat.ts'
import type { FileAnalysis } from './fileStore.ts'

/** What a file's analysis says, as it is exported; nothing where there is no answer. */
export function toPrediction(file: string, result: FileAnalysis): WrittenPrediction | undefined {
  if (!result.answer) return undefined
  const { emotion, confidence, scores, uncertain } = result.answer
  const answer = { file, emotion, confidence, scores, uncertain }
  switch (result.kind) {
    case 'audio':
      return { ...answer, modality: 'speech' }
    case 'image':
      return { ...answer, modality: 'face', faces: result.faces }
    case 'video': {
      const { speech, face } = result.answer.weights
      if (speech > 0 && face > 0) return { ...answer, modality: 'both', weights: { speech, face } }
      return { ...answer, modality: speech > 0 ? 'speech' : 'face' }
    }
  }
}
