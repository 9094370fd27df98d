import { parentPort, workerData } from 'node:worker_threads'
import type { PredictorOptions } from '../predictor.ts'
import { createAnswerFile, type FileInput } from './answerFile.ts'

const answer = createAnswerFile(workerData as PredictorOptions)
// Not one after the other: the next file is read while this one is judged. So answers may overtake each other, and carry the id of their request.
parentPort!.on('message', ({ id, input }: { id: number; input: FileInput }) => {
  void answer(input).then((outcome) => parentPort!.postMessage({ id, outcome }))
})
