/**
 * The ready-made worker. Bundlers take it through a file of your own, `worker.js` with `import '@emo/speech-model/worker'`, started by
 * `new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`; Node's `worker_threads` take
 * `new Worker(new URL(import.meta.resolve('@emo/speech-model/worker')))`. Talk to it through `connectSpeechWorker`.
 *
 * @packageDocumentation
 */
import { parentPort } from '@emo/runtime'
import { serveSpeechModel } from './worker/serveSpeechModel.ts'

serveSpeechModel(parentPort('@emo/speech-model/worker'))
