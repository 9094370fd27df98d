import { csvFormat, jsonFormat, type WrittenPrediction } from '../../../src/predictionFormat.ts'

/** CSV as `emo predict --csv` writes it. */
export function toCsv(predictions: readonly WrittenPrediction[]): string {
  return [csvFormat.header, ...predictions.map((prediction) => csvFormat.line(prediction)), ''].join('\n')
}

/** JSON: the objects of `emo predict --json` in one array. */
export function toJson(predictions: readonly WrittenPrediction[]): string {
  return `[\n${predictions.map((prediction) => jsonFormat.line(prediction)).join(',\n')}\n]\n`
}

/** Hands contents to the person as a file. */
export function download(name: string, type: string, content: string | Blob): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
