#!/usr/bin/env node
/**
 * Everything that has to hold, in one command: build, static checks, unit tests, packed packages in fresh apps, browser tests.
 * Ends with one line `N passed, N failed`; exit status 1 if anything failed. A browser that is missing is a failure under CI=true
 * and a loud skip elsewhere.
 *
 *   npm test                  all of it
 *   npm test -- unit lint     only the named steps
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

process.env.NX_DAEMON ??= 'false'
process.env.NX_TUI ??= 'false'
const scratch = mkdtempSync(join(tmpdir(), 'emo-test-'))

/** Steps in the order of what fails cheapest first; `vitest` steps count their tests, the others count as one. */
const steps = [
  { name: 'build', command: 'npx nx run-many -t build' },
  { name: 'format', command: 'npx prettier --check .' },
  { name: 'lint', command: 'npx nx run-many -t lint' },
  { name: 'typecheck', command: 'npx nx run-many -t typecheck' },
  { name: 'knip', command: 'npx knip' },
  { name: 'check', command: 'npx nx run-many -t check' },
  { name: 'size', command: 'npx size-limit' },
  { name: 'unit', vitest: 'vitest.config.ts' },
  { name: 'packed', vitest: 'tests/packed/vitest.config.ts' },
  { name: 'e2e', vitest: 'packages/demo/e2e/vitest.config.ts' },
]

const only = process.argv.slice(2)
const unknown = only.filter((name) => !steps.some((step) => step.name === name))
if (unknown.length > 0) {
  console.error(`Unknown step: ${unknown.join(', ')}. Steps: ${steps.map((step) => step.name).join(', ')}.`)
  process.exit(2)
}

const total = { passed: 0, failed: 0, skipped: 0 }
const rows = []
for (const step of steps) {
  if (only.length > 0 && !only.includes(step.name)) continue
  console.log(`\n=== ${step.name}`)
  const started = Date.now()
  const counts = step.vitest ? runVitest(step) : runCommand(step.command)
  for (const key of Object.keys(total)) total[key] += counts[key]
  rows.push([step.name, counts, ((Date.now() - started) / 1000).toFixed(1)])
}
rmSync(scratch, { recursive: true, force: true })

console.log('')
for (const [name, { passed, failed, skipped }, seconds] of rows) {
  const skips = skipped > 0 ? `, ${skipped} skipped` : ''
  console.log(`${name.padEnd(10)} ${passed} passed, ${failed} failed${skips} (${seconds} s)`)
}
console.log('')
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exit(total.failed > 0 ? 1 : 0)

function runCommand(command) {
  const { status } = spawnSync(command, { shell: true, stdio: 'inherit' })
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 }
}

function runVitest({ name, vitest }) {
  const outputFile = join(scratch, `${name}.json`)
  const { status } = spawnSync(`npx vitest run --config ${vitest} --reporter=default --reporter=json --outputFile.json=${outputFile}`, {
    shell: true,
    stdio: 'inherit',
  })
  if (!existsSync(outputFile)) return { passed: 0, failed: 1, skipped: 0 }
  const report = JSON.parse(readFileSync(outputFile, 'utf8'))
  const failedFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  const failed = report.numFailedTests + failedFiles.length
  return {
    passed: report.numPassedTests,
    // An error outside any test (a crashed worker, an unhandled rejection) fails the step too.
    failed: status !== 0 && failed === 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}
