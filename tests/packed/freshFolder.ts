import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const run = promisify(execFile)

/** An empty folder with all packed packages installed, and `packages` from the registry; its name begins with `prefix`. */
export async function freshFolder(packages: readonly string[] = [], prefix = 'app-'): Promise<string> {
  const folder = await mkdtemp(join(inject('scratch'), prefix))
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'fresh', private: true, type: 'module' }))
  const tarballs = inject('tarballs').map(({ path }) => path)
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', ...packages, ...tarballs], {
    cwd: folder,
  })
  return folder
}

/** Copies files of apps/ into a folder. */
export async function copyApp(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [from, to] of Object.entries(files)) {
    await mkdir(join(folder, to, '..'), { recursive: true })
    await cp(join(import.meta.dirname, 'apps', from), join(folder, to))
  }
}

/** Runs a program; rejects with its stderr when it fails. */
export async function execute(folder: string, command: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run(command, [...args], { cwd: folder, maxBuffer: 1 << 26 })
}
