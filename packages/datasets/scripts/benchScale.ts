/**
 * Indexes a tree of AffectNet-like files and iterates it, decoding every picture and reading its landmarks' annotation, and reports time and
 * memory: `npm run bench:scale -- [--files 1000000] [--keep DIR]`. Each picture (a JPEG) comes with four annotations, as published: a million files
 * are 200,000 pictures. The measurement runs in a process of its own; it fails above 60 s, 1 GB, or when memory grows while iterating.
 */
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import jpeg from 'jpeg-js'
import { openAffectNet, openFileTree, readBatches, readImage } from '../src/index.ts'

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

/** A JPEG of 48 by 48 pixels. */
function picture(seed: number): Buffer {
  const data = Buffer.from(Uint8Array.from({ length: 48 * 48 * 4 }, (_, i) => 128 + 100 * Math.sin((i >> 2) / (5 + seed))))
  return jpeg.encode({ data, width: 48, height: 48 }, 70).data
}

function write(root: string, pictures: number): void {
  const [images, annotations] = ['images', 'annotations'].map((name) => join(root, 'train_set', name))
  mkdirSync(images, { recursive: true })
  mkdirSync(annotations, { recursive: true })
  const labels = Array.from({ length: 8 }, (_, i) => npy(String(i)))
  const value = npy('-0.176846')
  const faces = Array.from({ length: 16 }, (_, i) => picture(i))
  for (let i = 0; i < pictures; i++) {
    writeFileSync(join(images, `${i}.jpg`), faces[i % faces.length])
    writeFileSync(join(annotations, `${i}_exp.npy`), labels[i % 8])
    for (const kind of ['val', 'aro', 'lnd']) writeFileSync(join(annotations, `${i}_${kind}.npy`), value)
  }
}

const megabytes = (bytes: number) => Math.round(bytes / 2 ** 20)
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]

async function run(root: string): Promise<boolean> {
  const start = performance.now()
  const dataset = await openAffectNet(root)
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage()
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  console.log(
    `indexed ${dataset.samples.length} pictures, ${dataset.problems.length} problems, in ${seconds.toFixed(1)} s (processor ${((user + system) / 1e6).toFixed(1)} s), peak ${peak} MB`,
  )
  const resident: number[] = []
  const tree = await openFileTree(root)
  const started = performance.now()
  let seen = 0
  for await (const { samples, items } of readBatches(dataset.samples, {
    read: (sample) => readImage(sample, { width: 48, height: 48, channels: 1 }),
    batchSize: 256,
  })) {
    const annotations = await tree.readMany(
      samples.map(({ path }) => path.replace('/images/', '/annotations/').replace('.jpg', '_lnd.npy')),
    )
    if (annotations.includes(undefined)) throw new Error('an annotation is missing')
    seen += items.length
    if (seen % Math.ceil(dataset.samples.length / 16) < 256) resident.push(megabytes(process.memoryUsage.rss()))
  }
  console.log(
    `decoded ${seen} pictures in ${((performance.now() - started) / 1000).toFixed(1)} s; resident on the way (MB): ${resident.join(', ')}`,
  )
  // Collections come when they like: halves are compared, not moments.
  const half = Math.floor(resident.length / 2)
  const [first, second] = [median(resident.slice(0, half)), median(resident.slice(half))]
  const good = seconds <= 60 && peak <= 1000 && second <= 1.1 * first && Math.max(...resident) <= 1000
  console.log(`${good ? 'ok' : 'MISSED'}: at most 60 s and 1 GB; memory flat (median of the halves ${first} and ${second} MB)`)
  return good
}

if (measure !== undefined) process.exitCode = (await run(measure)) ? 0 : 1
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
