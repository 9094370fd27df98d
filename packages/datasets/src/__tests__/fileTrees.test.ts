import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  openFer2013,
  openFileTree,
  openRavdess,
  readAudio,
  readImage,
  type DirectoryHandleLike,
  type FileHandleLike,
  type FileLike,
  type FileTree,
} from '../index.ts'
import { safePath } from '../files/fileTree.ts'
import { readTable } from '../files/readTable.ts'
import { codeOf, greyPixels, unprivileged, wav, writeTree, type Files } from './trees.ts'

async function walk(tree: FileTree, under?: string) {
  const found: string[] = []
  for await (const batch of tree.walk(under))
    for (const { path, problem } of batch) found.push(problem === undefined ? path : `${problem.code} ${path}`)
  return found.sort()
}

const bytesOf = (content: Uint8Array | string) => (typeof content === 'string' ? new TextEncoder().encode(content) : content)

function fileLike(path: string, content: Uint8Array | string, webkitRelativePath = ''): FileLike {
  // A real Blob, as browsers have it.
  const blob = new Blob([bytesOf(content) as Uint8Array<ArrayBuffer>])
  return {
    name: path.slice(path.lastIndexOf('/') + 1),
    webkitRelativePath,
    size: blob.size,
    arrayBuffer: () => blob.arrayBuffer(),
    slice: (start, end) => blob.slice(start, end),
  }
}

/** What `<input webkitdirectory>` gives. */
const fileList = (files: Files): FileLike[] => Object.entries(files).map(([path, content]) => fileLike(path, content, `picked/${path}`))

/** What `showDirectoryPicker()` gives. */
function directoryHandle(files: Files, name = 'picked'): DirectoryHandleLike {
  const children = new Map<string, DirectoryHandleLike | FileHandleLike>()
  const folders = new Set(Object.keys(files).flatMap((path) => (path.includes('/') ? [path.slice(0, path.indexOf('/'))] : [])))
  for (const folder of folders) {
    const inner = Object.entries(files).flatMap(([path, content]) =>
      path.startsWith(`${folder}/`) ? [[path.slice(folder.length + 1), content] as const] : [],
    )
    children.set(folder, directoryHandle(Object.fromEntries(inner), folder))
  }
  for (const [path, content] of Object.entries(files)) {
    if (!path.includes('/')) children.set(path, { kind: 'file', name: path, getFile: () => Promise.resolve(fileLike(path, content)) })
  }
  const child = <K extends 'file' | 'directory'>(kind: K, key: string) => {
    const found = children.get(key)
    return found?.kind === kind
      ? Promise.resolve(found as Extract<DirectoryHandleLike | FileHandleLike, { kind: K }>)
      : Promise.reject(new DOMException('not found', 'NotFoundError'))
  }
  return {
    kind: 'directory',
    name,
    async *values() {
      for (const value of children.values()) yield await Promise.resolve(value)
    },
    getDirectoryHandle: (key) => child('directory', key),
    getFileHandle: (key) => child('file', key),
  }
}

