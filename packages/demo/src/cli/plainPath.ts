import { normalize } from 'node:path'

/** One spelling for `./a//b` and `a/b`. Paths with `..` stay as they are: behind a link it leads elsewhere than back. */
export function plainPath(path: string): string {
  return path.split(/[\\/]/).includes('..') ? path : normalize(path)
}
