import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectFaceWorker, type RemoteFaceModel } from '../worker/connectFaceWorker.ts'
import { FaceEmotionModel } from '../faceEmotionModel.ts'
import { photo } from './photos.ts'

// Sources need a loader; the built entry needs none.
const entry = new URL('../worker.ts', import.meta.url).href
const code = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(entry)}) })`

let worker: Worker
let remote: RemoteFaceModel

beforeAll(async () => {
  worker = new Worker(code, { eval: true, execArgv: ['--conditions=@emo/source'] })
  remote = await connectFaceWorker(worker)
})

afterAll(async () => {
  await worker.terminate()
})

describe('connectFaceWorker', () => {
  it('gives the answers of the model', async () => {
    const model = await FaceEmotionModel.load()
    const image = photo('astronaut.png')
    expect(await remote.detect(image)).toEqual(model.detect(image))
    expect(await remote.predict(image)).toEqual(model.predict(image))
    expect(await remote.predictBatch([image])).toEqual([model.predict(image)])
    expect(remote.card).toEqual(model.card)
    model.dispose()
  })

  it('takes the options of load', async () => {
    const other = new Worker(code, { eval: true, execArgv: ['--conditions=@emo/source'] })
    const options = { mirrored: true, detector: false } as const
    const [there, here] = await Promise.all([connectFaceWorker(other, options), FaceEmotionModel.load(options)])
    const image = photo('astronaut.png')
    expect(await there.predict(image)).toEqual(here.predict(image))
    expect(await there.predict(image)).not.toEqual(await remote.predict(image))
    here.dispose()
    await other.terminate()
  })

  it('passes errors on with their code', async () => {
    await expect(remote.predict({ data: new Uint8Array(3), width: 2, height: 2, channels: 1 })).rejects.toMatchObject({
      code: 'IMAGE_SIZE',
    })
  })

  it('says so when something cannot be sent', async () => {
    const image = { data: new Uint8Array(1), width: 1, height: 1, draw: () => undefined }
    await expect(remote.predict(image)).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' })
  })

  it.each([[null], ['face.png'], [{ close: 'no' }]])('refuses what is no picture as the model does: %j', async (image) => {
    await expect(remote.predict(image as never)).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' })
    await expect(remote.detect(image as never)).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' })
    await expect(remote.predictBatch([image as never])).rejects.toMatchObject({ code: 'IMAGE_UNSUPPORTED' })
    await expect(remote.predictBatch(image as never)).rejects.toMatchObject({ code: 'IMAGES_NOT_LIST' })
  })

  it('sends no more of a buffer than the picture', async () => {
    const sizes: number[] = []
    const port = {
      postMessage(message: { argument: { data?: Uint8Array } | Uint8Array[] }) {
        const argument = [message.argument].flat() as { data?: Uint8Array }[]
        sizes.push(...argument.flatMap(({ data }) => data?.buffer.byteLength ?? []))
        worker.postMessage(message)
      },
      on: worker.on.bind(worker),
    }
    const watched = await connectFaceWorker(port)
    const whole = { data: Uint8Array.from({ length: 48 * 48 }, (_, i) => i * 7), width: 48, height: 48 }
    // Buffers' own slices are views once more.
    const memory = Buffer.alloc(1_000_000)
    memory.set(whole.data, 5)
    const part = { ...whole, data: memory.subarray(5, 5 + whole.data.length) }
    const expected = await watched.predict(whole)
    expect(await watched.predict(part)).toEqual(expected)
    expect(await watched.predictBatch([part, whole])).toHaveLength(2)
    await watched.detect(part)
    expect(sizes).toEqual(new Array(5).fill(whole.data.length))
  })

  it.each([[{ detect: () => [] }], [() => []]])('refuses a detector that cannot be sent: %o', async (detector) => {
    await expect(connectFaceWorker(worker, { detector: detector as never })).rejects.toMatchObject({ code: 'DETECTOR_INVALID' })
  })

  it('answers no more after dispose', async () => {
    await remote.dispose()
    await expect(remote.predict({ data: new Uint8Array(1), width: 1, height: 1 })).rejects.toMatchObject({ code: 'MODEL_NOT_LOADED' })
  })

  it('fails when the worker does not start', async () => {
    const broken = new Worker(new URL('./missing.ts', import.meta.url))
    await expect(connectFaceWorker(broken)).rejects.toMatchObject({ code: 'WORKER_FAILED' })
  })
})