describe('a folder in Node', () => {
  it('must be one', async () => {
    const root = writeTree({ file: 'x' })
    expect(await codeOf(openFileTree(join(root, 'none')))).toBe('FILE_NOT_FOUND')
    expect(await codeOf(openFileTree(join(root, 'file')))).toBe('NOT_A_FOLDER')
    expect(await codeOf(openRavdess(join(root, 'file')))).toBe('NOT_A_FOLDER')
    expect(await codeOf(openFileTree(7 as never))).toBe('NOT_A_FOLDER')
    expect(await codeOf(openFileTree(null as never))).toBe('NOT_A_FOLDER')
  })

  it('may lack permission: the whole is refused, a part is a problem', async () => {
    const root = writeTree({
      'Actor_01/03-01-05-01-01-01-01.wav': wav(1),
      'Actor_02/03-01-05-01-01-01-02.wav': wav(2),
      'Actor_03/03-01-05-01-01-01-03.wav': wav(3),
    })
    chmodSync(root, 0o755)
    chmodSync(join(root, 'Actor_02'), 0o000)
    chmodSync(join(root, 'Actor_03/03-01-05-01-01-01-03.wav'), 0o000)
    const dataset = await unprivileged(() => openRavdess(root))
    expect(dataset.samples.map(({ speaker }) => speaker)).toEqual(['01'])
    expect(dataset.problems.filter(({ code }) => code === 'UNREADABLE').map(({ path }) => path)).toEqual([
      'Actor_02',
      'Actor_03/03-01-05-01-01-01-03.wav',
    ])
    chmodSync(root, 0o000)
    expect(await unprivileged(() => codeOf(openRavdess(root)))).toBe('FILE_PERMISSION')
    chmodSync(root, 0o755)
  })

  it('is walked in a time that grows with its folders, however they link to one another', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `f${String(i).padStart(2, '0')}`)
    const root = writeTree(Object.fromEntries(names.map((name) => [`${name}/one.wav`, wav(1)])))
    for (const from of names) for (const to of names) if (from !== to) symlinkSync(join(root, to), join(root, from, to))
    const found = await walk(await openFileTree(root))
    expect(found.filter((path) => path.endsWith('.wav'))).toEqual(names.map((name) => `${name}/one.wav`))
    expect(found.filter((path) => path.startsWith('DUPLICATE'))).toHaveLength(12 * 11)
  })

  it('gives each recording once where a link leads to its folder, and says so', async () => {
    const root = writeTree({ 'deep/03-01-05-01-01-01-01.wav': wav(1) })
    symlinkSync(join(root, 'deep'), join(root, 'also'))
    const { samples, problems } = await openRavdess(root)
    expect(samples.map(({ path }) => path)).toEqual(['deep/03-01-05-01-01-01-01.wav'])
    expect(problems).toContainEqual({ code: 'DUPLICATE', path: 'also', reason: expect.stringContaining('deep') as string })
  })

  it('may have links: followed within, never outside or in circles', async () => {
    const outside = writeTree({ 'secret.wav': wav(1) })
    const root = writeTree({ 'a/one.wav': wav(1), 'b/two.wav': wav(2) })
    symlinkSync(outside, join(root, 'a/outside'))
    symlinkSync(join(outside, 'secret.wav'), join(root, 'a/secret.wav'))
    symlinkSync(root, join(root, 'a/up'))
    symlinkSync('self', join(root, 'a/self'))
    symlinkSync('nowhere', join(root, 'a/broken'))
    symlinkSync(join(root, 'b'), join(root, 'a/b'))
    symlinkSync(join(root, 'b/two.wav'), join(root, 'a/linked.wav'))
    symlinkSync(join(root, 'a'), join(root, 'b/a'))
    const tree = await openFileTree(root)
    expect(await walk(tree)).toEqual([
      'DUPLICATE a/b',
      'DUPLICATE b/a',
      'LINK_LOOP a/self',
      'LINK_LOOP a/up',
      'OUTSIDE_FOLDER a/outside',
      'OUTSIDE_FOLDER a/secret.wav',
      'UNREADABLE a/broken',
      'a/linked.wav',
      'a/one.wav',
      'b/two.wav',
    ])
    // From a folder of it, a link leads to what the walk would not meet otherwise.
    expect((await walk(tree, 'a')).filter((path) => path.endsWith('.wav'))).toEqual([
      'OUTSIDE_FOLDER a/secret.wav',
      'a/b/two.wav',
      'a/linked.wav',
      'a/one.wav',
    ])
    expect(await codeOf(tree.read('a/secret.wav'))).toBe('PATH_OUTSIDE')
    expect(await codeOf(tree.read('a/outside/secret.wav'))).toBe('PATH_OUTSIDE')
    expect(await codeOf(tree.read('../x'))).toBe('PATH_OUTSIDE')
    expect(await walk(tree, 'a/outside')).toEqual(['OUTSIDE_FOLDER a/outside'])
    expect(await tree.read('a/linked.wav')).toEqual(Buffer.from(wav(2)))
  })

  it('has no way out through many files at once either', async () => {
    const outside = writeTree({ 'secret.npy': 'secret', 'inner/secret.npy': 'secret' })
    const root = writeTree({ 'a/one.npy': 'one' })
    symlinkSync(join(outside, 'secret.npy'), join(root, 'a/secret.npy'))
    symlinkSync(join(outside, 'inner'), join(root, 'b'))
    symlinkSync(join(root, 'a/one.npy'), join(root, 'linked.npy'))
    symlinkSync(join(root, 'a'), join(root, 'c'))
    const tree = await openFileTree(root)
    const paths = ['a/one.npy', 'a/secret.npy', 'b/secret.npy', 'linked.npy', 'c/one.npy', '../x', 'none/at-all']
    const text = (bytes?: Uint8Array) => bytes && Buffer.from(bytes).toString()
    expect((await tree.readMany(paths)).map(text)).toEqual(['one', undefined, undefined, 'one', 'one', undefined, undefined])
    expect((await tree.readMany(paths, 2)).map(text)).toEqual(['on', undefined, undefined, 'on', 'on', undefined, undefined])
    expect(await tree.sizes(paths)).toEqual([3, -1, -1, 3, 3, -1, -1])
    expect(await tree.peek()).toEqual(['a/', 'b', 'c/', 'linked.npy'])
  })

  it('may be a link itself', async () => {
    const root = writeTree({ 'real/one.wav': wav(1) })
    symlinkSync(join(root, 'real'), join(root, 'link'))
    expect(await walk(await openFileTree(join(root, 'link')))).toEqual(['one.wav'])
  })

  it('may have names in any alphabet', async () => {
    const names = ['日本語/声.wav', 'Ελλάδα/φωνή.wav', 'عربي/صوت.wav', '👩🏽/🎙️.wav', 'sp ace/% #?.wav', 'e\u0301/é.wav']
    const tree = await openFileTree(writeTree(Object.fromEntries(names.map((name, i) => [name, wav(i)]))))
    expect(await walk(tree)).toEqual([...names].sort())
    for (const [i, name] of names.entries()) expect(new Uint8Array(await tree.read(name))).toEqual(wav(i))
  })

  it('may hold more files than fit a batch', async () => {
    const files = Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`many/${i}`, '']))
    const tree = await openFileTree(writeTree(files))
    expect(await walk(tree)).toEqual(Object.keys(files).sort())
    expect(await tree.sizes(Object.keys(files))).toEqual(new Array(2500).fill(0))
  })
})

