import type { EvaluationReport } from './evaluateCommand.ts'

/** An evaluation for people. */
export function evaluationTable(report: EvaluationReport): string {
  const { classes, perClass, confusionMatrix } = report
  const absent = perClass.filter(({ support }) => support === 0).map(({ emotion }) => emotion)
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`
  const lines = [
    `${report.dataset}, ${report.split === 'all' ? 'all samples' : `${report.split} split`}: ${report.evaluated} samples, ${classes.length} classes, ${report.modality} model`,
    ...(report.trainedOn ? [trainedOnNote(report.modality)] : []),
    '',
    `accuracy                  ${percent(report.accuracy)}`,
    `unweighted average recall ${percent(report.unweightedAverageRecall)}`,
    `macro F1                  ${percent(report.macroF1)}`,
    `weighted F1               ${percent(report.weightedF1)}`,
    `mean confidence           ${percent(report.meanConfidence)}`,
  ]
  if (report.withoutTrainingDuplicates) {
    const { accuracy, evaluated } = report.withoutTrainingDuplicates
    lines.push(`accuracy without the ${report.evaluated - evaluated} samples that are also in the training split: ${percent(accuracy)}`)
  }
  if (report.unanswered > 0) lines.push(`${report.unanswered} without voice or face, counted as wrong`)
  if (report.unknownToModel.length > 0) {
    const names = report.unknownToModel.map(({ emotion, samples }) => `${emotion} (${samples})`).join(', ')
    lines.push(`left out, unknown to the model: ${names}; accuracy with them counted as wrong: ${percent(report.accuracyOverAll)}`)
  }
  if (report.absentFromCorpus.length > 0) lines.push(`not in these data, so never chosen: ${report.absentFromCorpus.join(', ')}`)
  if (absent.length > 0) lines.push(`not among these samples, so in none of the means: ${absent.join(', ')}`)
  lines.push(
    '',
    table([
      ['', 'precision', 'recall', 'F1', 'support'],
      ...perClass.map((f) => [f.emotion, f.precision.toFixed(3), f.recall.toFixed(3), f.f1.toFixed(3), String(f.support)]),
    ]),
    '',
    'confusion matrix (rows: corpus, columns: model)',
    table([['', ...classes.map((name) => name.slice(0, 9))], ...confusionMatrix.map((row, i) => [classes[i], ...row.map(String)])]),
    '',
    `${report.seconds} s, ${report.millisecondsPerSample} ms a sample`,
  )
  return lines.join('\n')
}

/** Where to find what the figures of a model's own training data do not tell. */
function trainedOnNote(modality: EvaluationReport['modality']): string {
  const [who, card] = modality === 'speech' ? ['speakers that it never heard', 'MODEL_CARD.md'] : ['people that it never saw', 'CARD.md']
  return `The model was trained on samples of this corpus: for its accuracy on ${who} see weights/default/${card} of @emo/${modality}-model.`
}

/** Columns: the first one to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
