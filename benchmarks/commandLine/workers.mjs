// `emo predict` on many clips with one worker and with several, interleaved.
// node benchmarks/commandLine/workers.mjs [--data DIR] [--count 1000] [--workers 2] [--runs 3]      after `npx nx run-many -t build`
//
// --data is searched for wav files; without it, parts of different lengths of the example clip are used. Wall clock shows the speed-up only while the cores
// are free. On Linux the CPU time and the time spent waiting for a core are therefore read for every thread (/proc/PID/task/TID/schedstat): they show how the work is split,
// what a second worker costs, and how much of the wall clock was other programs' work.
import { spawn } from 'node:child_process'
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearInterval, setInterval } from 'node:timers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { givenPath } from '../support/givenPath.mjs'

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    count: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
    runs: { type: 'string', default: '3' },
  },
})
const count = Number(values.count)
const several = Number(values.workers)
const demo = fileURLToPath(new URL('../../packages/demo/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'emo-workers-'))
const median = (numbers) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]
const seconds = (value) => `${value.toFixed(2)} s`

try {
  const files = values.data ? await copyClips(givenPath(values.data)) : writeClips()
  console.log(`${files.length} clips, ${availableParallelism()} cores, load ${loadavg()[0].toFixed(1)}, node ${process.version}`)
  const runs = { 1: [], [several]: [] }
  let expected
  for (let run = 0; run < Number(values.runs); run++) {
    for (const workers of [1, several]) {
      const result = await predict(files, workers)
      expected ??= result.stdout
      if (result.stdout !== expected) throw new Error(`${workers} workers answered differently`)
      runs[workers].push(result)
      const threads = result.threads.map(({ cpu, wait }) => `${cpu.toFixed(2)}+${wait.toFixed(2)}`).join(' ')
      console.log(
        `${workers} worker${workers > 1 ? 's' : ''}: wall ${seconds(result.wall)}, CPU ${seconds(result.cpu)}; busiest threads, CPU + waiting for a core: ${threads}`,
      )
    }
  }
  const ratios = (value) => runs[1].map((one, i) => value(one) / value(runs[several][i]))
  const list = (numbers) => `${median(numbers).toFixed(2)}x (${numbers.map((ratio) => ratio.toFixed(2)).join(', ')})`
  console.log(`\nwall clock: ${list(ratios(({ wall }) => wall))}`)
  console.log(
    `wall clock without the time the busiest thread waited for a core: ${list(ratios(({ wall, threads }) => wall - threads[0].wait))}`,
  )
  console.log(
    `bound by CPU time, were the cores free: ${list(runs[1].map((one, i) => one.threads[0].cpu / Math.max(runs[several][i].threads[0].cpu, runs[several][i].cpu / several)))}`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Copies, so that all are read from one disk. */
async function copyClips(data) {
  const found = readdirSync(data, { recursive: true })
    .filter((name) => /\.wav$/i.test(name))
    .sort()
  if (found.length === 0) throw new Error(`no wav file in ${data}`)
  return Array.from({ length: count }, (_, i) => {
    const path = join(folder, `${String(i).padStart(6, '0')}.wav`)
    copyFileSync(join(data, found[i % found.length]), path)
    return path
  })
}

/** The example clip, cut to 0.6 to 2.3 s. */
function writeClips() {
  const clip = readFileSync(join(demo, 'examples/1001_DFA_ANG_XX.wav'))
  const start = clip.indexOf('data') + 8
  return Array.from({ length: count }, (_, i) => {
    const samples = Math.floor(((clip.length - start) / 2) * (0.25 + (0.75 * ((i * 37) % 100)) / 99))
    const bytes = Buffer.from(clip.subarray(0, start + 2 * samples))
    bytes.writeUInt32LE(bytes.length - 8, 4)
    bytes.writeUInt32LE(2 * samples, start - 4)
    const path = join(folder, `${String(i).padStart(6, '0')}.wav`)
    writeFileSync(path, bytes)
    return path
  })
}

function predict(files, workers) {
  return new Promise((resolve, reject) => {
    const started = performance.now()
    const args = [join(demo, 'dist/cli/emo.js'), 'predict', '-', '--json', '--quiet', '--workers', String(workers)]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    child.stdin.end(files.join('\n'))
    const threads = new Map()
    const timer = setInterval(() => readThreads(child.pid, threads), 50)
    child.on('error', reject)
    child.on('close', (status) => {
      clearInterval(timer)
      if (status !== 0) return reject(new Error(`emo predict ended with ${status}`))
      const all = [...threads.values()].sort((a, b) => b.cpu - a.cpu)
      resolve({
        wall: (performance.now() - started) / 1000,
        cpu: all.reduce((sum, { cpu }) => sum + cpu, 0),
        threads: all.slice(0, workers + 1),
        stdout: Buffer.concat(chunks).toString(),
      })
    })
  })
}

/** The last reading of each thread: what it used afterwards, at most 50 ms, is lost. */
function readThreads(pid, threads) {
  try {
    for (const tid of readdirSync(`/proc/${pid}/task`)) {
      const [cpu, wait] = readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8')
        .split(' ')
        .map((text) => Number(text) / 1e9)
      threads.set(tid, { cpu, wait })
    }
  } catch {
    // The process or a thread has just ended, or this is not Linux.
    if (process.platform !== 'linux') threads.set(0, { cpu: NaN, wait: NaN })
  }
}
