import { readFileSync } from 'node:fs'
import { beforeAll, expect, test, vi } from 'vitest'
import {
  extractFeatures,
  featureProcessorName,
  resample,
  type FeatureOptions,
  type FeatureProcessorMessage,
  type FeatureProcessorRequest,
} from '../index.ts'
import { signalOf } from './referenceCases.ts'

interface Processor {
  port: { onmessage: (event: { data: FeatureProcessorRequest }) => void; sent: FeatureProcessorMessage[] }
  process(inputs: Float32Array[][]): boolean
}
let Registered: new (options: unknown) => Processor
const contextRate = 44100

// The part of an AudioWorkletGlobalScope that the processor uses; no Node has one.
beforeAll(async () => {
  vi.stubGlobal('sampleRate', contextRate)
  vi.stubGlobal(
    'AudioWorkletProcessor',
    class {
      port = {
        sent: [] as FeatureProcessorMessage[],
        postMessage(message: FeatureProcessorMessage) {
          this.sent.push(structuredClone(message))
        },
      }
    },
  )
  vi.stubGlobal('registerProcessor', (name: string, processor: typeof Registered) => {
    expect(name).toBe(featureProcessorName)
    Registered = processor
  })
  await import('../worklet.ts')
})

const features: FeatureOptions = { sampleRate: 16000, nFft: 512, hopLength: 160, features: [{ name: 'mfcc', nMfcc: 13, nMels: 40 }, 'rms'] }
const collected = (sent: FeatureProcessorMessage[]) => sent.flatMap((m) => (m.type === 'frames' ? [...m.data] : []))

test('posts the features of the input mixed to mono and resampled, as the batch functions give them', () => {
  const signal = signalOf('chirp')
  const processor = new Registered({ processorOptions: { features } })
  expect(processor.port.sent).toEqual([
    {
      type: 'ready',
      columns: [
        { name: 'mfcc', start: 0, width: 13 },
        { name: 'rms', start: 13, width: 1 },
      ],
      width: 14,
      contextSampleRate: contextRate,
    },
  ])
  for (let at = 0; at < signal.length; at += 128) {
    const block = signal.slice(at, at + 128)
    expect(processor.process([[block.map((v) => 1.5 * v), block.map((v) => 0.5 * v)]])).toBe(true)
  }
  // Nothing connected: no time passes.
  expect(processor.process([[]])).toBe(true)
  processor.port.onmessage({ data: { type: 'flush' } })
  const expected = extractFeatures(resample(signal, { from: contextRate, to: 16000 }), features).data
  const got = collected(processor.port.sent)
  expect(got.length).toBe(expected.length)
  got.forEach((v, i) => expect(Math.abs(v - expected[i])).toBeLessThan(1e-3 * Math.max(1, Math.abs(expected[i]))))
  expect(processor.port.sent.at(-1)).toMatchObject({ type: 'frames', last: true })
})

test('bundlers find it: webpack resolves `new URL` under neither the import nor the require condition', () => {
  const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    exports: Record<string, object>
  }
  expect(exports['./worklet']).toMatchObject({ default: './dist/worklet.js' })
})

test('stops when told, and tells of errors instead of dying in silence', () => {
  const processor = new Registered({ processorOptions: { features } })
  processor.port.onmessage({ data: { type: 'stop' } })
  expect(processor.process([[new Float32Array(128)]])).toBe(false)

  const wrong = new Registered({ processorOptions: { features: { ...features, hopLength: -1 } } })
  expect(wrong.port.sent).toEqual([{ type: 'error', code: 'OUT_OF_RANGE', message: expect.stringContaining('hopLength is -1') as string }])
  expect(wrong.process([[new Float32Array(128)]])).toBe(false)

  const broken = new Registered({ processorOptions: { features } })
  expect(broken.process([[new Float32Array(128).fill(NaN)]])).toBe(false)
  expect(broken.port.sent.at(-1)).toMatchObject({ type: 'error', code: 'SIGNAL_NOT_FINITE' })
})
