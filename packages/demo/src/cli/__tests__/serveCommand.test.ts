import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, request, type IncomingHttpHeaders, type RequestOptions, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { servePage } from '../serveCommand.ts'
import { runCommand, type CommandResult } from './runCommand.ts'

vi.setConfig({ testTimeout: 300_000 })

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Asks for a path exactly as it is written: `fetch` would tidy up `/../` before it leaves. */
function ask(url: string, path = '/', options: RequestOptions = {}): Promise<Answer> {
  const { port } = new URL(url)
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, agent: false, timeout: 60_000, ...options }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks).toString() }),
      )
    })
      .on('error', reject)
      .on('timeout', () => reject(new Error(`no answer to ${path}`)))
      .end()
  })
}

describe('servePage', () => {
  const script = 'console.log("0123456789")\n'
  let folder: string
  let server: Server
  let url: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'emo-serve-'))
    mkdirSync(join(folder, 'web/assets'), { recursive: true })
    writeFileSync(join(folder, 'web/index.html'), '<!doctype html><title>Emo</title>')
    writeFileSync(join(folder, 'web/assets/page-1a2b3c.js'), script)
    writeFileSync(join(folder, 'web/assets/model.wasm'), Uint8Array.of(0, 97, 115, 109))
    writeFileSync(join(folder, 'secret.txt'), 'secret')
    mkdirSync(join(folder, 'web-of-others'))
    writeFileSync(join(folder, 'web-of-others/secret.txt'), 'secret')
    ;({ server, url } = await servePage(0, join(folder, 'web/')))
  })
  afterAll(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is bound to loopback and answers the page with headers that let nothing out', async () => {
    expect((server.address() as AddressInfo).address).toBe('127.0.0.1')
    const { status, headers, body } = await ask(url)
    expect({ status, body }).toEqual({ status: 200, body: '<!doctype html><title>Emo</title>' })
    expect(headers).toMatchObject({
      'content-type': 'text/html;charset=utf-8',
      'cache-control': 'no-cache',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['access-control-allow-origin']).toBeUndefined()
    const policy = new Map(
      String(headers['content-security-policy'])
        .split('; ')
        .map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
    )
    expect(policy.get('default-src')).toEqual(["'none'"])
    expect(policy.get('frame-ancestors')).toEqual(["'none'"])
    expect([...policy.values()].flat().filter((source) => !/^'(?:none|self|wasm-unsafe-eval)'$|^(?:blob|data):$/.test(source))).toEqual([])
  })

  it('knows the types of scripts and WASM, and lets hashed files be kept', async () => {
    expect((await ask(url, '/assets/page-1a2b3c.js')).headers).toMatchObject({
      'content-type': 'text/javascript',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    expect((await ask(url, '/assets/model.wasm')).headers['content-type']).toBe('application/wasm')
  })

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/%252e%252e%252fsecret.txt',
    '/..\\secret.txt',
    '/../web-of-others/secret.txt',
    '//etc/passwd',
    '/etc/passwd',
    '/%00',
    '/%',
    '/assets',
    '/assets/',
    '/__proto__',
    '/constructor',
    '/index.html/../../secret.txt',
  ])('has nothing at %s, under the same policy', async (path) => {
    const { status, headers, body } = await ask(url, path)
    expect({ status, body }).toEqual({ status: 404, body: 'Not found\n' })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
  })

  it('answers HEAD without a body, and what was not changed with 304', async () => {
    const { status, headers, body } = await ask(url, '/assets/page-1a2b3c.js', { method: 'HEAD' })
    expect({ status, body, length: headers['content-length'] }).toEqual({ status: 200, body: '', length: String(script.length) })
    expect((await ask(url, '/', { headers: { 'If-None-Match': String((await ask(url)).headers.etag) } })).status).toBe(304)
  })

  it('takes nothing in', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await ask(url, '/', { method })
      expect([method, status, headers.allow]).toEqual([method, 405, 'GET, HEAD'])
    }
  })

  it.each([
    ['bytes=0-3', 206, script.slice(0, 4), `bytes 0-3/${script.length}`],
    ['bytes=20-', 206, script.slice(20), `bytes 20-${script.length - 1}/${script.length}`],
    ['bytes=20-9999', 206, script.slice(20), `bytes 20-${script.length - 1}/${script.length}`],
    ['bytes=9999-', 416, '', `bytes */${script.length}`],
    // What it cannot read it leaves aside, as RFC 9110 says.
    ['bytes=5-2', 200, script, undefined],
    ['bytes=0-0', 200, script, undefined],
    ['bytes=-5', 200, script, undefined],
    ['bytes=0-1,4-5', 200, script, undefined],
    ['bytes=x-y', 200, script, undefined],
    ['lines=1-2', 200, script, undefined],
    ['bytes=99999999999999999999999-1', 200, script, undefined],
  ])('range %s: %i', async (range, status, body, contentRange) => {
    const answer = await ask(url, '/assets/page-1a2b3c.js', { headers: { Range: range } })
    expect(answer).toMatchObject({ status, body })
    expect(answer.headers['content-range']).toBe(contentRange)
  })

  it('answers other names than loopback with 403', async () => {
    for (const host of ['attacker.example', `attacker.example:${new URL(url).port}`, '127.0.0.1', 'localhost:1']) {
      expect((await ask(url, '/', { headers: { Host: host } })).status, host).toBe(403)
    }
    expect((await ask(url, '/', { headers: { Host: `localhost:${new URL(url).port}` } })).status).toBe(200)
  })

  it('serves a page that was built anew meanwhile, and goes on when files are gone', async () => {
    writeFileSync(join(folder, 'web/index.html'), '<!doctype html><title>Emo 2</title>')
    expect(await ask(url)).toMatchObject({ status: 200, body: '<!doctype html><title>Emo 2</title>' })
    rmSync(join(folder, 'web/assets/model.wasm'))
    symlinkSync(join(folder, 'nowhere'), join(folder, 'web/assets/link.js'))
    expect((await ask(url, '/assets/model.wasm')).status).toBe(404)
    expect((await ask(url, '/assets/link.js')).status).toBe(404)
    expect((await ask(url)).status).toBe(200)
  })

  it('refuses a folder without the page, and a port that is in use', async () => {
    await expect(servePage(0, join(folder, 'nowhere/'))).rejects.toMatchObject({ code: 'PAGE_MISSING' })
    await expect(servePage(Number(new URL(url).port), join(folder, 'web/'))).rejects.toMatchObject({ code: 'PORT_IN_USE' })
  })
})

