import { execFileSync } from 'node:child_process'

/** Files of a tarball as text, one after the other; names begin after `package/`. */
export function textOf(tarball: string, ...names: readonly string[]): string {
  return execFileSync('tar', ['-xzOf', tarball, ...names.map((name) => `package/${name}`)], { encoding: 'utf8' })
}

/** Names of the files of a tarball. */
export function filesOf(tarball: string): string[] {
  return execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((name) => name.replace('package/', ''))
}
