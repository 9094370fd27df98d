import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type axe from 'axe-core'
import { chromium } from 'playwright-core'
import { expect, it } from 'vitest'
import { servePage } from '../src/cli/serveCommand.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const browserPath = [process.env.CHROME_PATH, '/usr/bin/chromium', '/usr/bin/google-chrome'].find((file) => file && existsSync(file))
if (!browserPath && !process.env.CI) console.error('SKIPPED: no Chromium found; set CHROME_PATH')

it.skipIf(!browserPath && !process.env.CI)('answers files in the page as the command line does, without another origin', async () => {
  expect(browserPath, 'Chromium').toBeDefined()
  const { server, url } = await servePage(0, path('../dist/web/'))
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
  try {
    const page = await browser.newPage()
    const foreign: string[] = []
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url)) foreign.push(request.url())
    })
    await page.goto(url)
    for (const name of ['1001_DFA_ANG_XX.wav', 'astronaut.jpg']) {
      const file = path(`../examples/${name}`)
      const said = JSON.parse(execFileSync('node', [path('../dist/cli/emo.js'), 'predict', '--json', file], { encoding: 'utf8' })) as { emotion: string }
      await page.setInputFiles('[data-testid=file-input]', file)
      const result = page.locator('[data-testid=result]').first()
      await result.locator('[data-testid=answer]').waitFor()
      expect(await result.locator('[data-testid=answer]').getAttribute('data-emotion')).toBe(said.emotion)
    }
    expect(foreign).toEqual([])
  } finally {
    await browser.close()
    server.close()
  }
})

it.skipIf(!browserPath && !process.env.CI)('shows nothing that axe finds serious, in light and dark', async () => {
  expect(browserPath, 'Chromium').toBeDefined()
  const { server, url } = await servePage(0, path('../dist/web/'))
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] })
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
  try {
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await browser.newPage({ colorScheme, reducedMotion: 'reduce' })
      await page.goto(url)
      await page.setInputFiles('[data-testid=file-input]', path('../examples/astronaut.jpg'))
      await page.locator('[data-testid=answer]').first().waitFor()
      await page.evaluate(source)
      const { violations, passes } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
      expect(passes.length).toBeGreaterThan(10)
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(serious.map(({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
      await page.close()
    }
  } finally {
    await browser.close()
    server.close()
  }
})
