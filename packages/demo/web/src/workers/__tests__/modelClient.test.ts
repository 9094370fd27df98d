import { afterEach, expect, it, vi } from 'vitest'
import { ModelClient } from '../modelClient.ts'
import type { WorkerMessage, WorkerRequest } from '../protocol.ts'

/** A worker that answers every request as it is told. */
function stubWorker(answer: (request: WorkerRequest) => readonly WorkerMessage[] | Event): void {
  vi.stubGlobal(
    'Worker',
    class {
      onmessage: ((event: { data: WorkerMessage }) => void) | undefined
      onerror: ((event: Event) => void) | undefined
      terminate(): void {
        this.onmessage = undefined
      }
      postMessage(request: WorkerRequest): void {
        const said = answer(request)
        if (said instanceof Event) this.onerror?.(said)
        else for (const data of said) this.onmessage?.({ data })
      }
    },
  )
}
afterEach(() => vi.unstubAllGlobals())

it.each([
  ['a script that cannot be fetched', () => new Event('error')],
  [
    'code that cannot be fetched',
    ({ id }: WorkerRequest) => [
      {
        kind: 'failure',
        id,
        code: 'UNEXPECTED',
        message: 'Failed to fetch dynamically imported module: http://127.0.0.1/assets/x.js',
      } as const,
    ],
  ],
  [
    'weights that cannot be read',
    ({ id }: WorkerRequest) => [{ kind: 'failure', id, code: 'WEIGHTS_UNREADABLE', message: 'fetch failed' } as const],
  ],
])('says in plain words what to do about %s', async (_what, answer) => {
  stubWorker(answer)
  const client = new ModelClient('speech')
  await expect(client.load()).rejects.toMatchObject({ code: 'MODEL_UNREACHABLE' })
  expect(client.state.value).toMatchObject({
    phase: 'failed',
    message: expect.stringMatching(/offline.*Connect, then try again\.$/) as string,
  })
})

it('passes on how far a request is, to whoever asked it', async () => {
  stubWorker(({ id, type }) =>
    type === 'load'
      ? [{ kind: 'response', id, body: undefined }]
      : [
          { kind: 'step', id, done: 0.25 },
          { kind: 'step', id: id + 1, done: 0.9 },
          { kind: 'response', id, body: 'answer' },
        ],
  )
  const client = new ModelClient('speech')
  const steps: number[] = []
  const answer = client.request('analyzeAudio', { bytes: new ArrayBuffer(1) }, [], (done) => steps.push(done))
  expect(await answer).toBe('answer')
  expect(steps).toEqual([0.25])
})
