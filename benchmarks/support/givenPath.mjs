import { resolve } from 'node:path'

/** A path from the command line: `npm run -w` starts scripts in the workspace's folder, and whoever typed it was elsewhere. */
export function givenPath(path = '.') {
  return resolve(process.env.INIT_CWD ?? '.', path)
}
