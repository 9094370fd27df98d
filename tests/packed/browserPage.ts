import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'

/** What apps/browser.js answers. */
export interface BrowserAnswer {
  readonly both: ModelAnswers
  readonly detected: readonly Face[]
  /** Faces of the same photograph as other things that a browser draws, and the codes of a closed frame's and of an unsendable picture's error. */
  readonly otherwise: { readonly faces: Readonly<Record<string, readonly Face[]>>; readonly codes: readonly string[] }
  readonly inWorker: Pick<ModelAnswers, 'speech' | 'face'>
}

interface Face {
  readonly box: Readonly<Record<string, number>>
  readonly emotion: string
  readonly confidence: number
}

/** What apps/models.js answers. */
export interface ModelAnswers {
  readonly backend: string
  readonly speech: Prediction
  readonly face: Prediction
}

/** The common part of both models' predictions. */
export interface Prediction {
  readonly emotion: string | null
  readonly confidence: number
  readonly scores: Readonly<Record<string, number>>
}

/** A page's answer, and what it asked of the network. */
export interface PageResult<Answer> {
  readonly answer: Answer
  /** Requests to other origins; all were refused. */
  readonly foreign: readonly string[]
  /** Failed requests, page errors and errors on the console. */
  readonly errors: readonly string[]
}

// Chromium's own background traffic is not the page's; sound may start without a click.
const quiet = [
  '--no-sandbox',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Opens a page in Chromium and waits for its `globalThis.answer`. */
export async function openPage<Answer>(address: string): Promise<PageResult<Answer>> {
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: quiet })
  try {
    const page = await browser.newPage()
    const foreign: string[] = []
    const errors: string[] = []
    await page.context().route('**', (route) => {
      const url = new URL(route.request().url())
      if (url.origin === new URL(address).origin || !url.protocol.startsWith('http')) return route.continue()
      foreign.push(url.href)
      return route.abort()
    })
    page.on('pageerror', (error) => errors.push(error.message))
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())))
    page.on('response', (response) => void (response.status() >= 400 && errors.push(`${response.status()} ${response.url()}`)))
    await page.goto(address)
    // The first visit of a dev server may reload the page when it finds more dependencies.
    const handle = await page.waitForFunction(() => (globalThis as { answer?: unknown }).answer, undefined, { timeout: 120_000 })
    const { answer, error } = (await handle.jsonValue()) as { answer?: Answer; error?: string }
    if (answer === undefined) throw new Error(`the page failed: ${error}\n${errors.join('\n')}`)
    return { answer, foreign, errors }
  } finally {
    await browser.close()
  }
}

/** Starts a script that serves the app and prints its address. */
export async function serve(folder: string, script: string): Promise<{ address: string; stop(): void }> {
  const child = spawn(process.execPath, [script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  const address = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => line.startsWith('http') && resolve(line))
    child.on('exit', (code) => reject(new Error(`${script} ended with ${code}: ${stderr}`)))
  })
  return { address, stop: () => child.kill() }
}
