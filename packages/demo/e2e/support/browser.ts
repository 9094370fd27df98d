import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { chromium, type Browser, type Page } from 'playwright-core'
import sirv from 'sirv'
import { servePage } from '../../src/cli/serveCommand.ts'

/** A path seen from `e2e`. */
export const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))

/** Where Chromium or Chrome is. */
export const executablePath = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find(
  (file) => file && existsSync(file),
)

/** No browser: a loud skip at home, a failure in CI. */
export const noBrowser = !executablePath && !process.env.CI
if (noBrowser) console.error('SKIPPED: no Chromium found; set CHROME_PATH')

/** Devices that Chromium makes up: a microphone that plays a file over and over, a camera that shows one. */
export interface FakeDevices {
  readonly wav: string
  readonly y4m: string
}

/** Flags of Chromium for made-up devices, and a person who always agrees. */
function deviceFlags({ wav, y4m }: FakeDevices): string[] {
  return [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-audio-capture=${wav}`,
    `--use-file-for-fake-video-capture=${y4m}`,
  ]
}

/** A browser with a fresh profile. */
export function launch(devices?: FakeDevices, flags: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', ...(devices ? deviceFlags(devices) : []), ...flags],
  })
}

/** The built page on loopback. */
export async function serve(): Promise<{ url: string; close: () => void }> {
  const { server, url } = await servePage(0, path('../dist/web/'))
  return {
    url,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/**
 * A folder as a host in the network serves it, without the headers of `emo serve`.
 *
 * @returns `flags`: for a browser that shall find that host, and take it for one with https
 */
export async function serveElsewhere(root = path('../dist/web/')): Promise<{ url: string; flags: string[]; close: () => void }> {
  const files = sirv(root, { dev: true })
  const server = createServer((request, response) => files(request, response, () => void response.writeHead(404).end()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://emo.example:${(server.address() as AddressInfo).port}`
  return {
    url: `${origin}/`,
    flags: ['--host-resolver-rules=MAP emo.example 127.0.0.1', `--unsafely-treat-insecure-origin-as-secure=${origin}`],
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Addresses that a page asks of any other origin, as they come. */
export function foreignRequests(page: Page, url: string): string[] {
  const foreign: string[] = []
  page.context().on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url)) foreign.push(request.url())
  })
  return foreign
}

/** What goes wrong in a page: uncaught errors, refusals of the content security policy. */
export function pageErrors(page: Page): string[] {
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  return errors
}
