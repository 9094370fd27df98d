import { availableParallelism, homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { EmoError } from '@emo/errors'
import { presets, type PresetName, type SpeechPreset } from './presets.ts'
import { foldCount } from './splits.ts'

/** What `--help` prints. */
export const usage = `Usage: npx nx run speech-model:train --data DIR [options]

Trains a speech model on RAVDESS (portable: and on EmoDB) and reports what it reaches. Stops cleanly on Ctrl-C;
the same command goes on where it stopped, and skips what is finished.

  --data DIR        folder that holds ravdess/ and, for portable, emodb/
  --model NAME      portable (default): the one that ships, level and steady noise removed, the same answers at any
                    sample rate
                    best: RAVDESS alone, level kept, for comparison
                    paper: the published LSTM
  --folds LIST      speaker-independent folds to run, e.g. 0,1,2,3,4 (the default)
  --random          the paper's protocol instead: a random fifth (another for each seed) is tested on, the same actors on both sides
  --final           train on all permitted data instead; nothing is left to test on
  --seeds LIST      seeds to run, e.g. 1,2,3 (default 1); --seeds 3 is the seed 3, not three seeds
  --validate N      actors outside of the test fold that choose the epoch (default 0: the last epoch's averaged weights)
  --epochs N        instead of the preset's
  --jobs N          runs at a time, a process each (default: all cores)
  --out DIR         runs, features and reports (default ~/.cache/emo/speech)
  --restart         train again what is already there
  --help
`

/** What the command line asks for. */
export interface TrainCommand {
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

/** Reads the command line; throws `USAGE` or one of parseArgs' errors, see {@link isUsageError}. */
export function parseOptions(args: string[]): TrainCommand | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      model: { type: 'string', default: 'portable' },
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
  if (!/^\d+$/.test(text) || value < low || value > high)
    throw new EmoError('USAGE', `${flag} ${text}: give an integer from ${low} to ${high}`)
  return value
}

function integers(flag: string, text: string, low: number, high: number): number[] {
  return text.split(',').map((part) => integer(flag, part.trim(), low, high))
}

/** Whether the command line is to blame. */
export function isUsageError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code
  return code === 'USAGE' || (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS'))
}
