import { readFileSync, cpSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { CONTENT_SECURITY_POLICY } from '../src/contentSecurityPolicy.ts'
import { foreignRequests, launch, noBrowser, pageErrors, path, serveElsewhere, type FakeDevices } from './support/browser.ts'
import { writeFilm } from './support/media.ts'
import { CLIP, PATIENT, PHOTOGRAPH, setStage } from './support/stage.ts'

const USABLE_BYTES = 400_000

let devices: FakeDevices
const stage = setStage(async (directory) => {
  devices = { wav: CLIP, y4m: await writeFilm(join(directory, 'film.y4m'), PHOTOGRAPH) }
  return devices
})

const answered = async (page: Page, file: string): Promise<void> => {
  await page.setInputFiles('[data-testid=file-input]', file)
  await page.locator('[data-testid=result]').first().locator('[data-testid=answer]').waitFor(PATIENT)
}

/** Waits until the service worker has put everything away. */
const stored = (page: Page) =>
  page.evaluate(async () => {
    const { active } = await navigator.serviceWorker.ready
    if (active!.state !== 'activated') await new Promise((resolve) => active!.addEventListener('statechange', resolve, { once: true }))
  })

/** What is kept for use without network. */
const cached = (page: Page) =>
  page.evaluate(async () => {
    const names = (await caches.keys()).filter((name) => name.startsWith('workbox-precache'))
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()))
    return requests.flat().map(({ url }) => url)
  })

/** Addresses of the service workers of a page. */
const workers = (page: Page) =>
  page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).map((registration) => registration.scope))

