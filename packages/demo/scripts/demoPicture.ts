// Makes the picture of the page that the READMEs show, from the build, so that it shows what the page shows:
//   npx nx build demo && npx tsx --conditions=@emo/source packages/demo/scripts/demoPicture.ts
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { decodeImage } from '@emo/datasets'
import { launch, path, serve } from '../e2e/support/browser.ts'
import { palettePng } from './palettePng.ts'

const PATIENT = { timeout: 120_000 }

/** The page with both examples answered, as a PNG. */
export async function demoPicture(browser: Browser, url: string): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto(url)
  const answers = page.locator('[data-testid=answer]')
  await page.getByRole('button', { name: 'Try a voice' }).click()
  await answers.first().waitFor(PATIENT)
  await page.setInputFiles('[data-testid=file-input]', path('../examples/astronaut.jpg'))
  await answers.nth(1).waitFor(PATIENT)
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await page.locator('.picture > img').evaluate((image: HTMLImageElement) => image.decode())
  const picture = await page.screenshot({ fullPage: true, animations: 'disabled' })
  await page.close()
  return palettePng(await decodeImage(picture))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = fileURLToPath(new URL('../../../docs/images/demo.png', import.meta.url))
  const site = await serve()
  const browser = await launch()
  try {
    const picture = await demoPicture(browser, site.url)
    writeFileSync(file, picture)
    console.log(`${file}: ${picture.length} bytes`)
  } finally {
    await browser.close()
    site.close()
  }
}
