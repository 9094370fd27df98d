import { createInterface } from 'node:readline'
import { EmoError } from '@emo/errors'
import { collectFiles } from './collectFiles.ts'
import { formatFailure, type FileFailure } from './fileFailure.ts'
import { csvFormat, jsonFormat, type PredictionFormat } from '../predictionFormat.ts'
import { createProgressLine } from './progressLine.ts'
import { openResumableOutput, type ResumableOutput } from './resumableOutput.ts'
import { selectShard, type Shard } from './shard.ts'
import { tableFormat } from './tableFormat.ts'
import { answerFiles } from './workerPool.ts'

/** Options of `emo predict`, as parsed. */
export interface PredictCommandOptions {
  readonly json?: boolean
  readonly csv?: boolean
  readonly workers: number
  readonly shard?: Shard
  readonly out?: string
  readonly crops?: boolean
  readonly quiet?: boolean
}

/** Runs `emo predict`; returns the exit status. */
export async function predictCommand(args: readonly string[], options: PredictCommandOptions): Promise<number> {
  const inputs = args.length === 1 && args[0] !== '-' ? args : await withStandardInput(args)
  const collected = await collectFiles(inputs)
  const format = chooseFormat(options)
  const shard = options.shard ?? { index: 0, count: 1 }
  const output = options.out === undefined ? undefined : openResumableOutput(options.out, format)
  try {
    const failures: readonly FileFailure[] = shard.index === 0 ? collected.failures : []
    const mine = selectShard(collected.files, shard)
    const files = output ? mine.filter((file) => !output.answered.has(format.key(file))) : mine
    if (output && files.length < mine.length && !options.quiet) {
      console.error(`emo: ${options.out}: ${mine.length - files.length} of ${mine.length} files answered before, going on`)
    }
    for (const failure of failures) console.error(formatFailure(failure))
    const failed = await answerAll(files, options, format, output)
    if (failed === 'interrupted') return 130
    return failed + failures.length > 0 ? 1 : 0
  } finally {
    output?.close()
  }
}

async function answerAll(
  files: readonly string[],
  options: PredictCommandOptions,
  format: PredictionFormat,
  output: ResumableOutput | undefined,
): Promise<number | 'interrupted'> {
  const abort = new AbortController()
  const interrupt = (): void => abort.abort()
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const progress = createProgressLine(files.length, process.stderr, options.quiet ?? false)
  let done = 0
  let failed = 0
  try {
    if (!output && format.header) await print(format.header)
    for await (const outcome of answerFiles(files, options.workers, { crops: options.crops }, abort.signal)) {
      done++
      if ('failure' in outcome) {
        failed++
        progress.clear()
        console.error(formatFailure(outcome.failure))
      } else {
        const line = format.line(outcome.prediction)
        if (output) output.write(line)
        else {
          progress.clear()
          await print(line)
        }
      }
      progress.update(done)
    }
    progress.clear()
    if (abort.signal.aborted && done < files.length) {
      console.error(
        `emo: interrupted after ${done} of ${files.length} files${output ? '; the same command goes on from here' : ''} [INTERRUPTED]`,
      )
      return 'interrupted'
    }
    return failed
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

function chooseFormat(options: PredictCommandOptions): PredictionFormat {
  if (options.json) return jsonFormat
  if (options.csv) return csvFormat
  // A file is read by programs: JSON lines unless CSV was asked for.
  return options.out === undefined ? tableFormat(process.stdout.isTTY && !process.env.NO_COLOR) : jsonFormat
}

/** Replaces `-` by the lines of standard input. */
async function withStandardInput(args: readonly string[]): Promise<string[]> {
  const inputs: string[] = []
  for (const arg of args) {
    if (arg !== '-') {
      inputs.push(arg)
      continue
    }
    for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) if (line !== '') inputs.push(line)
    if (inputs.length === 0) throw new EmoError('INPUT_EMPTY', 'standard input names no file; give one path a line')
  }
  return inputs
}

function print(line: string): Promise<void> {
  return new Promise((resolve) => {
    if (process.stdout.write(`${line}\n`)) resolve()
    else process.stdout.once('drain', resolve)
  })
}
