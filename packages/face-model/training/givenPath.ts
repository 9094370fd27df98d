import { resolve } from 'node:path'

/** A path from the command line: `npm run -w` starts scripts in the package's folder, and whoever typed it was elsewhere. */
export function givenPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path)
}
