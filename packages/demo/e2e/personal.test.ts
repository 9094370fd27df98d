import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { foreignRequests, launch, noBrowser, pageErrors } from './support/browser.ts'
import { predict, wav, writeFilm } from './support/media.ts'
import { CLIP, PATIENT, PHOTOGRAPH, setStage } from './support/stage.ts'

const stage = setStage(async (directory) => ({ wav: CLIP, y4m: await writeFilm(join(directory, 'film.y4m'), PHOTOGRAPH) }))

const open = async (): Promise<Page> => {
  const page = await (await stage.browser.newContext()).newPage()
  await page.goto(`${stage.site.url}#personal`)
  return page
}
const view = (page: Page) => page.locator('[data-testid=personal]')
const own = (page: Page) => page.locator('[data-testid=own-model]').getAttribute('data-own')
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
const show = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()

/** What the page says of a file. */
async function ask(page: Page, file: string): Promise<string | null> {
  await show(page, 'Files')
  await page.setInputFiles('[data-testid=file-input]', file)
  const result = page.locator('[data-testid=result]').first()
  await result.locator('[data-testid=answer]').waitFor(PATIENT)
  const emotion = await result.locator('[data-testid=answer]').getAttribute('data-emotion')
  await button(page, 'Clear').click()
  await show(page, 'Personal')
  return emotion
}

