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

process.exitCode = await main(process.argv.slice(2))
