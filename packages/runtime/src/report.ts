export { renderConfusionMatrix, type ConfusionMatrixPictureOptions } from './report/confusionMatrixPicture.ts'
export { renderTrainingCurve } from './report/trainingCurves.ts'
export { evaluatePredictions, writeReport, type EvaluationData, type Report, type ReportContent } from './report/writeReport.ts'
