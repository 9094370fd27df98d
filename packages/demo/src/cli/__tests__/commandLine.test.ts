import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import papaparse from 'papaparse'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { greyPng } from '../../../../datasets/src/__tests__/trees.ts'
import { version } from '../../../package.json'
import { EMOTION_ORDER } from '../../emotionDisplay.ts'
import type { FilePrediction } from '../../prediction.ts'
import { createProgram } from '../main.ts'
import { runCommand } from './runCommand.ts'
import { CLIP, clipSamples, copyTo, floatWav, ONE_PIXEL_PNG, PHOTOGRAPH, write } from './testFiles.ts'

// Each of these starts programs of its own, which may have to share two cores with much else: so no progress, which appears when a run takes long.
vi.setConfig({ testTimeout: 300_000 })

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'emo-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The administrator may read everything: not here. */
const UNPRIVILEGED = process.getuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : []

const lines = (text: string): string[] => text.split('\n').slice(0, -1)
const predictions = (stdout: string): FilePrediction[] => lines(stdout).map((line) => JSON.parse(line) as FilePrediction)
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

describe('emo', () => {
  it('prints its version', async () => {
    expect(await runCommand(['--version'])).toEqual({ stdout: `${version}\n`, stderr: '', status: 0, signal: null })
  })

  it('explains itself and every command', async () => {
    const program = createProgram(() => undefined)
    const main = await runCommand(['--help'])
    expect(main).toMatchObject({ status: 0, stderr: '' })
    // Long summaries are wrapped.
    const text = main.stdout.replace(/\s+/g, ' ')
    for (const command of program.commands) expect(text).toContain(command.summary())
    const helps = await Promise.all(program.commands.map((command) => runCommand([command.name(), '--help'])))
    helps.forEach(({ stdout, stderr, status }, i) => {
      const command = program.commands[i]
      expect({ stderr, status }, command.name()).toEqual({ stderr: '', status: 0 })
      expect(stdout).toContain(`Usage: emo ${command.name()}`)
      for (const { long } of command.options) expect(stdout).toContain(long)
    })
  })

  it.each([
    [['predcit'], "unknown command 'predcit'", 'Did you mean predict?', 'emo --help'],
    [['predict', '--jsno', 'a'], "unknown option '--jsno'", 'Did you mean --json?', 'emo predict --help'],
    [['predict'], "missing required argument 'file'", '', 'emo predict --help'],
    [['predict', '--workers', '0', 'a'], 'Give a whole number from 1 to 256', '', 'emo predict --help'],
    [['predict', '--shard', '3/2', 'a'], 'Give I/N', '', 'emo predict --help'],
    [['predict', '--json', '--csv', 'a'], 'cannot be used with', '', 'emo predict --help'],
    [['evaluate', '--data', '.'], "required option '--dataset <name>' not specified", '', 'emo evaluate --help'],
    [['evaluate', '--dataset', 'ravdes', '--data', '.'], 'Allowed choices are ravdess', '', 'emo evaluate --help'],
    [['serve', '--port', '70000'], 'Give a whole number from 0 to 65535', '', 'emo serve --help'],
    [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish', '', 'emo completion --help'],
  ])('says what is wrong with %j', async (args, problem, hint, help) => {
    const { stdout, stderr, status } = await runCommand(args)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
    expect(stderr).toContain(problem)
    expect(stderr).toContain(hint)
    expect(stderr).toContain(`Try: ${help}`)
  })
})

describe('emo predict', () => {
  it('writes one JSON object a line: file, modality, emotion, confidence, scores, uncertain, and faces of pictures', async () => {
    const { stdout, stderr, status } = await runCommand(['predict', '--quiet', CLIP, PHOTOGRAPH, '--json'])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const [speech, face] = predictions(stdout)
    expect(Object.keys(speech)).toEqual(['file', 'modality', 'emotion', 'confidence', 'scores', 'uncertain'])
    expect(speech).toMatchObject({ file: CLIP, modality: 'speech' })
    expect(Object.keys(face)).toEqual(['file', 'modality', 'emotion', 'confidence', 'scores', 'uncertain', 'faces'])
    expect(face).toMatchObject({ file: PHOTOGRAPH, modality: 'face' })
    for (const { emotion, confidence, scores } of [speech, face, ...face.faces!]) {
      expect(sum(Object.values(scores))).toBeCloseTo(1, 4)
      expect(confidence).toBe(Math.max(...Object.values(scores)))
      expect(scores[emotion]).toBe(confidence)
    }
    expect(Object.keys(speech.scores)).toHaveLength(8)
    expect(Object.keys(face.scores)).toHaveLength(7)
    expect(face.faces).toHaveLength(1)
    const { x, y, width, height } = face.faces![0].box
    expect(x >= 0 && y >= 0 && x + width <= 512 && y + height <= 512 && width > 20 && height > 20).toBe(true)
  })

  it('answers folders, patterns and files, in order, each once, as a table without escape sequences in a pipe', async () => {
    const home = join(folder, 'media')
    copyTo(CLIP, home, ['takes/b.wav', 'takes/a.wav', 'takes/deep/c.WAV', 'single.wav'])
    write(home, 'takes/notes.txt', 'not media')
    const { stdout, stderr, status } = await runCommand(['predict', '--quiet', 'takes', 'single.wav', '*.wav'], { cwd: home })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(lines(stdout).map((line) => line.split(/\s+/).at(-1))).toEqual(['takes/a.wav', 'takes/b.wav', 'takes/deep/c.WAV', 'single.wav'])
    expect(lines(stdout)[0]).toMatch(/^\S+ [A-Z][a-z]+ +[█░]{10} +\d+ % {2}(unsure| {6}) {2}speech {2}takes\/a\.wav$/)
    // eslint-disable-next-line no-control-regex -- the very thing that must not be there
    expect(stdout).not.toMatch(/\u001b/)
  })

  it('writes CSV that a parser reads back, whatever the file name', async () => {
    const [odd] = copyTo(CLIP, folder, ['odd, "näme".wav'])
    const { stdout, stderr, status } = await runCommand(['predict', '--quiet', odd, PHOTOGRAPH, '--csv'])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const { data, errors } = papaparse.parse<Record<string, string>>(stdout, { header: true, skipEmptyLines: true })
    expect(errors).toEqual([])
    expect(data.map(({ file, modality, faces }) => ({ file, modality, faces }))).toEqual([
      { file: odd, modality: 'speech', faces: '' },
      { file: PHOTOGRAPH, modality: 'face', faces: '1' },
    ])
    for (const row of data) expect(sum(EMOTION_ORDER.map((emotion) => Number(row[emotion])))).toBeCloseTo(1, 4)
  })

  it('reads a list of files, or one file, from standard input', async () => {
    const list = await runCommand(['predict', '--quiet', '-', '--json'], { input: `${CLIP}\n${PHOTOGRAPH}\n` })
    expect(list).toMatchObject({ stderr: '', status: 0 })
    expect(predictions(list.stdout).map(({ file }) => file)).toEqual([CLIP, PHOTOGRAPH])
    const bytes = await runCommand(['predict', '--quiet', '-', '--json', '--workers', '2'], { input: readFileSync(CLIP) })
    expect(bytes).toMatchObject({ stderr: '', status: 0 })
    expect(predictions(bytes.stdout)).toEqual([{ ...predictions(list.stdout)[0], file: '-' }])
    const nothing = await runCommand(['predict', '--quiet', '-'])
    expect(nothing).toMatchObject({ stdout: '', status: 1 })
    expect(nothing.stderr).toMatch(/\[INPUT_EMPTY\]\n$/)
  })

  it('answers good files beside bad ones, with a line and a code for each of those', async () => {
    const home = join(folder, 'bad')
    copyTo(CLIP, home, ['good.wav'])
    const clip = clipSamples()
    write(home, 'truncated.wav', readFileSync(CLIP).subarray(0, 30))
    write(home, 'cut.jpg', readFileSync(PHOTOGRAPH).subarray(0, 20_000))
    write(home, 'paper.png', '%PDF-1.7\n%âãÏÓ\n1 0 obj\n')
    write(home, 'empty.wav', '')
    write(home, 'silence.wav', floatWav(new Float32Array(16_000), 16_000, 1))
    write(
      home,
      'nan.wav',
      floatWav(
        clip.map((value, i) => (i === 9_000 ? NaN : value)),
        16_000,
        1,
      ),
    )
    write(home, 'pixel.png', ONE_PIXEL_PNG)
    write(home, 'small.png', greyPng(1))
    execFileSync('mkfifo', [join(home, 'pipe.wav')])
    write(
      home,
      'eight.wav',
      floatWav(
        Float32Array.from({ length: clip.length * 8 }, (_, i) => clip[i >> 3]),
        16_000,
        8,
      ),
    )
    write(
      home,
      'antiphase.wav',
      floatWav(
        Float32Array.from({ length: clip.length * 2 }, (_, i) => (i % 2 === 0 ? 1 : -1) * clip[i >> 1]),
        16_000,
        2,
      ),
    )
    chmodSync(copyTo(CLIP, home, ['locked.wav'])[0], 0)
    mkdirSync(join(home, 'folder.wav/nothing'), { recursive: true })
    const files = [
      'good.wav',
      'truncated.wav',
      'cut.jpg',
      'paper.png',
      'empty.wav',
      'silence.wav',
      'nan.wav',
      'pixel.png',
      'pipe.wav',
      'small.png',
      'eight.wav',
      'antiphase.wav',
      'locked.wav',
      'folder.wav',
      'missing.wav',
      CLIP,
    ]
    const { stdout, stderr, status } = await runCommand(['predict', '--quiet', ...files, '--json', '--workers', '2'], {
      cwd: home,
      under: UNPRIVILEGED,
    })
    expect(status).toBe(1)
    const codes = Object.fromEntries(lines(stderr).map((line) => /^emo: (\S+): .+ \[([A-Z_]+)\]$/.exec(line)!.slice(1) as [string, string]))
    expect(codes).toEqual({
      'truncated.wav': 'AUDIO_TRUNCATED',
      'cut.jpg': 'IMAGE_TRUNCATED',
      'paper.png': 'FILE_UNSUPPORTED',
      'empty.wav': 'FILE_EMPTY',
      'silence.wav': 'SPEECH_NOT_FOUND',
      'nan.wav': 'AUDIO_CORRUPT',
      'pixel.png': 'IMAGE_TOO_SMALL',
      'pipe.wav': 'FILE_NOT_REGULAR',
      'locked.wav': 'FILE_NOT_READABLE',
      'folder.wav': 'FOLDER_EMPTY',
      'missing.wav': 'FILE_NOT_FOUND',
    })
    const answers = predictions(stdout)
    expect(answers.map(({ file }) => file)).toEqual(['good.wav', 'small.png', 'eight.wav', 'antiphase.wav', CLIP])
    const [good, , eight, antiphase] = answers
    // Eight equal channels mix to the clip itself, two of opposite polarity to nothing.
    for (const { emotion, confidence } of [eight, antiphase]) {
      expect(emotion).toBe(good.emotion)
      expect(confidence).toBeCloseTo(good.confidence, 3)
    }
  })

  it('takes bytes that are no recording, picture or list on standard input for nothing else, and answers the other files', async () => {
    const input = Buffer.from('\0\0\0\x1cftypM4A \0\0\x02\0M4A isom\n.\n/\n*\n\xff', 'latin1')
    const { stdout, stderr, status } = await runCommand(['predict', '--quiet', '-', CLIP, '--json'], { input })
    expect(stderr).toMatch(/^emo: -: mp4 or m4a cannot be read; .+ \[FILE_UNSUPPORTED\]\n$/)
    expect(status).toBe(1)
    expect(predictions(stdout).map(({ file }) => file)).toEqual([CLIP])
  })

  it.skipIf(process.platform !== 'linux')('says in one line that an output takes no more', async () => {
    const home = join(folder, 'full')
    copyTo(
      CLIP,
      home,
      Array.from({ length: 8 }, (_, i) => `${i}.wav`),
    )
    const full = await runCommand(['predict', '--quiet', '.', '--json'], { cwd: home, under: ['sh', '-c', 'exec "$@" > /dev/full', 'sh'] })
    expect(full.stderr).toMatch(/^emo: cannot write standard output: ENOSPC.* \[OUTPUT_NOT_WRITABLE\]\n$/)
    expect(full.status).toBe(1)
    // Files of at most 1 kB.
    const quota = await runCommand(['predict', '--quiet', '.', '--output', 'out'], {
      cwd: home,
      under: ['bash', '-c', 'ulimit -f 1; exec "$@"', 'bash'],
    })
    expect(quota.stderr).toMatch(/^emo: cannot write out: EFBIG.* \[OUTPUT_NOT_WRITABLE\]\n$/)
    expect(quota.status).toBe(1)
  })

  it('writes no escape sequence and no line break of a name in the table', async () => {
    const home = join(folder, 'names')
    copyTo(CLIP, home, ['esc\x1b[31mred\n.wav'])
    const { stdout, stderr } = await runCommand(['predict', '--quiet', '.'], { cwd: home })
    expect(stderr).toBe('')
    expect(lines(stdout)).toEqual([expect.stringMatching(/ {2}esc \[31mred \.wav$/)])
  })

  it('looks at faces twice with --mirrored, and for them in small pictures with --no-crops', async () => {
    const [plain, mirrored] = await Promise.all(
      [[], ['--mirrored']].map((option) => runCommand(['predict', '--quiet', PHOTOGRAPH, '--json', ...option])),
    )
    const [once, twice] = [plain, mirrored].map(({ stdout }) => predictions(stdout)[0])
    expect(twice.faces![0].box).toEqual(once.faces![0].box)
    expect(twice.scores).not.toEqual(once.scores)
    const small = write(folder, 'small.png', greyPng(1))
    expect((await runCommand(['predict', '--quiet', small, '--json'])).status).toBe(0)
    expect((await runCommand(['predict', '--quiet', small, '--no-crops'])).stderr).toMatch(/\[FACE_NOT_FOUND\]\n$/)
  })

  it('answers the same, in the same order, with several workers and when the work is spread over shards', async () => {
    const home = join(folder, 'many')
    const clip = clipSamples()
    // Long and short ones, so that workers overtake each other.
    const names = Array.from({ length: 12 }, (_, i) => `${'abcdefghijkl'[i]}.wav`)
    names.forEach((name, i) =>
      write(home, name, floatWav(clip.subarray(0, Math.round(clip.length * (i % 3 === 0 ? 1 : 0.3 + 0.02 * i))), 16_000, 1)),
    )
    const alone = await runCommand(['predict', '--quiet', '.', '--json'], { cwd: home })
    expect(alone).toMatchObject({ stderr: '', status: 0 })
    expect(predictions(alone.stdout).map(({ file }) => file)).toEqual(names)
    const shared = await runCommand(['predict', '--quiet', '.', '--json', '--workers', '3'], { cwd: home })
    expect(shared).toEqual(alone)
    // The second machine lists the files in another order.
    const shards = await Promise.all([
      runCommand(['predict', '--quiet', ...names, '--json', '--shard', '1/2'], { cwd: home }),
      runCommand(['predict', '--quiet', ...[...names].reverse(), '--json', '--shard', '2/2'], { cwd: home }),
    ])
    expect(shards.flatMap(({ stdout }) => lines(stdout)).sort()).toEqual(lines(alone.stdout).sort())
  })
})

describe('emo evaluate', () => {
  it('measures a corpus of recordings, as JSON', async () => {
    const data = join(folder, 'ravdess')
    copyTo(CLIP, data, ['Actor_01/03-01-05-01-01-01-01.wav', 'Actor_01/03-01-04-01-01-01-01.wav', 'Actor_02/03-01-05-01-01-01-02.wav'])
    const { stdout, stderr, status } = await runCommand(['evaluate', '--quiet', '--dataset', 'ravdess', '--data', data, '--json'])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    const report = JSON.parse(stdout) as Record<string, unknown>
    expect(report).toMatchObject({
      dataset: 'ravdess',
      modality: 'speech',
      samples: 3,
      trainedOn: true,
      evaluated: 3,
      classes: ['anger', 'sadness'],
      unanswered: 0,
      failed: [],
    })
    // The same clip under both labels: it is answered alike, so one class is right and the other wrong.
    expect(report.uar).toBe(0.5)
    expect(report.confusionMatrix).toEqual(
      (report.accuracy as number) > 0.5
        ? [
            [2, 0],
            [1, 0],
          ]
        : [
            [0, 2],
            [0, 1],
          ],
    )
  })

  it('lets the model be wrong about a part of a corpus, and names what it lost', async () => {
    const data = join(folder, 'savee')
    copyTo(CLIP, data, ['DC_a01.wav', 'DC_h01.wav', 'DC_su01.wav', 'JE_a01.wav'])
    write(data, 'JE_h01.wav', '')
    write(data, 'JE_h02.wav', readFileSync(CLIP).subarray(0, 3_000))
    const run = (...options: string[]) =>
      runCommand(['evaluate', '--quiet', '--dataset', 'savee', '--data', data, '--limit', '1', ...options])
    const { stdout, stderr, status } = await run('--json')
    expect(status).toBe(1)
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^emo: JE_h01\.wav: .+ \[EMPTY_FILE\]$/),
      expect.stringMatching(/^emo: JE_h02\.wav: .+ \[UNDECODABLE\]$/),
    ])
    const report = JSON.parse(stdout) as { perClass: { emotion: string; support: number }[] }
    expect(report).toMatchObject({ samples: 1, trainedOn: false, classes: ['anger', 'happiness', 'surprise'] })
    const absent = report.perClass.filter(({ support }) => support === 0).map(({ emotion }) => emotion)
    expect(absent).toHaveLength(2)
    const table = (await run()).stdout
    expect(table).toContain(`not among these samples, so in none of the means: ${absent.join(', ')}\n`)
    expect(table).not.toContain('trained')
  })

  it('measures the test side of FER2013, as a table', async () => {
    const pixels = Array.from({ length: 48 * 48 }, (_, i) => (i * 37) % 256).join(' ')
    const rows = ['Training', 'PublicTest', 'PrivateTest', 'PrivateTest'].map((usage, i) => `${i % 2 === 0 ? 0 : 3},${pixels},${usage}`)
    const data = write(folder, 'fer2013.csv', ['emotion,pixels,Usage', ...rows, ''].join('\n'))
    const { stdout, stderr, status } = await runCommand(['evaluate', '--quiet', '--dataset', 'fer2013', '--data', data])
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    expect(stdout).toMatch(/^fer2013, test split: 2 samples, 2 classes, face model$/m)
    expect(stdout).toMatch(/^accuracy +50\.00 %$/m)
    expect(stdout).not.toContain('trained')
    const train = await runCommand(['evaluate', '--quiet', '--dataset', 'fer2013', '--data', data, '--split', 'train'])
    expect(train.stdout).toMatch(/^The model was trained on samples of this corpus: .+CARD\.md of @emo\/face-model\.$/m)
  })

  it('fails in words where there is no such corpus', async () => {
    const { stdout, stderr, status } = await runCommand(['evaluate', '--quiet', '--dataset', 'savee', '--data', join(folder, 'nowhere')])
    expect({ stdout, status }).toEqual({ stdout: '', status: 1 })
    expect(stderr).toMatch(/^emo: .*nowhere.* \[[A-Z_]+\]\n$/)
  })
})
