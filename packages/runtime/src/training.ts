export {
  shardRows,
  type BatchResult,
  type CreateJob,
  type EvaluationContext,
  type JobContext,
  type TrainingJob,
} from './training/job.ts'
export { type AdamWOptions, type OptimizerOptions, type SgdOptions } from './training/optimizer.ts'
export { type ProgressStyle } from './training/progress.ts'
export { type EpochRecord, type RunOptions } from './training/runOptions.ts'
export { type Schedule } from './training/schedule.ts'
export { train, type TrainingResult, type TrainOptions } from './training/train.ts'