describe.skipIf(noBrowser)('personal', () => {
  it('learns a voice from recordings; exports, imports, keeps and deletes the result', async () => {
    const page = await open()
    const foreign = foreignRequests(page, stage.site.url)
    const errors = pageErrors(page)
    const [{ emotion: before }] = predict([CLIP])
    // Taught as something that the model does not say by itself.
    const taught = before === 'fear' ? 'sadness' : 'fear'
    const label = taught === 'fear' ? 'Fear' : 'Sadness'

    await page.locator('input[name=modality][value=speech]').check()
    for (let count = 1; count <= 2; count++) {
      await button(page, `Record ${label}`).click()
      await expect.poll(() => page.getByRole('list', { name: 'Examples' }).getByRole('listitem').count(), PATIENT).toBe(count)
    }
    await button(page, /^Train on 2/).click()
    await expect.poll(() => own(page), PATIENT).toBe('true')
    const comparison = page.locator('[data-testid=comparison]')
    expect(await comparison.getAttribute('data-held-out')).toBe('false')
    expect(await comparison.innerText()).toMatch(/Before\s+0 of 2[^]*After\s+2 of 2[^]*Too few examples to measure fairly/)
    expect(await ask(page, CLIP)).toBe(taught)
    // Whose answers they are is said where they are given.
    const note = page.getByText('Your own voice model answers here, not the built-in one.')
    for (const name of ['Files', 'Live']) {
      await show(page, name)
      await note.waitFor(PATIENT)
    }
    await show(page, 'Personal')
    expect(await note.count()).toBe(0)

    const download = page.waitForEvent('download')
    await button(page, 'Export').click()
    const file = join(stage.directory, 'voice.emo')
    await (await download).saveAs(file)
    await button(page, 'Delete').click()
    await expect.poll(() => own(page), PATIENT).toBe('false')
    expect(await ask(page, CLIP)).toBe(before)
    await show(page, 'Files')
    expect(await note.count()).toBe(0)
    await show(page, 'Personal')

    await page.setInputFiles('[data-testid=model-input]', file)
    await expect.poll(() => own(page), PATIENT).toBe('true')
    expect(await ask(page, CLIP)).toBe(taught)

    // Nothing is kept unless the person asks.
    await page.reload()
    await view(page).waitFor()
    expect(await own(page)).toBe('false')
    expect(await page.evaluate(() => caches.has('emo-own-models'))).toBe(false)
    await page.setInputFiles('[data-testid=model-input]', file)
    await expect.poll(() => own(page), PATIENT).toBe('true')
    await button(page, 'Keep on this device').click()
    await expect.poll(() => page.locator('[data-testid=own-model]').getAttribute('data-kept'), PATIENT).toBe('true')
    await page.reload()
    await expect.poll(() => own(page), PATIENT).toBe('true')
    expect(await ask(page, CLIP)).toBe(taught)
    await button(page, 'Delete').click()
    await expect.poll(() => own(page), PATIENT).toBe('false')
    expect(await page.evaluate(() => caches.has('emo-own-models'))).toBe(false)
    expect(await ask(page, CLIP)).toBe(before)

    // A file that is none of ours changes nothing.
    await page.setInputFiles('[data-testid=model-input]', PHOTOGRAPH)
    await expect
      .poll(() => page.getByRole('alert').innerText(), PATIENT)
      .toBe('The file was not taken: This file is not a model that this page exported.')
    await page.locator('input[name=modality][value=face]').check()
    await page.setInputFiles('[data-testid=model-input]', file)
    await expect
      .poll(() => page.getByRole('alert').innerText(), PATIENT)
      .toBe('The file was not taken: This is a model of voices: choose Voice first.')
    expect(foreign).toEqual([])
    expect(errors).toEqual([])
  })

  it('learns faces, and judges what it gained on examples it did not learn from', async () => {
    const page = await open()
    await page.locator('input[name=modality][value=face]').check()
    expect(await button(page, 'Take a picture of Anger').isDisabled()).toBe(true)
    await button(page, 'Switch the camera on').click()
    await page.waitForFunction(() => document.querySelector<HTMLVideoElement>('.mirror video')?.videoWidth)
    const labels = ['Anger', 'Anger', 'Happiness', 'Happiness']
    for (const [index, label] of labels.entries()) {
      await button(page, `Take a picture of ${label}`).click()
      await expect.poll(() => page.getByRole('list', { name: 'Examples' }).getByRole('listitem').count(), PATIENT).toBe(index + 1)
    }
    await button(page, /^Train on 4/).click()
    await expect.poll(() => own(page), PATIENT).toBe('true')
    const comparison = page.locator('[data-testid=comparison]')
    expect(await comparison.getAttribute('data-held-out')).toBe('true')
    expect(await comparison.innerText()).toMatch(
      /Before\s+\d of 4[^]*After\s+\d of 4[^]*each example was judged by a model that had not learned from it/,
    )
    await button(page, 'Remove example 1, Anger').click()
    await button(page, 'Remove example 1, Anger').click()
    await button(page, 'Remove example 1, Happiness').click()
    await button(page, 'Remove example 1, Happiness').click()
    // Several, so that it does not hang on what the camera showed in one moment.
    for (const count of [1, 2, 3, 4]) {
      await button(page, 'Take a picture of Anger').click()
      await expect.poll(() => page.getByRole('list', { name: 'Examples' }).getByRole('listitem').count(), PATIENT).toBe(count)
    }
    await button(page, /^Train on 4/).click()
    await expect.poll(() => comparison.getAttribute('data-held-out'), PATIENT).toBe('false')
    // Leaving the view switches the camera off.
    expect(await ask(page, PHOTOGRAPH)).toBe('anger')
    expect(await page.locator('.mirror video').count()).toBe(0)
  })

  it('opens no device and records nothing once the view is left', async () => {
    const page = await (await stage.browser.newContext()).newPage()
    // The person takes their time to answer the browser's question.
    await page.addInitScript(() => {
      const asked = { tracks: [] as MediaStreamTrack[], agree: () => undefined as void }
      Object.assign(window, { asked })
      const devices = navigator.mediaDevices as MediaDevices | undefined
      if (!devices) return
      const ask = devices.getUserMedia.bind(devices)
      devices.getUserMedia = async (constraints) => {
        await new Promise<void>((resolve) => (asked.agree = resolve))
        const stream = await ask(constraints)
        asked.tracks.push(...stream.getTracks())
        return stream
      }
    })
    type Asked = Window & { asked: { tracks: MediaStreamTrack[]; agree: () => void } }
    const states = () => page.evaluate(() => (window as unknown as Asked).asked.tracks.map((track) => `${track.kind} ${track.readyState}`))
    const agree = () => page.evaluate(() => (window as unknown as Asked).asked.agree())
    const idle = () => expect.poll(() => view(page).getAttribute('data-activity'), PATIENT).toBe('idle')

    await page.goto(`${stage.site.url}#personal`)
    await page.locator('input[name=modality][value=face]').check()
    await button(page, 'Switch the camera on').click()
    await show(page, 'Files')
    await agree()
    await expect.poll(states, PATIENT).toEqual(['video ended'])

    await show(page, 'Personal')
    await idle()
    await page.locator('input[name=modality][value=speech]').check()
    await button(page, 'Record Anger').click()
    await show(page, 'Files')
    await agree()
    await expect.poll(states, PATIENT).toEqual(['video ended', 'audio ended'])

    // Left in the middle of a recording: it ends there.
    await show(page, 'Personal')
    await idle()
    await button(page, 'Record Anger').click()
    await agree()
    await page.getByText('Recording: speak now').waitFor(PATIENT)
    await show(page, 'Files')
    await expect.poll(states, { timeout: 1500, interval: 50 }).toEqual(['video ended', 'audio ended', 'audio ended'])
    await show(page, 'Personal')
    await idle()
    expect(await page.getByRole('list', { name: 'Examples' }).count()).toBe(0)
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  it('keeps the focus on the emotion that is recorded, and on the examples while they are removed', async () => {
    const page = await open()
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'))
    for (const [index, label] of ['Anger', 'Calm'].entries()) {
      await button(page, `Record ${label}`).focus()
      await page.keyboard.press('Enter')
      await expect.poll(() => page.getByRole('list', { name: 'Examples' }).getByRole('listitem').count(), PATIENT).toBe(index + 1)
      expect(await focused()).toBe(`Record ${label}`)
    }
    await button(page, 'Remove example 1, Anger').focus()
    await page.keyboard.press('Enter')
    await expect.poll(focused, PATIENT).toBe('Remove example 1, Calm')
  })

  it('takes no recording in which nobody speaks', async () => {
    const silence = join(stage.directory, 'silence.wav')
    writeFileSync(silence, wav(new Float32Array(2 * 48_000), 48_000))
    const silent = await launch({ wav: silence, y4m: join(stage.directory, 'film.y4m') })
    try {
      const page = await (await silent.newContext()).newPage()
      await page.goto(`${stage.site.url}#personal`)
      await button(page, 'Record Anger').click()
      await expect
        .poll(() => page.getByRole('alert').allInnerTexts(), PATIENT)
        .toEqual(['No voice was heard, so nothing was kept. Speak while it records, close to the microphone.'])
      expect(await page.getByRole('list', { name: 'Examples' }).count()).toBe(0)
      await button(page, 'Give examples first').waitFor()
    } finally {
      await silent.close()
    }
  })
})
