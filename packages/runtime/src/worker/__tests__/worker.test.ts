import { EventEmitter } from 'node:events'
import { MessageChannel } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EmoError } from '@emo/errors'
import { connectWorker, serveRequests, type CallWorker } from '../../index.ts'

interface Methods {
  double: { readonly argument: number; readonly answer: number }
  load: { readonly argument: null; readonly answer: string }
  break: { readonly argument: string | undefined; readonly answer: never }
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

test('when the worker fails, whatever waits fails', async () => {
  const worker = Object.assign(new EventEmitter(), { postMessage: () => undefined })
  const remote = connectWorker<Methods>(worker, { name: 'test worker', unsendable: (reason) => new EmoError('CANNOT_SEND', reason) })
  const waits = remote('double', 1)
  worker.emit('error', new Error('out of memory'))
  await expect(waits).rejects.toMatchObject({ code: 'WORKER_FAILED', message: 'the test worker failed: out of memory' })
})