describe('readMany', () => {
  it('reads all or the first bytes, whatever the size', async () => {
    const big = Uint8Array.from({ length: 50_000 }, (_, i) => i % 251)
    const files = { small: Uint8Array.of(1, 2, 3), big, empty: '' }
    mkdirSync(join(writeTree({}), 'x'))
    for (const folder of [writeTree(files), fileList(files), directoryHandle(files)]) {
      const tree = await openFileTree(folder)
      const read = async (limit?: number) =>
        (await tree.readMany(['small', 'big', 'empty', 'none'], limit)).map((bytes) => bytes && [...bytes])
      expect(await read()).toEqual([[1, 2, 3], [...big], [], undefined])
      expect(await read(2)).toEqual([[1, 2], [...big.subarray(0, 2)], [], undefined])
      expect(await read(20_000)).toEqual([[1, 2, 3], [...big.subarray(0, 20_000)], [], undefined])
    }
  })
})

describe('a folder picked in a browser', () => {
  const files: Files = {
    'Actor_12/03-01-06-02-02-01-12.wav': wav(1),
    'Actor_12/03-01-06-02-02-02-12.wav': wav(1),
    'Actor_12/nonsense.wav': wav(3),
    'Actor_01/03-01-05-01-01-01-01.wav': '',
    'readme.txt': 'x',
  }

  it('opens to the same dataset as in Node, by handle or list of files', async () => {
    const node = await openRavdess(writeTree(files))
    for (const folder of [fileList(files), directoryHandle(files)]) {
      const picked = await openRavdess(folder)
      expect(picked.name).toBe('picked')
      expect(JSON.parse(JSON.stringify(picked.samples))).toEqual(JSON.parse(JSON.stringify(node.samples)))
      expect(picked.problems).toEqual(node.problems)
      expect(picked.ignored).toEqual(node.ignored)
      expect(await readAudio(picked.samples[0])).toEqual(await readAudio(node.samples[0]))
    }
    expect(node.samples).toHaveLength(2)
  })

  it('streams a csv and reads rows out of it', async () => {
    const csv = `emotion,pixels,Usage\n0,${greyPixels(1).join(' ')},Training\n3,${greyPixels(2).join(' ')},PublicTest\n`
    for (const folder of [fileList({ 'fer2013.csv': csv }), directoryHandle({ 'fer2013.csv': csv })]) {
      const dataset = await openFer2013(folder)
      expect((await readImage(dataset.samples[1])).data).toEqual(greyPixels(2))
    }
  })

  it('answers for what is not there as Node does', async () => {
    for (const folder of [fileList(files), directoryHandle(files)]) {
      const tree = await openFileTree(folder)
      expect(await codeOf(tree.read('none'))).toBe('FILE_NOT_FOUND')
      expect(await codeOf(tree.read('../x'))).toBe('PATH_OUTSIDE')
      expect(await tree.exists('readme.txt')).toBe(true)
      expect(await tree.exists('Actor_12')).toBe(false)
      expect(await tree.peek()).toEqual(['Actor_01/', 'Actor_12/', 'readme.txt'])
      expect(await tree.peek('Actor_01')).toEqual(['03-01-05-01-01-01-01.wav'])
      expect(await tree.peek('none')).toEqual([])
      expect(await walk(tree, 'Actor_01')).toEqual(['Actor_01/03-01-05-01-01-01-01.wav'])
      expect(await tree.sizes(['readme.txt', 'none'])).toEqual([1, -1])
      expect(Buffer.from(await tree.read('Actor_12/nonsense.wav', 4, 10))).toEqual(Buffer.from(wav(3).subarray(4, 10)))
    }
  })
})

