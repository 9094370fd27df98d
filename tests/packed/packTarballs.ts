import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** A packed package. */
export interface Tarball {
  readonly name: string
  readonly path: string
  /** The keys of its `exports`, without those that are not modules. */
  readonly entries: readonly string[]
}

declare module 'vitest' {
  interface ProvidedContext {
    workspace: string
    scratch: string
    tarballs: readonly Tarball[]
  }
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports: Readonly<Record<string, unknown>>
}

/** Packs every publishable package, as `npm publish` would. */
export default function packTarballs(project: TestProject): () => void {
  const workspace = join(import.meta.dirname, '../..')
  // A path that has to be escaped in URLs, and in which bundlers still work.
  const scratch = join(mkdtempSync(join(tmpdir(), 'emo-packed-')), 'fresh folder')
  mkdirSync(scratch)
  const tarballs = readdirSync(join(workspace, 'packages'))
    .map((folder) => join(workspace, 'packages', folder))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .flatMap((folder) => pack(folder, scratch))
  project.provide('workspace', workspace)
  project.provide('scratch', scratch)
  project.provide('tarballs', tarballs)
  return () => rmSync(join(scratch, '..'), { recursive: true, force: true })
}

function pack(folder: string, scratch: string): Tarball[] {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  if (manifest.private) return []
  if (!existsSync(join(folder, 'dist'))) throw new Error(`${manifest.name} is not built: run \`npm run build\` first`)
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [{ filename }] = JSON.parse(output) as { filename: string }[]
  const entries = Object.keys(manifest.exports).filter((key) => key !== './package.json')
  return [{ name: manifest.name, path: join(scratch, filename), entries }]
}
