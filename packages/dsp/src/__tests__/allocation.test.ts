import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { FeatureStream, type FeatureOptions } from '../index.ts'
import { matrix } from '../internal/matrix.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Bytes that a piece of work leaves on the heap, for every time it is done; the median of many windows too short for a collection. */
function bytesPerRun(work: () => void): number {
  const runs = 50
  const windows = Array.from({ length: 7 }, () => {
    collect()
    const before = process.memoryUsage().heapUsed
    for (let i = 0; i < runs; i++) work()
    return (process.memoryUsage().heapUsed - before) / runs
  })
  return windows.sort((a, b) => a - b)[3]
}

const features: FeatureOptions['features'] = [
  { name: 'mfcc', nMfcc: 13, nMels: 40 },
  'melSpectrogram',
  'logMelSpectrogram',
  'magnitudeSpectrogram',
  'rms',
  'zeroCrossingRate',
  'spectralCentroid',
  'spectralBandwidth',
  'spectralRolloff',
  'spectralFlatness',
  { name: 'spectralContrast', nBands: 4 },
  'chroma',
  { name: 'yin', fMin: 80, fMax: 500 },
]

test.each(features)('a frame of %o allocates nothing but its output', (feature) => {
  const hopLength = 160
  const stream = new FeatureStream({ sampleRate: 16000, nFft: 512, hopLength, features: [feature] })
  const perPush = 20
  const chunk = Float32Array.from({ length: perPush * hopLength }, (_, i) => Math.sin(0.05 * i) + 0.3 * Math.sin(1.7 * i))
  let out: unknown
  const output = bytesPerRun(() => (out = matrix(new Float32Array(perPush * stream.width), stream.width)))
  // Code that the compiler has not come to yet puts its numbers on the heap: on a busy machine that may take a while.
  let perFrame = Infinity
  for (let attempt = 0; attempt < 20 && perFrame >= 8; attempt++) {
    for (let i = 0; i < 100; i++) stream.push(chunk)
    perFrame = (bytesPerRun(() => (out = stream.push(chunk))) - output) / perPush
  }
  expect(out).toMatchObject({ shape: [perPush, stream.width] })
  // A number put on the heap would be 12 bytes a frame, an object or a closure more.
  expect(perFrame).toBeLessThan(8)
})

test('a chunk that completes no frame allocates nothing', () => {
  const stream = new FeatureStream({ sampleRate: 16000, nFft: 512, hopLength: 400, center: false, features: ['rms', 'spectralCentroid'] })
  const chunk = new Float32Array(1)
  for (let i = 0; i < 5000; i++) stream.push(chunk)
  expect(bytesPerRun(() => void stream.push(chunk))).toBeLessThan(24)
})
