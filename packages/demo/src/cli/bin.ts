#!/usr/bin/env node
import { main } from './main.ts'
import { outputError } from './outputError.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `emo predict ... | head`: whoever read has enough.
  if (error.code === 'EPIPE') process.exit(0)
  const { message, code } = outputError('standard output', error)
  console.error(`emo: ${message} [${code}]`)
  process.exit(1)
})

// Nobody reads what went wrong any more: the answers still count.
process.stderr.on('error', () => undefined)

const status = await main(process.argv.slice(2))
// Whoever interrupts does not wait for a reader that reads no more.
if (status > 128) process.exit(status)
process.exitCode = status
