// How quickly the page of @emo/demo answers, in an installed Chromium whose microphone and camera are made up.
// npm run demo -w benchmarks -- [--runs 3] [--seconds 10] [--read 2] [--output FILE]      after `npx nx build demo`
//
// A voice without a pause and a photograph that drifts at 30 pictures a second; everything is in the cache; each run has a page and workers of its own.
// Start to first answer is measured twice: with the button pressed as soon as it is there, and after `--read` seconds, the least a person needs to read what Start does;
// the models get ready meanwhile. Every figure is of the page's own clock. The machine should be idle: its load is printed, too.
// The main thread is then traced once for each mode and for a bare page with nothing but the camera's video, in the same browser: tasks by processor time, which other
// threads and programs do not lengthen, beside those that the browser calls long.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { givenPath } from '../support/givenPath.mjs'
import { launch, serve } from '../../packages/demo/e2e/support/browser.ts'
import { clearestPieces, writeFilm } from '../../packages/demo/e2e/support/media.ts'
import { showBareVideo, traceMainThread, type MainThread } from './mainThread.ts'
import { observe, type Observed, type ObservedWindow } from './observe.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    read: { type: 'string', default: '2' },
    output: { type: 'string' },
  },
})
const runs = Number(values.runs)
const seconds = Number(values.seconds)
const read = Number(values.read)
const PHOTOGRAPH = new URL('../../packages/demo/examples/astronaut.jpg', import.meta.url).pathname
const MODES = ['voice', 'face', 'both'] as const
type Mode = (typeof MODES)[number]

/** What one page did. */
interface Run {
  readonly mode: Mode
  readonly readSeconds: number
  readonly loadBefore: number
  /** Milliseconds from the press to the first answer; in mode `both` also until voice and face have each answered. */
  readonly firstAnswer: number
  readonly firstOfVoice: number | null
  readonly firstOfFace: number | null
  /** Milliseconds from the end of each window of sound until the page had its answer, and of the model alone. */
  readonly speechLatency: readonly number[]
  readonly speechModel: readonly number[]
  readonly picturesPerSecond: number | null
  readonly faceModel: readonly number[]
  /** Tasks of the main thread over 50 ms, milliseconds: while the page opened, and from the press on. */
  readonly longTasksOpening: readonly number[]
  readonly longTasks: readonly number[]
}

