#!/usr/bin/env node
// Not built but written, so that it is there when `npm ci` links a checkout's commands, which is before the first build.
import { existsSync } from 'node:fs'

const command = new URL('../dist/cli/emo.js', import.meta.url)
if (existsSync(command)) {
  await import(command.href)
} else {
  console.error('emo is not built yet. In the checkout: npm run build')
  process.exitCode = 1
}
