import { parentPort, workerData } from 'node:worker_threads'
import type { PredictorOptions } from '../predictor.ts'
import { createAnswerFile } from './answerFile.ts'

const answer = createAnswerFile(workerData as PredictorOptions)
parentPort!.on('message', (file: string) => {
  void answer(file).then((outcome) => parentPort!.postMessage(outcome))
})