describe.skipIf(noBrowser)('page', () => {
  it('is usable after at most 400 kB, compressed', async () => {
    const page = await (await stage.browser.newContext({ serviceWorkers: 'block' })).newPage()
    const files: string[] = []
    page.on('response', (response) => files.push(new URL(response.url()).pathname))
    await page.goto(stage.site.url, { waitUntil: 'networkidle' })
    await page.getByRole('button', { name: 'Choose files' }).waitFor()
    const web = path('../dist/web/')
    const sizes = files
      .filter((file) => file !== '/favicon.ico')
      .map((file) => gzipSync(readFileSync(join(web, file === '/' ? 'index.html' : file))).length)
    expect(files.length).toBeGreaterThan(3)
    expect(
      files.filter((file) => /\.(wasm|bin)$/.test(file)),
      'nothing of the models before they are asked for',
    ).toEqual([])
    console.log(`page: ${sizes.reduce((sum, size) => sum + size, 0)} bytes compressed in ${sizes.length} files`)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(USABLE_BYTES)
  })

  it('works without network after the first visit, files and live', async () => {
    const site = await serveElsewhere()
    const browser = await launch(devices, site.flags)
    try {
      const context = await browser.newContext()
      const page = await context.newPage()
      const errors = pageErrors(page)
      await page.goto(site.url)
      await stored(page)
      expect((await cached(page)).filter((file) => /unused|libsamplerate/.test(file))).toEqual([])
      await context.setOffline(true)
      await page.reload()
      await answered(page, CLIP)
      await answered(page, PHOTOGRAPH)
      await page.getByRole('link', { name: 'Live', exact: true }).click()
      await page.getByRole('button', { name: 'Start', exact: true }).click()
      await expect.poll(() => page.locator('main').innerText(), PATIENT).toMatch(/Voice counts\s+\d+ %\s+Face counts\s+[1-9]\d* %/)
      expect(errors).toEqual([])
    } finally {
      await browser.close()
      site.close()
    }
  })

  it('works below a path, as on GitHub Pages, from a host that sets no headers', async () => {
    // A copy, without what the packed page would find at the root.
    const root = join(stage.directory, 'pages')
    cpSync(path('../dist/web/'), join(root, 'emo'), { recursive: true })
    const site = await serveElsewhere(root)
    const browser = await launch(devices, site.flags)
    const url = `${site.url}emo/`
    try {
      const context = await browser.newContext()
      const page = await context.newPage()
      const outside = foreignRequests(page, url)
      await page.goto(url)
      await answered(page, PHOTOGRAPH)
      await stored(page)
      await context.setOffline(true)
      await page.reload()
      await answered(page, CLIP)
      expect(outside).toEqual([])
      // The policy is in the page itself.
      await context.setOffline(false)
      const refused = await page.evaluate(
        () =>
          new Promise<string>((resolve) => {
            document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => resolve(effectiveDirective))
            fetch('http://127.0.0.1:9/').catch(() => setTimeout(resolve, 2000, 'not refused by the policy'))
          }),
      )
      expect(refused).toBe('connect-src')
    } finally {
      await browser.close()
      site.close()
    }
  })

  it('fetches nothing ahead where the person asked the browser to save data', async () => {
    const site = await serveElsewhere()
    const browser = await launch(devices, site.flags)
    try {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.addInitScript(() => Object.defineProperty(navigator, 'connection', { value: { saveData: true } }))
      const fetched: string[] = []
      context.on('request', (request) => fetched.push(request.url()))
      await page.goto(site.url, { waitUntil: 'networkidle' })
      await page.getByRole('link', { name: 'Live', exact: true }).click()
      await page.waitForTimeout(1500)
      expect(fetched.filter((address) => /\.(wasm|bin)$|sw\.js$/.test(address))).toEqual([])
      expect(await workers(page)).toEqual([])
    } finally {
      await browser.close()
      site.close()
    }
  })

  it('leaves nothing behind on loopback, where another project may be served next', async () => {
    const page = await (await stage.browser.newContext()).newPage()
    await page.goto(stage.site.url, { waitUntil: 'networkidle' })
    expect(await workers(page)).toEqual([])
    // As earlier versions did.
    await page.evaluate(() => navigator.serviceWorker.register('./sw.js').then(() => undefined))
    await stored(page)
    expect(await cached(page)).not.toEqual([])
    await page.evaluate(() => caches.open('emo-own-models').then(() => undefined))
    await page.reload()
    await expect.poll(() => workers(page), PATIENT).toEqual([])
    await expect.poll(() => page.evaluate(() => caches.keys()), PATIENT).toEqual(['emo-own-models'])
  })

  it('allows no other origin in its policy', () => {
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/https?:|\*|unsafe-inline|'unsafe-eval'/)
    const html = readFileSync(path('../dist/web/index.html'), 'utf8')
    expect(html.replaceAll('&#39;', "'")).toContain(CONTENT_SECURITY_POLICY)
  })

  it('gets the models ready while the live view is read, and opens no device before the press', async () => {
    const page = await (await stage.browser.newContext()).newPage()
    await page.addInitScript(() => {
      const opened: string[] = []
      Object.assign(window, { opened })
      const devices = navigator.mediaDevices as MediaDevices | undefined
      if (!devices) return
      const ask = devices.getUserMedia.bind(devices)
      devices.getUserMedia = (constraints) => {
        opened.push('device')
        return ask(constraints)
      }
      window.AudioContext = class extends AudioContext {
        constructor(options?: AudioContextOptions) {
          super(options)
          opened.push('sound')
        }
      }
    })
    await page.goto(stage.site.url)
    await page.getByRole('link', { name: 'Use camera and microphone' }).click()
    await page.getByText('Both models are ready.').waitFor(PATIENT)
    expect(await page.evaluate(() => (window as unknown as { opened: string[] }).opened)).toEqual([])
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { opened: string[] }).opened.sort()), PATIENT)
      .toEqual(['device', 'device', 'sound'])
  })

  it('takes a file that is dropped on any view, and names its views in the title of the window', async () => {
    const page = await (await stage.browser.newContext()).newPage()
    await page.goto(stage.site.url)
    await page.getByRole('button', { name: 'Choose files' }).waitFor()
    const bytes = [...readFileSync(PHOTOGRAPH)]
    for (const [index, [view, title]] of Object.entries({
      Live: 'Live · Emo',
      Personal: 'Personal · Emo',
      'How it works': 'How it works · Emo',
    }).entries()) {
      await page.getByRole('link', { name: view, exact: true }).click()
      await expect.poll(() => page.title(), PATIENT).toBe(title)
      await page.getByRole('button', { name: 'Choose files' }).waitFor({ state: 'detached' })
      const refused = await page.evaluate((content) => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([new Uint8Array(content)], 'dropped.jpg', { type: 'image/jpeg' }))
        const over = new DragEvent('dragover', { dataTransfer, bubbles: true, cancelable: true })
        const drop = new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })
        return [over, drop].map((event) => document.querySelector('main')!.dispatchEvent(event))
      }, bytes)
      expect(refused, 'the browser does not open it').toEqual([false, false])
      await expect.poll(() => page.locator('[data-testid=result][data-phase=done]').count(), PATIENT).toBe(index + 1)
      expect(await page.title()).toBe('Emo: emotion from voice and face')
    }
  })

  it('labels two faces on a phone without one label over the other', async () => {
    const page = await (await stage.browser.newContext({ viewport: { width: 375, height: 667 } })).newPage()
    await page.goto(stage.site.url)
    await page.getByRole('button', { name: 'Choose files' }).waitFor()
    // The photograph's face twice, side by side.
    await page.evaluate(
      async (content) => {
        const picture = await createImageBitmap(new Blob([new Uint8Array(content)]))
        const canvas = new OffscreenCanvas(512, 384)
        for (const x of [0, 192]) canvas.getContext('2d')!.drawImage(picture, 130, 20, 192, 230, x, 60, 192, 230)
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([await canvas.convertToBlob()], 'two.png', { type: 'image/png' }))
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true }))
      },
      [...readFileSync(PHOTOGRAPH)],
    )
    await expect.poll(() => page.locator('.face-box > span').count(), PATIENT).toBe(2)
    const places = await page
      .locator('.face-box > span')
      .evaluateAll((labels) => labels.map((label) => label.getBoundingClientRect().toJSON() as DOMRect))
    const [a, b] = places.sort((one, other) => one.left - other.left)
    expect(a.right <= b.left || a.bottom <= b.top || b.bottom <= a.top, JSON.stringify(places)).toBe(true)
  })

  it('describes the voice model that is in it', async () => {
    const page = await (await stage.browser.newContext()).newPage()
    await page.goto(`${stage.site.url}#about`)
    const [card, text] = [
      await (await page.request.get(`${stage.site.url}voice-model-card.txt`)).text(),
      await page.locator('main').innerText(),
    ]
    for (const feature of [/MFCC/, /pitch/, /chroma/i]) expect(feature.test(text), String(feature)).toBe(feature.test(card))
  })

  it('shows each view from its top', async () => {
    const page = await (await stage.browser.newContext({ viewport: { width: 375, height: 667 } })).newPage()
    await page.goto(`${stage.site.url}#about`)
    await page.getByRole('heading', { name: 'Do not use it' }).scrollIntoViewIfNeeded()
    expect(await page.evaluate(() => scrollY)).toBeGreaterThan(100)
    await page.evaluate(() => (location.hash = 'live'))
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor()
    await expect.poll(() => page.evaluate(() => scrollY), PATIENT).toBe(0)
  })

  it('has the cards of both models beside it', async () => {
    const page = await (await stage.browser.newContext()).newPage()
    await page.goto(`${stage.site.url}#about`)
    for (const name of ['voice model', 'face model']) {
      const address = await page.getByRole('link', { name, exact: true }).evaluate((link: HTMLAnchorElement) => link.href)
      const card = await page.request.get(address)
      expect(card.status()).toBe(200)
      expect(await card.text()).toMatch(/^# /)
    }
  })

  // A slow processor brings answers, devices and layout in orders that a quick one never shows.
  it.each([1, 4, 4, 4, 4, 4])('does not move while it answers, on a processor slowed down %i times', async (rate) => {
    const page = await (await stage.browser.newContext()).newPage()
    await page.addInitScript(() => {
      const shifts: string[] = []
      Object.assign(window, { shifts })
      const place = ({ x, y, width, height }: DOMRectReadOnly): string => [x, y, width, height].map(Math.round).join(' ')
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & {
          value: number
          hadRecentInput: boolean
          sources: { node?: Node; previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[]
        })[]) {
          // What a press of a button moves within half a second is expected.
          if (entry.hadRecentInput) continue
          for (const { node, previousRect, currentRect } of entry.sources) {
            const what = node instanceof Element ? node.outerHTML.slice(0, 80) : (node?.textContent ?? 'gone')
            shifts.push(`${what}: ${place(previousRect)} -> ${place(currentRect)}`)
          }
        }
      }).observe({ type: 'layout-shift', buffered: true })
    })
    const debug = await page.context().newCDPSession(page)
    await debug.send('Emulation.setCPUThrottlingRate', { rate })
    await page.goto(stage.site.url)
    await page.getByRole('button', { name: 'Choose files' }).waitFor()
    await page.goto(`${stage.site.url}#live`)
    const start = page.getByRole('button', { name: 'Start', exact: true })
    await start.waitFor()
    // The press excuses no move here: it names the button anew, and the controls beside it stay.
    await page.evaluate(() => {
      const places = new Set<string>()
      Object.assign(window, { places })
      const look = (): void => {
        const controls = [...document.querySelectorAll('.controls > *')].map((control) => control.getBoundingClientRect())
        places.add(controls.map(({ x, y, width, height }) => `${x} ${y} ${width} ${height}`).join(', '))
        requestAnimationFrame(look)
      }
      look()
    })
    await start.click()
    await expect.poll(() => page.locator('main').innerText(), PATIENT).toMatch(/Voice counts\s+\d+ %\s+Face counts\s+[1-9]\d* %/)
    await page.waitForTimeout(3000)
    expect(await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts)).toEqual([])
    expect(await page.evaluate(() => [...(window as unknown as { places: Set<string> }).places])).toHaveLength(1)
  })
})
