import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { isTypeScript, workerUrl } from '../workerUrl.ts'
import type { WorkerData } from './workerMessages.ts'

/**
 * Starts a training worker.
 *
 * Node's workers do not inherit tsx, so a worker or recipe in TypeScript registers it for itself.
 */
export function startWorker(workerData: WorkerData): Worker {
  if (!isTypeScript(workerUrl.href) && !isTypeScript(workerData.recipe)) return new Worker(workerUrl, { workerData })
  const tsx = new URL('dist/esm/api/index.mjs', pathToFileURL(createRequire(workerData.recipe).resolve('tsx/package.json')))
  const execArgv = process.execArgv.filter((argument) => !argument.startsWith('--input-type'))
  if (isTypeScript(workerUrl.href) && !execArgv.includes('--conditions=@emo/source')) execArgv.push('--conditions=@emo/source')
  const code = `import('${tsx.href}').then(({ register }) => { register(); return import('${workerUrl.href}') })`
  return new Worker(code, { eval: true, workerData, execArgv })
}
