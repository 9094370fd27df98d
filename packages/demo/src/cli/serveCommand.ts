import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { EmoError } from '@emo/errors'
import sirv from 'sirv'
import { CONTENT_SECURITY_POLICY } from '../contentSecurityPolicy.ts'

/** Options of `emo serve`. */
export interface ServeOptions {
  /** 0 lets the system choose. Without it: 4173, or the next free one. */
  readonly port?: number
  /** Open the browser. Default: where a person sits at a terminal with a display. */
  readonly open?: boolean
}

const DEFAULT_PORT = 4173
const PORTS_TO_TRY = 20
const INDEX = 'index.html'
/** The page, as built: seen from `dist/cli`, or from `src/cli`. */
const WEB_ROOTS = ['../web/', '../../dist/web/'].map((path) => fileURLToPath(new URL(path, import.meta.url)))

/** Serves the page on loopback until interrupted; returns the exit status. */
export async function serveCommand(options: ServeOptions): Promise<number> {
  const { server, url } = await servePage(options.port)
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve)
  })
  console.log(`Emo runs at ${url}`)
  console.log('Everything stays on this computer. Stop with Ctrl-C.')
  if (options.open ?? canOpenBrowser()) {
    const { default: open } = await import('open')
    await open(url).catch(() => undefined)
  }
  await interrupted
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  return 0
}

/**
 * Starts the server of the page on 127.0.0.1.
 *
 * @throws EmoError `PAGE_MISSING` if the page was not built, `PORT_IN_USE`, `PORT_NOT_ALLOWED`
 */
export async function servePage(
  port?: number,
  root = WEB_ROOTS.find((path) => existsSync(path + INDEX)) ?? WEB_ROOTS[0],
): Promise<{ server: Server; url: string }> {
  if (!existsSync(root + INDEX)) {
    throw new EmoError('PAGE_MISSING', `the page is not in ${root}; in the repository, build it with: npx nx build demo`)
  }
  const serveFile = sirv(root, {
    etag: true,
    // Looks for files when they are asked for: a list made now would be wrong once the page is built anew.
    dev: true,
    setHeaders: (response, path) => {
      // File names under assets/ carry a hash of their contents.
      response.setHeader('Cache-Control', path.includes('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  const server = createServer((request, response) => {
    const { port: bound } = server.address() as AddressInfo
    // A foreign name that resolves to 127.0.0.1 (DNS rebinding) gets nothing.
    if (![`127.0.0.1:${bound}`, `localhost:${bound}`].includes(request.headers.host ?? '')) {
      response.writeHead(403).end('This server answers only on loopback.\n')
      return
    }
    response.setHeader('Content-Security-Policy', `${CONTENT_SECURITY_POLICY}; frame-ancestors 'none'`)
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin')
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp')
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
    response.setHeader('Permissions-Policy', 'microphone=(self), camera=(self), geolocation=(), payment=(), usb=()')
    response.setHeader('Referrer-Policy', 'no-referrer')
    response.setHeader('X-Content-Type-Options', 'nosniff')
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end()
      return
    }
    if (!isPlainRange(request.headers.range)) delete request.headers.range
    serveFile(request, response, () => {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found\n')
    })
  })
  const candidates = port === undefined ? Array.from({ length: PORTS_TO_TRY }, (_, i) => DEFAULT_PORT + i) : [port]
  for (const candidate of candidates) {
    const problem = await listen(server, candidate)
    if (!problem) return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
    if (problem.code === 'EACCES') throw new EmoError('PORT_NOT_ALLOWED', `port ${candidate} needs more rights; choose one from 1024 on`)
    if (problem.code !== 'EADDRINUSE') throw problem
  }
  throw new EmoError(
    'PORT_IN_USE',
    port === undefined
      ? `ports ${DEFAULT_PORT} to ${DEFAULT_PORT + PORTS_TO_TRY - 1} are all in use; choose one with --port`
      : `port ${port} is in use; choose another, or leave --port out`,
  )
}

/** Whether a range can be left to `sirv`, which would take others for something else, or throw. Servers may leave ranges aside. */
function isPlainRange(range = ''): boolean {
  const [, start, end] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(range) ?? []
  return start !== undefined && (end === '' || (Number(end) > 0 && Number(start) <= Number(end)))
}

function listen(server: Server, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException): void => resolve(error)
    server.once('error', fail)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', fail)
      resolve(undefined)
    })
  })
}

function canOpenBrowser(): boolean {
  if (!process.stdout.isTTY || process.env.CI || process.env.SSH_CONNECTION) return false
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY)
}
