import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { startBackend } from '@emo/runtime'
import { decodeDetectorWeights } from '../detectorWeights.ts'
import { detectorFiles } from '../weightFiles.ts'

let list: string
let binary: Uint8Array<ArrayBuffer>

beforeAll(async () => {
  await startBackend()
  list = await readFile(detectorFiles.manifest, 'utf8')
  binary = new Uint8Array(await readFile(detectorFiles.weights))
})

const decode = (text: string, bytes: Uint8Array<ArrayBuffer>) => decodeDetectorWeights(new TextEncoder().encode(text), bytes)

describe('decodeDetectorWeights', () => {
  it.each([
    ['as it is', (text: string) => text],
    ['with other line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['without white space', (text: string) => JSON.stringify(JSON.parse(text))],
  ])('takes the list %s', async (_, change) => {
    const weights = await decode(change(list), binary)
    expect(weights.size).toBe(19)
    expect(weights.get('conv0/filters')).toMatchObject({ shape: [3, 3, 3, 16], bytes: binary.subarray(0, 432), zero: 134 })
    expect([...weights.values()].reduce((sum, { bytes }) => sum + bytes.length, 0)).toBe(binary.length)
  })

  it.each<[string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>]>([
    ['a flipped bit', (bytes) => bytes.map((byte, i) => (i === 100_000 ? byte ^ 0x40 : byte))],
    ['zeros', (bytes) => bytes.map(() => 0)],
    ['a byte too few', (bytes) => bytes.subarray(1)],
    ['nothing', () => new Uint8Array()],
  ])('refuses weights with %s', async (_, damage) => {
    await expect(decode(list, damage(binary))).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' })
  })

  it.each([
    ['cut off', (text: string) => text.slice(0, -5)],
    ['of another scale', (text: string) => text.replace(/"scale":[^,}]+/, '"scale":0')],
    ['without a scale', (text: string) => text.replace('"quantization"', '"nothing"')],
    ['with another name', (text: string) => text.replace('conv0/filters', 'conv0/filterz')],
    ['that is an error page', () => '<!doctype html>'],
    ['that is empty', () => ''],
    ['that is none', () => 'null'],
    ['of nothing', () => '[{}]'],
    ['of no weights', () => '[{"weights":5}]'],
  ])('refuses a list %s', async (_, damage) => {
    await expect(decode(damage(list), binary)).rejects.toMatchObject({ code: 'WEIGHTS_DAMAGED' })
  })
})
