import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectSpeechWorker, EmoRangeError, SpeechEmotionModel, type RemoteSpeechModel } from '../index.ts'
import { clipNames, readClip } from './audio.ts'

let worker: Worker
let remote: RemoteSpeechModel
const loaded: number[] = []

beforeAll(async () => {
  // Sources need a loader; the built entry needs none.
  const entry = new URL('../worker.ts', import.meta.url).href
  worker = new Worker(`import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(entry)}) })`, {
    eval: true,
    execArgv: ['--conditions=@emo/source'],
  })
  remote = await connectSpeechWorker(worker, { onProgress: (bytes) => loaded.push(bytes) })
}, 60_000)
afterAll(async () => {
  await worker.terminate()
})

test('a worker answers as the model itself, whole clips, batches and streams', async () => {
  const model = await SpeechEmotionModel.load()
  const clip = await readClip(clipNames[0])
  expect(remote.card).toEqual(model.card)
  expect(loaded.length).toBeGreaterThan(0)
  expect(await remote.predict(clip)).toEqual(model.predict(clip))
  expect(await remote.predictBatch([clip, clip])).toEqual(model.predictBatch([clip, clip]))
  const local = model.createStream({ sampleRate: clip.sampleRate })
  const stream = await remote.createStream({ sampleRate: clip.sampleRate })
  const half = clip.samples.length >> 1
  const answers = [...(await stream.push(clip.samples.slice(0, half))), ...(await stream.push(clip.samples.slice(half)))]
  expect(answers.length).toBeGreaterThan(3)
  expect(answers).toEqual(local.push(clip.samples))
  await stream.close()
  await expect(stream.push(clip.samples)).rejects.toMatchObject({ code: 'STREAM_CLOSED' })
  model.dispose()
})

test('no more of a buffer is sent than the recording', async () => {
  const clip = await readClip(clipNames[0])
  const memory = new Float32Array(1_000_000)
  memory.set(clip.samples, 5)
  const part = { ...clip, samples: memory.subarray(5, 5 + clip.samples.length) }
  const sizes: number[] = []
  const count = ({ samples }: Partial<typeof clip>) => samples && sizes.push(samples.buffer.byteLength)
  const watched = await connectSpeechWorker({
    postMessage(message: { argument: unknown }) {
      for (const value of [message.argument].flat()) {
        const { chunk, ...input } = value as { chunk?: Float32Array }
        count(chunk ? { samples: chunk } : input)
      }
      worker.postMessage(message)
    },
    on: worker.on.bind(worker),
  })
  const answer = await watched.predict(part)
  expect(await watched.predictBatch([part, clip])).toEqual([answer, answer])
  const stream = await watched.createStream({ sampleRate: clip.sampleRate })
  await stream.push(part.samples)
  await stream.close()
  expect(sizes).toEqual(new Array(4).fill(clip.samples.byteLength))
  await expect(watched.predict(null as never)).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
})

test('errors come back with their code, and the worker goes on', async () => {
  const short = await remote.predict({ samples: new Float32Array(10), sampleRate: 16000 }).catch((error: unknown) => error)
  expect(short).toBeInstanceOf(EmoRangeError)
  expect(short).toMatchObject({ code: 'AUDIO_TOO_SHORT', details: { length: 10, sampleRate: 16000 } })
  await expect(remote.predict({ samples: (() => 0) as never, sampleRate: 16000 })).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
  const answer = await remote.predict(await readClip(clipNames[1]))
  expect(answer.speech).toBe(true)
})

test('a disposed model says so, and a worker that dies fails what waits for it', async () => {
  await remote.dispose()
  await expect(remote.predict(await readClip(clipNames[0]))).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  const broken = new Worker('throw new Error("no")', { eval: true })
  await expect(connectSpeechWorker(broken)).rejects.toMatchObject({ code: 'WORKER_FAILED' })
  await expect(connectSpeechWorker(new Worker('process.exit(0)', { eval: true }))).rejects.toMatchObject({ code: 'WORKER_FAILED' })
  await worker.terminate()
  await expect(remote.predict(await readClip(clipNames[0]))).rejects.toMatchObject({ code: 'WORKER_FAILED' })
})

test('what is no worker is refused', async () => {
  await expect(connectSpeechWorker({} as never)).rejects.toMatchObject({ code: 'WORKER_EXPECTED' })
  await expect(connectSpeechWorker(worker, null as never)).rejects.toMatchObject({ code: 'OPTIONS_NOT_OBJECT' })
})