const directory = mkdtempSync(join(tmpdir(), 'emo-live-'))
const site = await serve()
const [{ file: wav }] = await clearestPieces(directory)
const browser = await launch({ wav, y4m: await writeFilm(join(directory, 'film.y4m'), PHOTOGRAPH) })
const results: Run[] = []
const mainThread: Partial<Record<Mode | 'bare', MainThread[]>> = {}
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  await context.addInitScript(observe)
  // Once for the cache: of the browser, and of its compiled WASM.
  const first = await context.newPage()
  await first.goto(`${site.url}#live`)
  await first.getByText('Both models are ready.').waitFor()
  await first.close()
  for (let round = -1; round < runs; round++) {
    for (const mode of MODES) {
      for (const readSeconds of [0, read]) {
        const run = await measure(mode, readSeconds)
        // The first of each warms the cache.
        if (round >= 0) results.push(run)
      }
    }
  }
  for (let round = 0; round < runs; round++) {
    for (const what of ['bare', ...MODES] as const) (mainThread[what] ??= []).push(await trace(what))
  }

  async function trace(what: Mode | 'bare'): Promise<MainThread> {
    const page = await context.newPage()
    if (what === 'bare') {
      // A file without a script, of the page's own origin.
      await page.goto(`${site.url}licences.txt`)
      await showBareVideo(page)
    } else {
      await page.goto(`${site.url}#live`)
      await page.locator(`input[name=mode][value=${what}]`).check()
      await page.getByRole('button', { name: 'Start', exact: true }).click()
      await page.waitForFunction(() => (window as unknown as ObservedWindow).observed.shown !== undefined, undefined, { timeout: 60_000 })
    }
    await page.waitForTimeout(2000)
    const traced = await traceMainThread(browser, page, seconds)
    await page.close()
    return traced
  }

  async function measure(mode: Mode, readSeconds: number): Promise<Run> {
    const loadBefore = loadavg()[0]
    const page = await context.newPage()
    await page.goto(`${site.url}#live`)
    await page.locator(`input[name=mode][value=${mode}]`).check()
    const start = page.getByRole('button', { name: 'Start', exact: true })
    await start.waitFor()
    await page.waitForTimeout(1000 * readSeconds)
    await start.click()
    await page.waitForFunction(
      (wanted) => {
        const { voice, face } = (window as unknown as ObservedWindow).observed
        return (
          (wanted === 'face' || voice.some(({ answered }) => answered)) && (wanted === 'voice' || face.some(({ answered }) => answered))
        )
      },
      mode,
      { timeout: 60_000 },
    )
    await page.waitForTimeout(1000 * seconds)
    const seen: Observed = await page.evaluate(() => (window as unknown as ObservedWindow).observed)
    await page.close()
    const pressed = seen.pressed!
    // Steady from a second after the first answer on.
    const steady = <T extends { time: number; answered: boolean }>(all: readonly T[]): readonly T[] => {
      const begin = all.find(({ answered }) => answered)
      return begin ? all.filter(({ time }) => time > begin.time + 1000) : []
    }
    const since = (all: readonly { time: number; answered: boolean }[]): number | null => {
      const begin = all.find(({ answered }) => answered)
      return begin ? begin.time - pressed : null
    }
    const voice = steady(seen.voice)
    const face = steady(seen.face)
    return {
      mode,
      readSeconds,
      loadBefore,
      firstAnswer: seen.shown! - pressed,
      firstOfVoice: since(seen.voice),
      firstOfFace: since(seen.face),
      speechLatency: voice.map(({ latency }) => latency),
      speechModel: voice.map(({ milliseconds }) => milliseconds),
      picturesPerSecond: face.length > 1 ? (1000 * (face.length - 1)) / (face.at(-1)!.time - face[0].time) : null,
      faceModel: face.map(({ milliseconds }) => milliseconds),
      longTasksOpening: seen.longTasks.filter(({ time }) => time < pressed).map(({ duration }) => duration),
      longTasks: seen.longTasks.filter(({ time }) => time >= pressed).map(({ duration }) => duration),
    }
  }
} finally {
  await browser.close()
  site.close()
  rmSync(directory, { recursive: true })
}

const quantile = (numbers: readonly number[], share: number): number =>
  [...numbers].sort((a, b) => a - b)[Math.min(numbers.length - 1, Math.floor(share * numbers.length))] ?? NaN
const of = (mode: Mode, readSeconds?: number): Run[] =>
  results.filter((run) => run.mode === mode && (readSeconds === undefined || run.readSeconds === readSeconds))
const numbers = (from: readonly Run[], pick: (run: Run) => number | null | readonly number[]): number[] =>
  from.flatMap((run) => pick(run) ?? [])
/** Median and worst, or nothing. */
const spread = (list: readonly number[], worst = Math.max(...list)) => (list.length === 0 ? null : { median: quantile(list, 0.5), worst })

const summary = {
  command: 'npm run demo -w benchmarks',
  machine: { cores: availableParallelism(), cpu: cpus()[0]?.model ?? '', load: spread(results.map((run) => run.loadBefore)) },
  chromium: browser.version(),
  runs,
  secondsEach: seconds,
  targets: { firstAnswer: 1500, speechLatency: 100, picturesPerSecond: 15, longestTask: 50 },
  modes: MODES.map((mode) => ({
    mode,
    firstAnswerAtOnce: spread(numbers(of(mode, 0), (run) => run.firstAnswer)),
    firstAnswerAfterReading: spread(numbers(of(mode, read), (run) => run.firstAnswer)),
    bothAnsweredAfterReading: spread(
      numbers(of(mode, read), ({ firstOfVoice, firstOfFace }) =>
        firstOfVoice && firstOfFace ? Math.max(firstOfVoice, firstOfFace) : null,
      ),
    ),
    speechLatency: spread(
      numbers(of(mode), (run) => run.speechLatency),
      quantile(
        numbers(of(mode), (run) => run.speechLatency),
        0.95,
      ),
    ),
    speechModel: spread(
      numbers(of(mode), (run) => run.speechModel),
      quantile(
        numbers(of(mode), (run) => run.speechModel),
        0.95,
      ),
    ),
    picturesPerSecond: spread(
      numbers(of(mode), (run) => run.picturesPerSecond),
      Math.min(...numbers(of(mode), (run) => run.picturesPerSecond)),
    ),
    faceModel: spread(
      numbers(of(mode), (run) => run.faceModel),
      quantile(
        numbers(of(mode), (run) => run.faceModel),
        0.95,
      ),
    ),
    longTasksOpening: numbers(of(mode), (run) => run.longTasksOpening),
    longTasks: numbers(of(mode), (run) => run.longTasks),
  })),
  mainThread,
}

