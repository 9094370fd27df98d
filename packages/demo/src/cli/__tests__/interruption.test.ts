import type { ChildProcess } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { greyPng } from '../../../../datasets/src/__tests__/trees.ts'
import { runCommand } from './runCommand.ts'
import { CLIP, clipSamples, copyTo, floatWav, write } from './testFiles.ts'

vi.setConfig({ testTimeout: 300_000 })

// So many that none of the three signals below comes after the last one, however late on a busy machine.
const FILES = 150
let folder: string
let names: string[]
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'emo-interruption-'))
  names = Array.from({ length: FILES }, (_, i) => `clip${String(i).padStart(3, '0')}.wav`)
  copyTo(CLIP, folder, names)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const linesOf = (path: string): string[] => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [])

/** Signals a command as soon as its output holds so many more lines than now. */
function signalMidway(output: string, signal: NodeJS.Signals, more = 3): (child: ChildProcess) => void {
  const wanted = linesOf(output).length + more
  return (child) => {
    const timer = setInterval(() => {
      if (linesOf(output).length < wanted) return
      clearInterval(timer)
      child.kill(signal)
    }, 5)
    child.on('exit', () => clearInterval(timer))
  }
}

it.each([
  ['jsonl', '--json', '1'],
  ['csv', '--csv', '2'],
])('killed and interrupted again and again, output.%s answers each file exactly once', async (ending, format, workers) => {
  const output = join(folder, `output.${ending}`)
  const header = ending === 'csv' ? 1 : 0
  const args = ['predict', '.', format, '--workers', workers, '--output', output]
  const run = (signal?: NodeJS.Signals) => runCommand(args, { cwd: folder, during: signal && signalMidway(output, signal) })

  expect((await run('SIGKILL')).signal).toBe('SIGKILL')
  const killed = linesOf(output).length
  expect(killed).toBeLessThan(FILES)
  // What a crash of the machine leaves: a last line that is torn.
  appendFileSync(output, ending === 'csv' ? '"clip14' : '{"file":"clip149.wav","moda')

  const interrupted = await run('SIGINT')
  expect(interrupted).toMatchObject({ status: 130, stdout: '', signal: null })
  expect(interrupted.stderr).toContain(`${killed - header} of ${FILES} files answered before, going on`)
  expect(interrupted.stderr).toMatch(/interrupted after \d+ of \d+ files; the same command goes on from here \[INTERRUPTED\]/)
  expect(await run('SIGTERM')).toMatchObject({ status: 143, signal: null })

  expect(await run()).toMatchObject({ status: 0, stdout: '' })
  const lines = linesOf(output)
  const files = lines.slice(header).map((line) => (ending === 'csv' ? line.split(',')[0] : (JSON.parse(line) as { file: string }).file))
  expect(files).toEqual(names)

  // Nothing is left to do, and nothing is done.
  const before = readFileSync(output)
  const again = await run()
  expect(again).toMatchObject({ status: 0, stdout: '', stderr: `emo: ${output}: ${FILES} of ${FILES} files answered before, going on\n` })
  expect(Buffer.compare(readFileSync(output), before)).toBe(0)
})

it('hears of an interruption while it is busy with a long file', async () => {
  const clip = clipSamples()
  const long = Float32Array.from({ length: 100 * clip.length }, (_, i) => clip[i % clip.length])
  write(folder, 'long/long.wav', floatWav(long, 16_000, 1))
  const output = join(folder, 'long.jsonl')
  const args = ['predict', names[0], 'long/long.wav', '--output', output]
  const { status, stderr } = await runCommand(args, { cwd: folder, during: signalMidway(output, 'SIGINT', 1) })
  expect(stderr).toMatch(/interrupted after 1 of 2 files; the same command goes on from here \[INTERRUPTED\]\n$/)
  expect(status).toBe(130)
})

it('hears of an interruption while nobody reads its answers', async () => {
  // Long names fill the pipe.
  const deep = join('deep', ...Array.from({ length: 15 }, (_, i) => String.fromCharCode(97 + i).repeat(200)))
  mkdirSync(join(folder, deep), { recursive: true })
  const picture = greyPng(100)
  for (let i = 0; i < 400; i++) writeFileSync(join(folder, deep, `${i}.png`), picture)
  let heard = false
  const { status } = await runCommand(['predict', 'deep', '--json', '--quiet'], {
    cwd: folder,
    during: (child) => {
      child.stdout!.once('data', () => {
        child.stdout!.pause()
        setTimeout(() => child.kill('SIGINT'), 3000)
      })
      child.on('exit', () => {
        heard = true
        child.stdout!.resume()
      })
    },
  })
  expect(heard).toBe(true)
  expect(status).toBe(130)
})

it('goes on where nobody reads its messages', async () => {
  for (let i = 0; i < 4; i++) write(folder, `odd/bad${i}.wav`, Buffer.from('RIFF'))
  write(folder, 'odd/good.wav', readFileSync(CLIP))
  const output = join(folder, 'odd.jsonl')
  await runCommand(['predict', 'odd', '--output', output], { cwd: folder, during: (child) => child.stderr!.destroy() })
  expect(linesOf(output)).toHaveLength(1)
})

it('refuses to write into a file that holds something else', async () => {
  const before = readFileSync(join(folder, names[0]))
  const { status, stderr } = await runCommand(['predict', names[1], '--output', names[0]], { cwd: folder })
  expect(status).toBe(1)
  expect(stderr).toMatch(/\[OUTPUT_NOT_RESUMABLE\]\n$/)
  expect(Buffer.compare(readFileSync(join(folder, names[0])), before)).toBe(0)
})
