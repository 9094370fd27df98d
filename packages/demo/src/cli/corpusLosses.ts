import type { Problem, ProblemCode } from '@emo/datasets'
import { problemFailure, type FileFailure } from './fileFailure.ts'

/** Problems that cost a sample. The others (duplicates, a corpus that is there in part) are for people to know. */
export const LOSSES: readonly ProblemCode[] = [
  'UNKNOWN_NAME',
  'EMPTY_FILE',
  'UNDECODABLE',
  'UNREADABLE',
  'SHORT_ROW',
  'BAD_ROW',
  'MISSING_LABEL',
  'LINK_LOOP',
  'OUTSIDE_FOLDER',
]

/** The problems of a corpus that cost a sample, as failures. */
export function corpusLosses(problems: readonly Problem[]): FileFailure[] {
  return problems.filter(({ code }) => LOSSES.includes(code)).map((problem) => problemFailure(problem.path, problem))
}
