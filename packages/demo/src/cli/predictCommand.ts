import { once } from 'node:events'
import type { FileInput } from './answerFile.ts'
import { collectFiles } from './collectFiles.ts'
import { describeFailure, formatFailure, type FileFailure } from './fileFailure.ts'
import { csvFormat, jsonFormat, type PredictionFormat } from '../predictionFormat.ts'
import { createProgressLine } from './progressLine.ts'
import { openResumableOutput, type ResumableOutput } from './resumableOutput.ts'
import { selectShard, type Shard } from './shard.ts'
import { readStandardInput } from './standardInput.ts'
import { tableFormat } from './tableFormat.ts'
import { answerFiles } from './workerPool.ts'

/** Options of `emo predict`, as parsed. */
export interface PredictCommandOptions {
  readonly json?: boolean
  readonly csv?: boolean
  readonly workers: number
  readonly shard?: Shard
  readonly output?: string
  readonly crops?: boolean
  readonly mirrored?: boolean
  readonly quiet?: boolean
}

/** As shells report a program that a signal ended: 128 and the signal's number. */
const INTERRUPTED_STATUS = { SIGINT: 130, SIGTERM: 143 } as const

/** Runs `emo predict`; returns the exit status. */
export async function predictCommand(args: readonly string[], options: PredictCommandOptions): Promise<number> {
  const { inputs, media, failure } = await withStandardInput(args)
  const collected = await collectFiles(inputs)
  const all = media ? ['-', ...collected.files] : collected.files
  const format = chooseFormat(options)
  const shard = options.shard ?? { index: 0, count: 1 }
  const output = options.output === undefined ? undefined : openResumableOutput(options.output, format)
  try {
    const failures = shard.index === 0 ? [...(failure ? [failure] : []), ...collected.failures] : []
    const mine = selectShard(all, shard)
    const files = output ? mine.filter((file) => !output.hasAnswered(file)) : mine
    if (output && files.length < mine.length && !options.quiet) {
      console.error(`emo: ${options.output}: ${mine.length - files.length} of ${mine.length} files answered before, going on`)
    }
    for (const failure of failures) console.error(formatFailure(failure))
    const inputsOf = files.map((file): FileInput => (file === '-' && media ? { file, bytes: media } : { file }))
    const failed = await answerAll(inputsOf, options, format, output)
    if (typeof failed === 'string') return INTERRUPTED_STATUS[failed]
    return failed + failures.length > 0 ? 1 : 0
  } finally {
    output?.close()
  }
}

async function answerAll(
  files: readonly FileInput[],
  options: PredictCommandOptions,
  format: PredictionFormat,
  output: ResumableOutput | undefined,
): Promise<number | keyof typeof INTERRUPTED_STATUS> {
  const abort = new AbortController()
  let interruptedBy: keyof typeof INTERRUPTED_STATUS = 'SIGINT'
  const interrupt = (signal: keyof typeof INTERRUPTED_STATUS): void => {
    interruptedBy = signal
    abort.abort()
  }
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
  const progress = createProgressLine(files.length, process.stderr, options.quiet ?? false)
  let done = 0
  let failed = 0
  try {
    if (!output && format.header) await print(format.header, abort.signal)
    for await (const outcome of answerFiles(files, options.workers, { crops: options.crops, mirrored: options.mirrored }, abort.signal)) {
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
          await print(line, abort.signal)
        }
      }
      progress.update(done)
    }
    progress.clear()
    if (abort.signal.aborted && done < files.length) {
      console.error(
        `emo: interrupted after ${done} of ${files.length} files${output ? '; the same command goes on from here' : ''} [INTERRUPTED]`,
      )
      return interruptedBy
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
  return options.output === undefined ? tableFormat(process.stdout.isTTY && !process.env.NO_COLOR) : jsonFormat
}

/** What the arguments name, once standard input has been read. */
interface GivenInputs {
  readonly inputs: readonly string[]
  /** Standard input, where it is a recording or picture itself. */
  readonly media?: Uint8Array
  /** Why standard input is of no use. */
  readonly failure?: FileFailure
}

/** Replaces `-` by what standard input lists; where it is a recording or picture itself, or of no use, by nothing. */
async function withStandardInput(args: readonly string[]): Promise<GivenInputs> {
  if (!args.includes('-')) return { inputs: args }
  const rest = args.filter((arg) => arg !== '-')
  try {
    const given = await readStandardInput(process.stdin)
    if ('media' in given) return { inputs: rest, media: given.media }
    const at = args.indexOf('-')
    return { inputs: [...rest.slice(0, at), ...given.paths, ...rest.slice(at)] }
  } catch (error) {
    return { inputs: rest, failure: describeFailure('-', error) }
  }
}

/** Waits for whoever reads, until the signal. */
async function print(line: string, signal: AbortSignal): Promise<void> {
  if (process.stdout.write(`${line}\n`)) return
  await once(process.stdout, 'drain', { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
