// Face emotion, side by side: latency of one face and of a batch of 32 on WASM SIMD with one thread, and, with --data, accuracy on FER2013's PublicTest.
// npm run face -w benchmarks [-- --data DIR] [--json FILE]       after `npx nx run-many -t build`
// --json FILE: the times, as `npm run -w packages/face-model card -- --latency FILE` puts them on the model card.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { givenPath } from '../support/givenPath.mjs'

const { values } = parseArgs({ options: { data: { type: 'string' }, runs: { type: 'string', default: '200' }, json: { type: 'string' } } })
const data = values.data === undefined ? '' : givenPath(values.data)
const contestant = fileURLToPath(new URL('./contestant.mjs', import.meta.url))

// A process each: every library brings TensorFlow.js, and one process has one backend.
const results = ['emo', 'emo, mirrored', 'human', 'face-api'].map((name) => {
  const child = spawnSync(process.execPath, [...process.execArgv, contestant, name, values.runs, data], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 24,
  })
  if (child.status !== 0) throw new Error(`${name} failed with status ${child.status}`)
  return JSON.parse(child.stdout.trim().split('\n').at(-1))
})

const [emo, , human, faceApi] = results
const ms = (value) => (value === undefined ? '-' : value.toFixed(2))
console.log(
  '| network | one face, ms (median) | least, ms | batch of 32, ms a face | one face, ms of processor time | batch of 32 | PublicTest |',
)
console.log('|---|---|---|---|---|---|---|')
for (const { name, single, least, batch, busySingle, busyBatch, accuracy } of results) {
  console.log(
    `| ${name} | ${ms(single)} | ${ms(least)} | ${ms(batch)} | ${ms(busySingle)} | ${ms(busyBatch)} | ${accuracy === undefined ? '-' : `${(accuracy * 100).toFixed(2)} %`} |`,
  )
}
console.log(`\nOne face: ${(emo.single / human.single).toFixed(2)}x human's time, ${(emo.single / faceApi.single).toFixed(2)}x face-api's.`)
console.log(
  `In processor time: ${(emo.busySingle / human.busySingle).toFixed(2)}x human's, ${(emo.busySingle / faceApi.busySingle).toFixed(2)}x face-api's.`,
)
console.log(
  `Batches of 32: ${(emo.single / emo.batch).toFixed(2)}x the throughput of single calls, ${(emo.busySingle / emo.busyBatch).toFixed(2)}x in processor time.`,
)
for (const [what, { milliseconds, busy }] of Object.entries(emo.frame)) {
  console.log(
    `Frame of 640 x 480, ${what}: ${ms(milliseconds)} ms, ${(1000 / milliseconds).toFixed(1)} a second; ${ms(busy)} ms of processor time, ${(1000 / busy).toFixed(1)} a second.`,
  )
}

if (values.json !== undefined) {
  const [[, { milliseconds: frameMilliseconds }]] = Object.entries(emo.frame)
  const peer = (name, { single }) => ({ name, milliseconds: single, ratio: emo.single / single })
  const latency = {
    milliseconds: emo.single,
    batchMilliseconds: emo.batch,
    frameMilliseconds,
    peers: [peer('@vladmandic/human, emotion', human), peer('@vladmandic/face-api, faceExpressionNet', faceApi)],
    runs: Number(values.runs),
    machine: `${cpus()[0]?.model.trim() ?? 'unknown processor'}, WebAssembly SIMD, one thread, Node ${process.versions.node}`,
    command: 'npm run face -w benchmarks',
  }
  writeFileSync(givenPath(values.json), `${JSON.stringify(latency, undefined, 2)}\n`)
}
