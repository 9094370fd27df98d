import type { SpeechModelCard } from '../modelCard.ts'
import type { SpeechInput, SpeechPrediction } from '../prediction.ts'
import type { SpeechStreamOptions, SpeechStreamPrediction } from '../speechStream.ts'
import type { WeightsName } from '../weightFiles.ts'

/** What the page asks of the worker. */
export interface Requests {
  load: { readonly argument: { readonly weights?: WeightsName }; readonly answer: SpeechModelCard }
  predict: { readonly argument: SpeechInput; readonly answer: SpeechPrediction }
  predictBatch: { readonly argument: readonly SpeechInput[]; readonly answer: SpeechPrediction[] }
  openStream: { readonly argument: SpeechStreamOptions; readonly answer: number }
  push: { readonly argument: { readonly stream: number; readonly chunk: Float32Array }; readonly answer: SpeechStreamPrediction[] }
  closeStream: { readonly argument: { readonly stream: number }; readonly answer: null }
  dispose: { readonly argument: null; readonly answer: null }
}
