import { EmoError } from '@emo/errors'
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { version } from '../../package.json'
import { SHELLS, type Shell } from './completion.ts'
import { formatFailure, describeFailure } from './fileFailure.ts'
import { DATASET_NAMES } from './datasetNames.ts'
import type { EvaluateCommandOptions } from './evaluateCommand.ts'
import type { InspectCommandOptions } from './inspectCommand.ts'
import type { PredictCommandOptions } from './predictCommand.ts'
import type { ServeOptions } from './serveCommand.ts'
import { parseShard } from './shard.ts'

const EXIT_STATUS = `
Exit status: 0 everything was answered; 1 something could not be (one line each on stderr, ending in a [CODE]); 2 wrong usage.`

const integer =
  (minimum: number, maximum: number) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN
    if (!(value >= minimum && value <= maximum)) throw new InvalidArgumentError(`Give a whole number from ${minimum} to ${maximum}.`)
    return value
  }

/** Builds the program; `finish` receives the exit status of the command that ran. */
export function createProgram(finish: (status: number) => void): Command {
  const program = new Command('emo')
    .description('Recognises the emotion in voices and faces, on this computer, without network.')
    .version(version, '-V, --version')
    .exitOverride()
    .showHelpAfterError('Try: emo --help')
    .addHelpText(
      'after',
      `
Without a command: emo serve.${EXIT_STATUS}`,
    )

  const lookingAtFaces = (command: Command): Command =>
    command
      .option('--crops', 'every picture is one face that fills it: do not look for faces (default: where no side is longer than 96 pixels)')
      .option('--no-crops', 'look for faces in every picture, however small')
      .option('--mirrored', 'look at each face a second time as its mirror image: more accurate, in about twice the time')

  lookingAtFaces(
    program
      .command('predict')
      .summary('the emotion in recordings and pictures')
      .description(
        'Prints the emotion in each recording (wav, mp3, flac, ogg) or picture (png, jpeg, tiff).\nA FILE may be a folder, a pattern such as "takes/**/*.wav", or - for standard input: the bytes of one file, or one path a line.\nIn folders, files of other formats are counted on stderr and hidden ones left out. Patterns take upper and lower case for the same.',
      )
      .argument('<file...>', 'files, folders, patterns, or -')
      .addOption(
        new Option('--json', 'one JSON object a line: file, modality, emotion, confidence, scores, uncertain, faces').conflicts('csv'),
      )
      .option('--csv', 'CSV with a header'),
  )
    .option('--workers <n>', 'files answered at the same time, each thread with its own models', integer(1, 256), 1)
    .addOption(new Option('--shard <i/n>', 'answer only every n-th file, to spread the work over n machines').argParser(parseShard))
    .option('-o, --output <file>', 'append to a file (JSON lines, or CSV with --csv); files it already answers are skipped')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', EXIT_STATUS)
    .action(async (files: string[], options: PredictCommandOptions) => {
      finish(await (await import('./predictCommand.ts')).predictCommand(files, options))
    })

  lookingAtFaces(
    program
      .command('evaluate')
      .summary('accuracy on a labelled corpus')
      .description(
        'Measures accuracy, unweighted average recall and the confusion matrix of the bundled model on a corpus.\nSays so where the model was trained on it: then the figures do not tell how it does with new people.',
      )
      .addOption(new Option('--dataset <name>', 'the corpus').choices(DATASET_NAMES).makeOptionMandatory())
      .requiredOption('--data <dir>', 'its folder (or csv file)')
      .addOption(
        new Option('--split <name>', "side of the corpus's own split; default: test, or validation, where it has one").choices([
          'train',
          'validation',
          'test',
          'all',
        ]),
      )
      .option('--limit <n>', 'only n samples, drawn at random, always the same ones, of each emotion its share', integer(1, 1e9)),
  )
    .option('--json', 'one JSON object')
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', EXIT_STATUS)
    .action(async (options: EvaluateCommandOptions) => {
      finish(await (await import('./evaluateCommand.ts')).evaluateCommand(options))
    })

  program
    .command('inspect')
    .summary('what a corpus, or a folder of recordings or pictures, holds')
    .description(
      'Recognises which corpus a folder is and counts its samples by class, speaker and split, with durations and every problem.\nOf any other folder: formats, durations, sizes, and every file that cannot be used.',
    )
    .argument('<dir>', 'a folder, or the csv file of FER2013')
    .addOption(new Option('--dataset <name>', 'the corpus, where the folder does not tell').choices(DATASET_NAMES))
    .option('--decode', 'also decode every file: damage inside, formats, silence, clipping (takes longer)')
    .option('--json', 'one JSON object')
    .option('-q, --quiet', 'no progress')
    .addHelpText(
      'after',
      `
Exit status: 0 every file could be used; 1 some could not (they are among the problems), or the folder cannot be read; 2 wrong usage.`,
    )
    .action(async (dir: string, options: InspectCommandOptions) => {
      finish(await (await import('./inspectCommand.ts')).inspectCommand(dir, options))
    })

  const serving = (command: Command): Command =>
    command
      .option('--port <n>', 'port on 127.0.0.1; 0 lets the system choose (default: 4173, or the next free one)', integer(0, 65535))
      .option('--open', 'open the browser')
      .option('--no-open', 'do not open the browser')

  serving(
    program.command('serve').summary('the page: files, microphone and camera').description('Serves the page on this computer only.'),
  ).action(async (options: ServeOptions) => {
    finish(await (await import('./serveCommand.ts')).serveCommand(options))
  })

  serving(
    program
      .command('tour')
      .summary('two examples in the terminal, then the page')
      .description('Answers a real recording and a real photograph, then serves the page.'),
  ).action(async (options: ServeOptions) => {
    finish(await (await import('./startCommand.ts')).startCommand(options))
  })

  program
    .command('completion')
    .summary('completion script for a shell')
    .description('Prints a completion script, for example: emo completion bash > ~/.local/share/bash-completion/completions/emo')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action(async (shell: Shell) => {
      process.stdout.write((await import('./completion.ts')).completionScript(program, shell))
      finish(0)
    })

  for (const command of program.commands) command.showHelpAfterError(`Try: emo ${command.name()} --help`)
  return program
}

/** Runs the command line; returns the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  let status = 0
  const program = createProgram((value) => {
    status = value
  })
  try {
    // `npx @emo/demo` alone shows the page.
    await program.parseAsync(argv.length === 0 ? ['serve'] : argv, { from: 'user' })
    return status
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof EmoError) console.error(`emo: ${error.message} [${error.code}]`)
    else console.error(formatFailure(describeFailure('internal error', error)))
    return 1
  }
}
