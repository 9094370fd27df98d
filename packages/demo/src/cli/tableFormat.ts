import { styleText } from 'node:util'
import { EMOTION_DISPLAY } from '../emotionDisplay.ts'
import type { PredictionFormat } from '../predictionFormat.ts'
import { oneLine } from './oneLine.ts'

/** Columns for people: emoji, emotion, a bar of its confidence, whether the model is unsure, modality, file. */
export function tableFormat(color: boolean): PredictionFormat {
  const dim = (text: string): string => (color ? styleText('dim', text, { validateStream: false }) : text)
  return {
    header: undefined,
    opening: '',
    key: (file) => file,
    line: ({ file, modality, emotion, confidence, uncertain, faces }) => {
      const { emoji, label } = EMOTION_DISPLAY[emotion]
      const filled = Math.round(confidence * 10)
      const bar = '█'.repeat(filled) + dim('░'.repeat(10 - filled))
      const several = faces && faces.length > 1 ? dim(` (largest of ${faces.length} faces)`) : ''
      const percent = `${Math.round(confidence * 100)} %`.padStart(5)
      return `${emoji} ${label.padEnd(9)} ${bar} ${percent}  ${(uncertain ? 'unsure' : '').padEnd(6)}  ${dim(modality.padEnd(6))}  ${oneLine(file)}${several}`
    },
    fileOf: () => undefined,
  }
}
