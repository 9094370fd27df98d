import papaparse from 'papaparse'
import { EMOTION_ORDER } from './emotionDisplay.ts'
import type { FilePrediction, PerModality } from './prediction.ts'

/** A prediction as it can be written: for a film, the page's `both` with the share of each model, too. */
export interface WrittenPrediction extends Omit<FilePrediction, 'modality'> {
  readonly modality: FilePrediction['modality'] | 'both'
  readonly weights?: PerModality
}

/** How predictions are written: one JSON object a line, CSV, or columns for people. */
export interface PredictionFormat {
  readonly header: string | undefined
  /** What a file of this format begins with. */
  readonly opening: string
  line(prediction: WrittenPrediction): string
  /** The file that a line written earlier is about; `undefined` for a header or a broken line. */
  fileOf(line: string): string | undefined
  /** A file name as this format can hold it. */
  key(file: string): string
}

/** `{"file","modality","emotion","confidence","scores","uncertain"}`, images also `"faces"`. */
export const jsonFormat: PredictionFormat = {
  header: undefined,
  opening: '{"file":',
  key: (file) => file,
  line: ({ file, modality, emotion, confidence, scores, uncertain, weights, faces }) =>
    JSON.stringify({
      file,
      modality,
      emotion,
      confidence: round(confidence),
      scores: roundAll(scores),
      uncertain,
      weights: weights && { speech: round(weights.speech), face: round(weights.face) },
      faces: faces?.map((face) => ({
        box: { x: round(face.box.x), y: round(face.box.y), width: round(face.box.width), height: round(face.box.height) },
        emotion: face.emotion,
        confidence: round(face.confidence),
        scores: roundAll(face.scores),
        uncertain: face.uncertain,
      })),
    }),
  fileOf(line) {
    try {
      const value = (JSON.parse(line) as { file?: unknown } | null)?.file
      return typeof value === 'string' ? value : undefined
    } catch {
      return undefined
    }
  },
}

const CSV_COLUMNS = ['file', 'modality', 'emotion', 'confidence', ...EMOTION_ORDER, 'faces', 'uncertain'] as const

/** RFC 4180; a score column is empty where the model does not know the emotion; `faces` counts them; `uncertain` is true, false, or empty where nobody says. */
export const csvFormat: PredictionFormat = {
  header: CSV_COLUMNS.join(','),
  opening: CSV_COLUMNS.join(','),
  // A line break inside a quoted field would make one prediction two lines; no reader of ours or of `wc -l` expects that.
  key: (file) => file.replace(/[\r\n]+/g, ' '),
  line: ({ file, modality, emotion, confidence, scores, uncertain, faces }) =>
    papaparse.unparse([
      [
        csvFormat.key(file),
        modality,
        emotion,
        round(confidence),
        ...EMOTION_ORDER.map((name) => (scores[name] === undefined ? '' : round(scores[name]))),
        faces?.length ?? '',
        uncertain ?? '',
      ],
    ]),
  fileOf(line) {
    if (line === csvFormat.header) return undefined
    const { data, errors } = papaparse.parse<string[]>(line)
    return errors.every((error) => error.code === 'UndetectableDelimiter') && data[0]?.length === CSV_COLUMNS.length
      ? data[0][0]
      : undefined
  },
}

/** Six significant decimals: what float32 holds, without its noise. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6
}

function roundAll(scores: WrittenPrediction['scores']): Record<string, number> {
  return Object.fromEntries(EMOTION_ORDER.flatMap((name) => (scores[name] === undefined ? [] : [[name, round(scores[name])]])))
}
