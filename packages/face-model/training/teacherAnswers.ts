import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a teacher's answers, `[training pictures, 15]`: FER2013's seven probabilities, then FERPlus' eight. */
export function writeTeacherAnswers(answers: Float32Array<ArrayBuffer>, path: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, new Uint8Array(answers.buffer))
}

/** Reads what {@link writeTeacherAnswers} wrote. */
export function readTeacherAnswers(path: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(path)).buffer)
}
