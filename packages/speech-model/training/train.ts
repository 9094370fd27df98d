import { fork, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EmoError } from '@emo/errors'
import type { Dataset, Sample } from '@emo/datasets'
import { openCorpus, prepareFeatures, type SpeechCorpus } from './corpora.ts'
import { copiesOf } from './recipe.ts'
import { writeRunReport } from './runReport.ts'
import { isUsageError, parseOptions, usage, type TrainCommand } from './trainOptions.ts'
import { actorFold, randomSplit, toClips, type Sides } from './splits.ts'
import { readResult, type RunRequest, type RunResult } from './trainRun.ts'

/** Every network that the options ask for. */
function plan(options: TrainCommand, ravdess: readonly Sample[], others: readonly Sample[]): RunRequest[] {
  const { name, preset, protocol, out, jobs, restart } = options
  const casesOf = (seed: number): { title: string; sides: Sides }[] =>
    protocol === 'final'
      ? [{ title: 'final', sides: { train: [...ravdess, ...others], validation: [], test: [] } }]
      : protocol === 'random'
        ? [{ title: 'random', sides: randomSplit(ravdess, seed) }]
        : options.folds.map((fold) => {
            const sides = actorFold(ravdess, fold, options.validate)
            return { title: `fold${fold}`, sides: { ...sides, train: [...sides.train, ...others] } }
          })
  return options.seeds.flatMap((seed) =>
    casesOf(seed).map(({ title, sides }) => ({
      directory: join(out, 'runs', `${name}-${title}${options.validate > 0 ? `-validate${options.validate}` : ''}-seed${seed}`),
      title: `${name} ${title} seed ${seed}`,
      preset,
      storeDirectory: join(out, 'features'),
      seed,
      train: toClips(sides.train),
      validation: toClips(sides.validation),
      keepBest: protocol === 'folds' && options.validate > 0,
      test: toClips(sides.test),
      progress: jobs === 1 ? 'auto' : 'lines',
      restart,
    })),
  )
}

/** Runs every request in a process of its own, `jobs` at a time; one that fails does not stop the others. */
async function runAll(requests: readonly RunRequest[], jobs: number): Promise<void> {
  const waiting = [...requests]
  const running = new Set<ChildProcess>()
  let stopping = false
  const failures: string[] = []
  const stop = (signal: NodeJS.Signals) => {
    stopping = true
    for (const child of running) child.kill(signal)
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
  const lane = async () => {
    for (let request = waiting.shift(); request && !stopping; request = waiting.shift()) {
      const failure = await runOne(request, running)
      if (failure) failures.push(`${request.title}: ${failure}`)
    }
  }
  await Promise.all(Array.from({ length: Math.min(jobs, requests.length) }, lane))
  process.off('SIGINT', stop)
  process.off('SIGTERM', stop)
  if (stopping) throw new EmoError('TRAINING_INTERRUPTED', 'stopped; the same command goes on from here')
  if (failures.length > 0) throw new EmoError('TRAINING_FAILED', failures.join('\n'))
}

function runOne(request: RunRequest, running: Set<ChildProcess>): Promise<string | undefined> {
  return new Promise((settle) => {
    let failure: string | undefined
    const child = fork(fileURLToPath(new URL('./runProcess.ts', import.meta.url)), [], {
      stdio: 'inherit',
      serialization: 'json',
      execArgv: process.execArgv,
    })
    running.add(child)
    child.on('message', (message: { type: string; code?: string; message?: string }) => {
      if (message.type === 'failed') failure = `${message.code ?? 'ERROR'}: ${message.message ?? ''}`
    })
    child.once('exit', (code, signal) => {
      running.delete(child)
      settle(failure ?? (code === 0 ? undefined : `the process ended with ${signal ?? `status ${code}`}`))
    })
    child.send(request)
  })
}

async function main(args: string[]): Promise<void> {
  const options = parseOptions(args)
  if (options === 'help') {
    process.stdout.write(usage)
    return
  }
  const { data, preset, protocol, out } = options
  // The published protocol knows RAVDESS only.
  const corpora: SpeechCorpus[] = ['ravdess', ...(protocol === 'random' ? [] : preset.others)]
  // One after the other, so that of several missing corpora the first is always the one named.
  const opened: Dataset[] = []
  for (const corpus of corpora) opened.push(await openCorpus(data, corpus))
  for (const { corpus, samples, problems } of opened) {
    console.log(`${corpus}: ${samples.length} clips, ${new Set(samples.map((sample) => sample.speaker)).size} speakers`)
    for (const problem of problems) console.log(`  ${problem.code} ${problem.path}: ${problem.reason}`)
  }
  const [ravdess, ...others] = opened.map((dataset) => dataset.samples)
  let shown = 0
  await prepareFeatures([...ravdess, ...others.flat()], preset, join(out, 'features'), copiesOf(preset), (title, done, all) => {
    if (done < all && Date.now() - shown < 2000) return
    shown = Date.now()
    console.log(`${title}: ${done} of ${all}`)
  })
  const requests = plan(options, ravdess, others.flat())
  await runAll(requests, options.jobs)

  const results: RunResult[] = []
  for (const request of requests) {
    const result = await readResult(join(request.directory, 'result.json'))
    if (result) results.push(result)
  }
  const title = `${options.name}-${protocol}${options.validate > 0 ? `-validate${options.validate}` : ''}`
  const directory = join(out, 'reports', title)
  await mkdir(directory, { recursive: true })
  await writeFile(join(directory, 'preset.json'), `${JSON.stringify(preset, null, 2)}\n`)
  console.log(await writeRunReport(directory, title, requests, results))
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { code, message } = error as { code?: string; message: string }
  console.error(isUsageError(error) ? `${message}\nSee --help.` : `${code ?? 'ERROR'}: ${message}`)
  process.exitCode = isUsageError(error) ? 2 : code === 'TRAINING_INTERRUPTED' ? 130 : 1
})
