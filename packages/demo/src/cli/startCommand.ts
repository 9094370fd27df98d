import { fileURLToPath } from 'node:url'
import { relative } from 'node:path'
import { predictCommand } from './predictCommand.ts'
import { serveCommand, type ServeOptions } from './serveCommand.ts'

/** A real recording and a real photograph; licences beside them. Seen from `dist/cli`. */
const EXAMPLES = ['1001_DFA_ANG_XX.wav', 'astronaut.jpg'].map((name) => fileURLToPath(new URL(`../../examples/${name}`, import.meta.url)))

/** The tour: answers the two examples in the terminal, then serves the page. */
export async function startCommand(options: ServeOptions): Promise<number> {
  const files = EXAMPLES.map((file) => {
    const fromHere = relative(process.cwd(), file)
    return fromHere.startsWith('..') ? file : fromHere
  })
  console.log(`$ emo predict ${files.join(' ')}`)
  const status = await predictCommand(files, { workers: 1 })
  // The first answer that anybody sees of Emo may be wrong: say how to tell.
  console.log('The recording is acted: anger is meant. Answers marked "unsure" are wrong more often than right.')
  console.log('')
  if (status !== 0) return status
  return serveCommand(options)
}
