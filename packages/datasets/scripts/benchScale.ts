/**
 * Indexes a tree of AffectNet-like files and iterates it, reporting time and peak memory: `npm run bench:scale -- [--files 1000000] [--keep DIR]`.
 * Each picture comes with four annotations, as published: a million files are 200,000 pictures. The measurement runs in a process of its own.
 */
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openAffectNet, readBatches, readBytes } from '../src/index.ts'

const { files, keep, measure } = parseArgs({
  options: { files: { type: 'string', default: '1000000' }, keep: { type: 'string' }, measure: { type: 'string' } },
}).values

/** A NumPy file with one text of the given length, as AffectNet has them. */
function npy(text: string): Buffer {
  const header = `{'descr': '<U${text.length}', 'fortran_order': False, 'shape': (), }`.padEnd(117) + '\n'
  const body = Buffer.alloc(4 * text.length)
  ;[...text].forEach((letter, i) => body.writeUInt32LE(letter.charCodeAt(0), 4 * i))
  return Buffer.concat([Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]), Buffer.from(header), body])
}

function write(root: string, pictures: number): void {
  const [images, annotations] = ['images', 'annotations'].map((name) => join(root, 'train_set', name))
  mkdirSync(images, { recursive: true })
  mkdirSync(annotations, { recursive: true })
  const labels = Array.from({ length: 8 }, (_, i) => npy(String(i)))
  const value = npy('-0.176846')
  for (let i = 0; i < pictures; i++) {
    writeFileSync(join(images, `${i}.jpg`), 'a picture')
    writeFileSync(join(annotations, `${i}_exp.npy`), labels[i % 8])
    for (const kind of ['val', 'aro', 'lnd']) writeFileSync(join(annotations, `${i}_${kind}.npy`), value)
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)

async function run(root: string): Promise<void> {
  const start = performance.now()
  const dataset = await openAffectNet(root)
  const indexed = performance.now()
  const peak = process.resourceUsage().maxRSS / 1024
  console.log(`indexed ${dataset.samples.length} pictures, ${dataset.problems.length} problems, in ${((indexed - start) / 1000).toFixed(1)} s, peak ${Math.round(peak)} MB`)
  const resident: number[] = []
  let seen = 0
  for await (const { items } of readBatches(dataset.samples, { read: readBytes, batchSize: 256 })) {
    seen += items.length
    if (seen % Math.ceil(dataset.samples.length / 8) < 256) resident.push(megabytes(process.memoryUsage.rss()))
  }
  console.log(`read ${seen} pictures in ${((performance.now() - indexed) / 1000).toFixed(1)} s; resident on the way (MB): ${resident.join(', ')}`)
}

if (measure !== undefined) await run(measure)
else {
  const root = keep ?? mkdtempSync(join(tmpdir(), 'emo-scale-'))
  if (!existsSync(join(root, 'train_set'))) {
    console.log(`writing ${files} files below ${root}`)
    write(root, Math.floor(Number(files) / 5))
  }
  const child = fork(import.meta.filename, ['--measure', root], { execArgv: process.execArgv })
  process.exitCode = await new Promise<number>((resolve) => child.on('exit', (code) => resolve(code ?? 1)))
  if (keep === undefined) rmSync(root, { recursive: true, force: true })
}