it.skipIf(process.platform === 'win32')(
  'a name with a backslash, which separates folders below a tree, is named as a problem',
  async () => {
    const tree = await openFileTree(writeTree({ 'a.wav': wav(1), 'b\\c.wav': wav(2) }))
    expect(await walk(tree)).toEqual(['UNREADABLE b\\c.wav', 'a.wav'])
  },
)

describe('safePath', () => {
  it('never leads outside', () => {
    for (const path of ['/etc/passwd', '..', 'a/../../b', 'C:\\x', 'c:/x', '\\\\host\\x', 'a\0b']) {
      expect(() => safePath(path)).toThrow(expect.objectContaining({ code: 'PATH_OUTSIDE' }))
    }
    expect(safePath('a/./b/../c\\d')).toBe('a/c/d')
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '.', 'a', 'b', '', '/', '\\')), (parts) => {
        let safe: string
        try {
          safe = safePath(parts.join('/'))
        } catch (error) {
          expect(error).toMatchObject({ code: 'PATH_OUTSIDE' })
          return
        }
        expect(join('/root', safe).startsWith('/root')).toBe(true)
        expect(safe.split('/')).not.toContain('..')
      }),
    )
  })
})

describe('readTable', () => {
  it('reads rows over chunk borders, with quotes and byte order mark', async () => {
    const text = '\uFEFFname, "x"\r\n"a, b",1\n\nc\n żółć ,2'
    for (const size of [1, 2, 5, 100]) {
      const bytes = new TextEncoder().encode(text)
      const tree = await openFileTree(fileList({ t: bytes }))
      const chunked: FileTree = Object.create(tree, {
        stream: {
          value: async function* () {
            for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.slice(at, at + size))
          },
        },
      }) as FileTree
      const table = await readTable(chunked, 't')
      const rows: unknown[] = []
      for await (const { line, columns, get } of table.rows) rows.push([line, columns, get('name'), get('"x"') || get('x'), get('none')])
      expect(rows).toEqual([
        [2, 2, 'a, b', '1', ''],
        [4, 1, 'c', '', ''],
        [5, 2, 'żółć', '2', ''],
      ])
    }
  })
})

it('the Node parts are not imported: bundles for browsers have no trace of them', () => {
  const source = readFileSync(join(import.meta.dirname, '../files/nodeFileTree.ts'), 'utf8')
  expect(/^import (?!type).*node:/m.test(source)).toBe(false)
})
