import { fork, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { EmoError } from '@emo/errors'
import type { Sample } from '@emo/datasets'
import { openCorpus, prepareFeatures, type SpeechCorpus } from './corpora.ts'
import { copiesOf } from './recipe.ts'
import { presets, type PresetName, type SpeechPreset } from './presets.ts'
import { writeRunReport } from './runReport.ts'
import { actorFold, foldCount, randomSplit, toClips, type Sides } from './splits.ts'
import { readResult, type RunRequest, type RunResult } from './trainRun.ts'

const usage = `Usage: npx nx run speech-model:train --data DIR [options]

Trains a speech model on RAVDESS (and EmoDB for --final) and reports what it reaches. Stops cleanly on Ctrl-C;
the same command goes on where it stopped, and skips what is finished.

  --data DIR        folder that holds ravdess/ (and emodb/ for --final)
  --model NAME      best (default): the benchmark model, level kept
                    robust: the one that ships, level removed, noise and short windows in training
                    paper: the published LSTM
  --folds LIST      speaker-independent folds to run, e.g. 0,1,2,3,4 (the default)
  --random          the paper's protocol instead: a random fifth is tested on, the same actors on both sides
  --final           train on all permitted data instead; nothing is left to test on
  --seeds LIST      seeds to run, e.g. 1,2,3 (default 1); --seeds 3 is the seed 3, not three seeds
  --validate N      actors outside of the test fold that choose the epoch (default 0: the last epoch's averaged weights)
  --epochs N        instead of the preset's
  --jobs N          runs at a time, a process each (default: all cores)
  --out DIR         runs, features and reports (default ~/.cache/emo/speech)
  --restart         train again what is already there
  --help
`

interface Options {
  readonly data: string
  readonly preset: SpeechPreset
  readonly name: PresetName
  readonly protocol: 'folds' | 'random' | 'final'
  readonly folds: readonly number[]
  readonly seeds: readonly number[]
  readonly validate: number
  readonly jobs: number
  readonly out: string
  readonly restart: boolean
}

function parseOptions(args: string[]): Options | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      model: { type: 'string', default: 'best' },
      folds: { type: 'string' },
      random: { type: 'boolean', default: false },
      final: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '1' },
      validate: { type: 'string', default: '0' },
      epochs: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string', default: join(homedir(), '.cache', 'emo', 'speech') },
      restart: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  if (values.data === undefined) throw new EmoError('USAGE', '--data is missing: give the folder that holds the corpora')
  if (!(values.model in presets)) throw new EmoError('USAGE', `--model ${values.model}: give one of ${Object.keys(presets).join(', ')}`)
  if (Number(values.random) + Number(values.final) + Number(values.folds !== undefined) > 1) {
    throw new EmoError('USAGE', 'give one of --folds, --random and --final')
  }
  const name = values.model as PresetName
  const preset: SpeechPreset = presets[name]
  return {
    data: resolve(values.data),
    name,
    preset: values.epochs === undefined ? preset : { ...preset, epochs: integer('--epochs', values.epochs, 1, 10_000) },
    protocol: values.random ? 'random' : values.final ? 'final' : 'folds',
    folds: integers('--folds', values.folds ?? Array.from({ length: foldCount }, (_, i) => i).join(), 0, foldCount - 1),
    seeds: integers('--seeds', values.seeds, 0, 2 ** 31),
    validate: integer('--validate', values.validate, 0, 4),
    jobs: integer('--jobs', values.jobs, 1, 64),
    out: resolve(values.out),
    restart: values.restart,
  }
}

function integer(flag: string, text: string, low: number, high: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < low || value > high) throw new EmoError('USAGE', `${flag} ${text}: give an integer from ${low} to ${high}`)
  return value
}

function integers(flag: string, text: string, low: number, high: number): number[] {
  return text.split(',').map((part) => integer(flag, part.trim(), low, high))
}

/** Every network that the options ask for. */
function plan(options: Options, ravdess: readonly Sample[], others: readonly Sample[]): RunRequest[] {
  const { name, preset, protocol, out, jobs, restart } = options
  const cases: { title: string; sides: Sides }[] =
    protocol === 'final'
      ? [{ title: 'final', sides: { train: [...ravdess, ...others], validation: [], test: [] } }]
      : protocol === 'random'
        ? [{ title: 'random', sides: randomSplit(ravdess, 1) }]
        : options.folds.map((fold) => ({ title: `fold${fold}`, sides: actorFold(ravdess, fold, options.validate) }))
  return options.seeds.flatMap((seed) =>
    cases.map(({ title, sides }) => ({
      directory: join(out, 'runs', `${name}-${title}${options.validate > 0 ? `-validate${options.validate}` : ''}-seed${seed}`),
      title: `${name} ${title} seed ${seed}`,
      preset,
      storeDirectory: join(out, 'features'),
      seed,
      train: toClips(sides.train),
      validation: toClips(sides.validation),
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
  const corpora: SpeechCorpus[] = protocol === 'final' ? ['ravdess', 'emodb'] : ['ravdess']
  const opened = await Promise.all(corpora.map((corpus) => openCorpus(data, corpus)))
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
  console.error(code?.startsWith('ERR_PARSE_ARGS') || code === 'USAGE' ? `${message}\nSee --help.` : `${code ?? 'ERROR'}: ${message}`)
  process.exitCode = code === 'TRAINING_INTERRUPTED' ? 130 : code?.startsWith('ERR_PARSE_ARGS') || code === 'USAGE' ? 2 : 1
})
