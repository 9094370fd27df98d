import { EventEmitter } from 'node:events'
import { MessageChannel, Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EmoError, EmoRangeError } from '@emo/errors'
import { connectWorker, serveRequests, type CallWorker, type WorkerLike } from '../../index.ts'

interface Methods {
  double: { readonly argument: number; readonly answer: number }
  load: { readonly argument: null; readonly answer: string }
  break: { readonly argument: string | undefined; readonly answer: never }
  refuse: { readonly argument: { readonly value: number; readonly cloneable: boolean }; readonly answer: never }
  reject: { readonly argument: null; readonly answer: never }
  unsendable: { readonly argument: null; readonly answer: unknown }
}

let channel: MessageChannel
let order: number[]
let progress: (number | undefined)[][]
let call: CallWorker<Methods>

beforeEach(() => {
  channel = new MessageChannel()
  order = []
  progress = []
  serveRequests<Methods>(
    {
      addEventListener: (_, listener) => channel.port2.on('message', (data) => listener({ data })),
      postMessage: (data) => channel.port2.postMessage(data),
    },
    {
      async double(value) {
        // The first takes longest: it must not be overtaken.
        await new Promise((resolve) => setTimeout(resolve, value === 1 ? 20 : 0))
        order.push(value)
        return 2 * value
      },
      load(_, report) {
        report(5, 10)
        report(10, undefined)
        return 'loaded'
      },
      break(code) {
        throw code === undefined ? new Error('no code') : new EmoError(code, 'as asked')
      },
      refuse({ value, cloneable }) {
        throw new EmoRangeError('OUT_OF_RANGE', 'too much', { details: { value, given: cloneable ? [value] : () => value } })
      },
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a library may do
      reject: () => Promise.reject(undefined),
      unsendable: () => () => 0,
    },
  )
  call = connectWorker<Methods>(channel.port1, {
    name: 'test worker',
    unsendable: (reason) => new EmoError('CANNOT_SEND', reason),
    onProgress: (...values) => progress.push(values),
  })
})
afterEach(() => channel.port1.close())

test('requests are answered one after the other, each to its caller', async () => {
  expect(await Promise.all([call('double', 1), call('double', 2), call('double', 3)])).toEqual([2, 4, 6])
  expect(order).toEqual([1, 2, 3])
})

test('progress comes before the answer', async () => {
  expect(await call('load', null)).toBe('loaded')
  expect(progress).toEqual([
    [5, 10],
    [10, undefined],
  ])
})

test('errors keep their code, others get WORKER_FAILED, and the next request is answered', async () => {
  await expect(call('break', 'SOME_CODE')).rejects.toMatchObject({ code: 'SOME_CODE', message: 'as asked' })
  await expect(call('break', undefined)).rejects.toMatchObject({ code: 'WORKER_FAILED', message: 'no code' })
  expect(await call('double', 4)).toBe(8)
})

test('what cannot be sent is refused here', async () => {
  await expect(call('double', (() => 1) as never)).rejects.toMatchObject({ code: 'CANNOT_SEND' })
})

test('messages that are no requests are left alone', async () => {
  for (const noise of [null, 1, 'text', {}, { id: 1, method: 'toString' }, { id: 'x', method: 'double' }]) channel.port1.postMessage(noise)
  expect(await call('double', 5)).toBe(10)
})

test('a range error is one again, with its details', async () => {
  const error = await call('refuse', { value: 7, cloneable: true }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(EmoRangeError)
  expect(error).toMatchObject({ code: 'OUT_OF_RANGE', message: 'too much', details: { value: 7, given: [7] } })
  expect(await call('break', 'SOME_CODE').catch((caught: unknown) => caught)).not.toBeInstanceOf(EmoRangeError)
})

test('what cannot be sent back is an error, and the next request is answered', async () => {
  await expect(call('refuse', { value: 7, cloneable: false })).rejects.toMatchObject({
    code: 'OUT_OF_RANGE',
    message: 'too much',
    details: {},
  })
  await expect(call('unsendable', null)).rejects.toMatchObject({ code: 'WORKER_FAILED' })
  await expect(call('reject', null)).rejects.toMatchObject({ code: 'WORKER_FAILED', message: 'undefined' })
  expect(await call('double', 4)).toBe(8)
})

describe('when the worker fails, whatever waits fails, and so does what is asked later', () => {
  const connect = (worker: WorkerLike) =>
    connectWorker<Methods>(worker, { name: 'test worker', unsendable: (reason) => new EmoError('CANNOT_SEND', reason) })

  test('by an error', async () => {
    const worker = Object.assign(new EventEmitter(), { postMessage: () => undefined })
    const remote = connect(worker)
    const waits = remote('double', 1)
    worker.emit('error', new Error('out of memory'))
    worker.emit('exit', 1)
    const failure = { code: 'WORKER_FAILED', message: 'the test worker failed: out of memory' }
    await expect(waits).rejects.toMatchObject(failure)
    await expect(remote('double', 1)).rejects.toMatchObject(failure)
  })

  test('by an error in a browser', async () => {
    const worker = Object.assign(new EventTarget(), { postMessage: () => undefined })
    const remote = connect(worker as WorkerLike)
    const waits = remote('double', 1)
    worker.dispatchEvent(new Event('error'))
    const failure = { code: 'WORKER_FAILED', message: 'the test worker failed: it could not be started' }
    await expect(waits).rejects.toMatchObject(failure)
    await expect(remote('double', 1)).rejects.toMatchObject(failure)
  })

  test('by ending', async () => {
    const worker = new Worker('setInterval(() => 0, 1000)', { eval: true })
    const remote = connect(worker)
    const waits = remote('double', 1)
    const failure = {
      code: 'WORKER_FAILED',
      message: expect.stringMatching(/^the test worker failed: it ended with exit code \d; start a new one$/) as string,
    }
    const refused = expect(waits).rejects.toMatchObject(failure)
    await worker.terminate()
    await refused
    await expect(remote('double', 1)).rejects.toMatchObject(failure)
    // Connected to what had ended already.
    await expect(connect(worker)('double', 1)).rejects.toMatchObject({ code: 'WORKER_FAILED' })
  })

  test.each([
    ['a browser', new EventTarget()],
    ['Node', new EventEmitter()],
  ])('an answer that cannot be read in %s fails what waits, not the worker', async (_, events) => {
    let id = 0
    const worker = Object.assign(events, { postMessage: (data: unknown) => (id = (data as { id: number }).id) })
    const emit = (type: string, data?: unknown) =>
      worker instanceof EventTarget ? worker.dispatchEvent(Object.assign(new Event(type), { data })) : worker.emit(type, data)
    const remote = connect(worker as WorkerLike)
    const waits = remote('double', 1)
    emit('messageerror')
    await expect(waits).rejects.toMatchObject({ code: 'WORKER_FAILED', message: expect.stringContaining('cannot be read') as string })
    const next = remote('double', 2)
    emit('message', { id, result: 4 })
    expect(await next).toBe(4)
  })
})

test.each([[{}], [null], [undefined], ['worker.js']])('what is no worker is refused: %o', (worker) => {
  expect(() =>
    connectWorker<Methods>(worker as never, { name: 'test worker', unsendable: (reason) => new EmoError('CANNOT_SEND', reason) }),
  ).toThrow(expect.objectContaining({ code: 'WORKER_EXPECTED' }) as Error)
})