/** Runs `emo serve`, does something while it serves, and ends it by a signal. */
function serving(
  args: readonly string[],
  signal: NodeJS.Signals,
  work: (url: string) => Promise<unknown>,
  command: 'serve' | 'tour' = 'serve',
): Promise<CommandResult> {
  const during = (child: ChildProcess): void => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      const before = said
      said += String(chunk)
      const found = /(http:\S+)\n/.exec(said)
      if (found === null || /(http:\S+)\n/.test(before)) return
      work(found[1]).then(
        () => child.kill(signal),
        (error: unknown) => {
          child.kill('SIGKILL')
          throw error
        },
      )
    })
  }
  return runCommand([command, '--no-open', ...args], { during })
}

// The page itself comes from the build, which `nx run demo:test` makes first.
describe('emo serve', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'serves the built page until %s, then ends well although a browser is still connected',
    async (signal) => {
      const seen: Answer[] = []
      const result = await serving(['--port', '0'], signal, async (url) => {
        const page = await ask(url)
        const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path)
        expect(parts.filter((path) => /^(?:[a-z]+:|\/\/)/i.test(path))).toEqual([])
        seen.push(page)
        for (const path of parts) seen.push(await ask(url, new URL(path, url).pathname))
        await fetch(url) // keeps its connection
      })
      expect(result).toMatchObject({ status: 0, signal: null, stderr: '' })
      expect(result.stdout).toMatch(/^Emo runs at http:\/\/127\.0\.0\.1:\d+\/\nEverything stays on this computer\. Stop with Ctrl-C\.\n$/)
      expect(seen.length).toBeGreaterThan(2)
      for (const { status, headers } of seen) {
        expect(status).toBe(200)
        expect(headers['content-security-policy']).toContain("default-src 'none'")
      }
    },
  )

  it('a port in use: one line with its code, exit status 1', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const result = await runCommand(['serve', '--no-open', '--port', String(port)])
    expect(result).toEqual({
      stdout: '',
      stderr: `emo: port ${port} is in use; choose another, or leave --port out [PORT_IN_USE]\n`,
      status: 1,
      signal: null,
    })
    other.close()
  })
})

describe('emo tour', () => {
  it('answers the examples, says what the actor meant, and serves the page', async () => {
    const result = await serving(['--port', '0'], 'SIGINT', (url) => ask(url), 'tour')
    expect(result.status).toBe(0)
    expect(result.stdout).toMatch(
      /1001_DFA_ANG_XX\.wav\n.+astronaut\.jpg\nThe recording is acted: anger is meant\..*"unsure".*\n\nEmo runs at /,
    )
  })
})