const cell = (value: { median: number; worst: number } | null, digits = 0): string =>
  value ? `${value.median.toFixed(digits)} (${value.worst.toFixed(digits)})` : '-'
const tasks = (list: readonly number[]): string =>
  list.length === 0 ? 'none over 50' : `${Math.max(...list).toFixed(0)} (${list.length} over 50)`
const rows: [string, (mode: (typeof summary.modes)[number]) => string][] = [
  ['start to first answer, pressed at once, ms', (mode) => cell(mode.firstAnswerAtOnce)],
  [`start to first answer, pressed after ${read} s, ms`, (mode) => cell(mode.firstAnswerAfterReading)],
  [`voice and face answered, pressed after ${read} s, ms`, (mode) => cell(mode.bothAnsweredAfterReading)],
  ['end of a window to its answer, ms [95 %]', (mode) => cell(mode.speechLatency)],
  ['speech model, ms [95 %]', (mode) => cell(mode.speechModel, 1)],
  ['pictures a second [least]', (mode) => cell(mode.picturesPerSecond, 1)],
  ['face model, ms [95 %]', (mode) => cell(mode.faceModel, 1)],
  ['longest main-thread task from Start on, ms', (mode) => tasks(mode.longTasks)],
  ['longest main-thread task while opening, ms', (mode) => tasks(mode.longTasksOpening)],
]
const traced: [string, (runs: readonly MainThread[]) => string][] = [
  ['processor time of the dearest task, ms', (all) => Math.max(...all.map(({ dearestTask }) => dearestTask)).toFixed(1)],
  ['tasks over 50 ms of processor time', (all) => all.reduce((sum, { dearTasks }) => sum + dearTasks, 0).toFixed(0)],
  [
    'processor time a second, ms',
    (all) =>
      quantile(
        all.map(({ load }) => load),
        0.5,
      ).toFixed(0),
  ],
  ['tasks over 50 ms on the wall, longest (a minute)', (all) => longOnTheWall(all)],
]
const longOnTheWall = (all: readonly MainThread[]): string => {
  const long = all.flatMap(({ longTasks }) => longTasks)
  const minutes = all.reduce((sum, { seconds }) => sum + seconds, 0) / 60
  return long.length === 0 ? 'none' : `${Math.max(...long).toFixed(0)} (${(long.length / minutes).toFixed(0)})`
}
const { machine } = summary
console.log(
  `${machine.cores} cores (${machine.cpu}), load ${cell(machine.load, 1)}, Chromium ${summary.chromium}, ${runs} runs of ${seconds} s; median (worst)\n`,
)
console.log(`| | ${MODES.join(' | ')} |\n|---|${MODES.map(() => '---|').join('')}`)
for (const [name, value] of rows) console.log(`| ${name} | ${summary.modes.map(value).join(' | ')} |`)
console.log(
  `\nMain thread, traced for ${runs} times ${seconds} s\n\n| | ${[...MODES, 'bare video'].join(' | ')} |\n|---|${[...MODES, ''].map(() => '---|').join('')}`,
)
for (const [name, value] of traced)
  console.log(`| ${name} | ${[...MODES, 'bare' as const].map((what) => value(mainThread[what]!)).join(' | ')} |`)
console.log(`\n${JSON.stringify(summary)}`)
if (values.output) writeFileSync(givenPath(values.output), `${JSON.stringify({ ...summary, results }, undefined, 2)}\n`)
