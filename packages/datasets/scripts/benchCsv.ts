/**
 * Opens FER2013's csv and reads every picture of it, in a process of its own, and reports that process's peak memory:
 * `npm run bench:csv -- [--csv FILE]`. Without a file, one of the published size is made: 35,887 rows, 300 MB, and FERPlus's votes beside it.
 * The process is plain Node on the built package (`nx build datasets`), so that no compiler counts. It fails above 200 MB.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const LIMIT_MB = 200
const ROWS = { Training: 28_709, PublicTest: 3589, PrivateTest: 3589 }

const { csv } = parseArgs({ options: { csv: { type: 'string' } } }).values

/** Pixels from a small generator: any image will do. */
function write(folder: string): string {
  const path = join(folder, 'fer2013.csv')
  const file = openSync(path, 'w')
  writeSync(file, 'emotion,pixels,Usage\n')
  let votes = 'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n'
  let state = 1
  let row = 0
  for (const [usage, count] of Object.entries(ROWS)) {
    for (let i = 0; i < count; i++, row++) {
      const pixels = Array.from({ length: 48 * 48 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        return state >>> 24
      })
      writeSync(file, `${row % 7},${pixels.join(' ')},${usage}\n`)
      votes += `${usage},fer${String(row).padStart(7, '0')}.png,${row % 8},2,${8 - (row % 8)},0,0,0,0,0,0,0\n`
    }
  }
  closeSync(file)
  writeFileSync(join(folder, 'fer2013new.csv'), votes)
  return path
}

const measurement = `
import { openFer2013, readBatches, readImage } from '@emo/datasets'
const { samples, problems } = await openFer2013(process.argv[1])
const opened = Math.round(process.resourceUsage().maxRSS / 1024)
let seen = 0
for await (const { items } of readBatches(samples, { read: (sample) => readImage(sample), batchSize: 256 })) seen += items.length
const peak = Math.round(process.resourceUsage().maxRSS / 1024)
console.log(JSON.stringify({ samples: samples.length, problems: problems.length, seen, opened, peak }))
`

const folder = csv === undefined ? mkdtempSync(join(tmpdir(), 'emo-csv-')) : undefined
const path = csv ?? write(folder ?? '')
const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', measurement, path], {
  cwd: join(import.meta.dirname, '..'),
  stdio: ['ignore', 'pipe', 'inherit'],
  encoding: 'utf8',
})
if (status === 0) {
  const { samples, problems, seen, opened, peak } = JSON.parse(stdout) as Record<string, number>
  console.log(`${path}: ${Math.round(statSync(path).size / 1e6)} MB, ${samples} rows, ${problems} problems`)
  console.log(
    `${peak <= LIMIT_MB ? 'ok' : 'MISSED'}: peak ${opened} MB when opened, ${peak} MB when all ${seen} pictures were read; at most ${LIMIT_MB} MB`,
  )
  if (peak > LIMIT_MB) process.exitCode = 1
} else process.exitCode = 1
if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
