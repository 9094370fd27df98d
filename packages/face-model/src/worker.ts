/**
 * The ready-made worker. Bundlers take it through a file of your own, `worker.js` with `import '@emo/face-model/worker'`, started by
 * `new Worker(new URL('./worker.js', import.meta.url), { type: 'module' })`; Node's `worker_threads` take
 * `new Worker(new URL(import.meta.resolve('@emo/face-model/worker')))`. Talk to it through `connectFaceWorker`.
 *
 * @packageDocumentation
 */
import { parentPort } from '@emo/runtime'
import { serveFaceModel } from './worker/serveFaceModel.ts'

serveFaceModel(parentPort('@emo/face-model/worker'))
