import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { foreignRequests, launch, noBrowser, pageErrors } from './support/browser.ts'
import { clearestPieces, predict, writeFilm, type Said } from './support/media.ts'
import { PATIENT, PHOTOGRAPH, setStage } from './support/stage.ts'

let spoken: Said[]
let shown: Said
let film: string

const stage = setStage(async (directory) => {
  spoken = await clearestPieces(directory)
  ;[shown] = predict([PHOTOGRAPH])
  film = await writeFilm(join(directory, 'film.y4m'), PHOTOGRAPH)
  return { wav: spoken[0].file, y4m: film }
})

/** Counts in a page, before its own code runs, what it takes from the browser. `sampleRate`: of every AudioContext, in place of the machine's. */
async function watch(page: Page, sampleRate?: number): Promise<void> {
  await page.addInitScript((rate) => {
    const taken = { tracks: [] as MediaStreamTrack[], contexts: [] as AudioContext[] }
    Object.assign(window, { taken })
    // Absent in pages that are not secure, such as the empty one before the first.
    const devices = navigator.mediaDevices as MediaDevices | undefined
    if (!devices) return
    const ask = devices.getUserMedia.bind(devices)
    devices.getUserMedia = async (constraints) => {
      const stream = await ask(constraints)
      taken.tracks.push(...stream.getTracks())
      return stream
    }
    window.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(rate ? { ...options, sampleRate: rate } : options)
        taken.contexts.push(this)
      }
    }
  }, sampleRate)
}

type Taken = Window & { taken: { tracks: MediaStreamTrack[]; contexts: AudioContext[] } }

const taken = (page: Page) =>
  page.evaluate(() => {
    const { tracks, contexts } = (window as unknown as Taken).taken
    return {
      tracks: tracks.filter((track) => track.readyState === 'live').length,
      contexts: contexts.filter((context) => context.state !== 'closed').length,
    }
  })

/** Tensors that each model worker holds. */
const tensors = async (page: Page): Promise<number[]> => {
  const counts = await Promise.all(
    page
      .workers()
      .map((worker) =>
        worker.evaluate(() => (self as unknown as { _tfengine?: { state: { numTensors: number } } })._tfengine?.state.numTensors ?? 0),
      ),
  )
  return counts.sort((a, b) => a - b)
}

async function openLive(from: Browser = stage.browser, sampleRate?: number): Promise<Page> {
  const context = await from.newContext()
  const page = await context.newPage()
  await watch(page, sampleRate)
  await page.goto(`${stage.site.url}#live`)
  return page
}

const live = (page: Page) => page.locator('[data-testid=live]')
const emotion = (page: Page) => page.locator('[data-testid=answer]').getAttribute('data-emotion')
const recording = (page: Page) => page.locator('[data-testid=recording]').innerText()
const choose = (page: Page, mode: string) => page.locator(`input[name=mode][value=${mode}]`).check()
const start = (page: Page) => page.getByRole('button', { name: 'Start', exact: true }).click()
const figures = (page: Page) => page.getByText('Technical figures', { exact: true }).click()
const stop = (page: Page) => page.getByRole('button', { name: 'Stop', exact: true }).click()
/** The emotion that a lane of the last minute shows for most of the time. */
const mostly = async (page: Page, lane: string) =>
  /: (\w+) \d+ %/.exec((await page.getByRole('img', { name: `${lane}, the last minute` }).getAttribute('aria-label')) ?? '')?.[1]

describe.skipIf(noBrowser)('live', () => {
  it('says in each mode what the command line says of the same data, and switches while running', async () => {
    const page = await openLive()
    const foreign = foreignRequests(page, stage.site.url)
    const errors = pageErrors(page)

    expect(await taken(page), 'nothing is on before the button').toEqual({ tracks: 0, contexts: 0 })
    await choose(page, 'face')
    await start(page)
    await expect.poll(() => emotion(page), PATIENT).toBe(shown.emotion)
    expect(await recording(page)).toBe('Camera on')
    // The photograph hangs in the middle of the film: so does the box.
    const box = (await page.locator('.boxes .face-box').first().boundingBox())!
    const picture = (await page.locator('.boxes').boundingBox())!
    expect(box.width).toBeGreaterThan(0.1 * picture.width)
    const [face] = (shown as Said & { faces: { box: { x: number; width: number } }[] }).faces
    const expected = 0.5 - (face.box.x + face.box.width / 2 - 256) * ((0.94 * 480) / 512 / 640)
    expect(Math.abs((box.x + box.width / 2 - picture.x) / picture.width - expected)).toBeLessThan(0.06)
    // The lane is drawn a moment after the first answer.
    await expect.poll(() => mostly(page, 'Face'), PATIENT).toBe(shown.emotion)

    await choose(page, 'voice')
    await expect.poll(() => recording(page), PATIENT).toBe('Microphone on')
    await expect.poll(() => emotion(page), PATIENT).toBe(spoken[0].emotion)
    await page.waitForTimeout(5000)
    expect(await mostly(page, 'Voice')).toBe(spoken[0].emotion)

    await choose(page, 'both')
    await expect.poll(() => recording(page), PATIENT).toBe('Camera on · Microphone on')
    await expect.poll(() => page.locator('main').innerText(), PATIENT).toMatch(/Voice counts\s+[1-9]\d* %\s+Face counts\s+[1-9]\d* %/)
    // Both say what they said alone; where they agree, so does the fusion.
    if (spoken[0].emotion === shown.emotion) await expect.poll(() => emotion(page), PATIENT).toBe(shown.emotion)
    await expect.poll(() => mostly(page, 'Both'), PATIENT).toBeDefined()
    // A moment of the last minute is read by arrow keys: what is shown is what is said.
    const moment = page.getByRole('slider', { name: 'Moment of the last minute' })
    await moment.press('ArrowLeft')
    await moment.press('ArrowLeft')
    // The camera may not have been on then.
    const said = String.raw`(\w+ \d+ %|no answer)`
    expect(await moment.getAttribute('aria-valuetext')).toMatch(new RegExp(`^2 s ago, Voice: ${said}, Face: ${said}, Both: ${said}$`))
    expect(await page.locator('.read-time').innerText()).toMatch(/^2 s ago, \d/)
    await moment.press('End')
    expect(await moment.getAttribute('aria-valuetext')).toMatch(/^now, /)

    await stop(page)
    await expect.poll(() => taken(page), PATIENT).toEqual({ tracks: 0, contexts: 0 })
    expect(await recording(page)).toBe('Off')
    expect(foreign).toEqual([])
    expect(errors).toEqual([])
  })

  it('hears another voice as the command line does', async () => {
    const other = await launch({ wav: spoken[1].file, y4m: film })
    try {
      const page = await openLive(other)
      await choose(page, 'voice')
      await start(page)
      await expect.poll(() => emotion(page), PATIENT).toBe(spoken[1].emotion)
      await page.waitForTimeout(4000)
      expect(await mostly(page, 'Voice')).toBe(spoken[1].emotion)
    } finally {
      await other.close()
    }
  })

  it('leaks nothing in fifty changes of mode', async () => {
    const page = await openLive()
    const debug = await page.context().newCDPSession(page)
    const heap = async (): Promise<number> => {
      await debug.send('HeapProfiler.collectGarbage')
      return (await debug.send('Runtime.getHeapUsage')).usedSize
    }
    await start(page)
    await expect.poll(() => page.locator('main').innerText(), PATIENT).toMatch(/Voice counts\s+[1-9]\d* %\s+Face counts\s+[1-9]\d* %/)
    const before = { taken: await taken(page), tensors: await tensors(page), workers: page.workers().length, heap: await heap() }
    expect(before.taken).toEqual({ tracks: 2, contexts: 1 })
    expect(before.tensors.every((count) => count > 0)).toBe(true)
    const modes = ['face', 'voice', 'both'] as const
    for (let i = 0; i < 50; i++) {
      await choose(page, modes[(i + 1) % 3])
      // Some are waited for, the others overtake what is still being started.
      if (i % 3 === 0) await expect.poll(() => live(page).getAttribute('data-status'), PATIENT).toBe('running')
    }
    await choose(page, 'both')
    await expect.poll(() => recording(page), PATIENT).toBe('Camera on · Microphone on')
    await expect.poll(() => page.locator('main').innerText(), PATIENT).toMatch(/Voice counts\s+[1-9]\d* %\s+Face counts\s+[1-9]\d* %/)
    expect(await taken(page)).toEqual(before.taken)
    expect(page.workers().length).toBe(before.workers)
    await expect.poll(() => tensors(page), PATIENT).toEqual(before.tensors)
    const grown = (await heap()) - before.heap
    // A minute of answers is kept; one stream or spectrogram that stays for every change would be more than this.
    expect(grown).toBeLessThan(4e6)
    await stop(page)
    await expect.poll(() => taken(page), PATIENT).toEqual({ tracks: 0, contexts: 0 })
  })

  it.each([44_100, 48_000])('hears through an audio context at %i Hz', async (rate) => {
    const page = await openLive(stage.browser, rate)
    await choose(page, 'voice')
    await start(page)
    await expect.poll(() => emotion(page), PATIENT).toBe(spoken[0].emotion)
    await figures(page)
    expect(await page.locator('main').innerText()).toContain(`${rate / 1000} kHz`)
  })

  it('looks where the browser does not tell when a picture comes', async () => {
    const page = await openLive()
    await page.evaluate(() => Reflect.deleteProperty(HTMLVideoElement.prototype, 'requestVideoFrameCallback'))
    await choose(page, 'face')
    await start(page)
    await expect.poll(() => emotion(page), PATIENT).toBe(shown.emotion)
    await stop(page)
    await expect.poll(() => taken(page), PATIENT).toEqual({ tracks: 0, contexts: 0 })
  })

  it('goes on with the other device when one is unplugged, and says so', async () => {
    const page = await openLive()
    await start(page)
    await expect.poll(() => recording(page), PATIENT).toBe('Camera on · Microphone on')
    const unplug = (kind: string) =>
      page.evaluate((wanted) => {
        const track = (window as unknown as Taken).taken.tracks.find((one) => one.kind === wanted && one.readyState === 'live')!
        track.stop()
        track.dispatchEvent(new Event('ended'))
      }, kind)
    await unplug('video')
    await expect
      .poll(() => page.getByRole('alert').innerText(), PATIENT)
      .toMatch(/^The camera was unplugged\. Going on with the voice alone\. .*, then choose Both\.$/)
    await expect.poll(() => recording(page), PATIENT).toBe('Microphone on')
    await unplug('audio')
    await expect.poll(() => page.getByRole('alert').innerText(), PATIENT).toMatch(/^The microphone was unplugged\. .*, then press Start\.$/)
    await expect.poll(() => recording(page), PATIENT).toBe('Off')
    await expect.poll(() => emotion(page), PATIENT).toBe('')
    expect(await taken(page)).toEqual({ tracks: 0, contexts: 0 })
    await start(page)
    await expect.poll(() => live(page).getAttribute('data-status'), PATIENT).toBe('running')
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  it('says what happened while the tab was in the background', async () => {
    const page = await openLive()
    await start(page)
    await expect.poll(() => recording(page), PATIENT).toBe('Camera on · Microphone on')
    const turn = (state: string) =>
      page.evaluate((value) => {
        Object.defineProperty(document, 'visibilityState', { value, configurable: true })
        document.dispatchEvent(new Event('visibilitychange'))
      }, state)
    await turn('hidden')
    // As in a tab that the browser suspends: none of its tasks runs.
    const debug = await page.context().newCDPSession(page)
    await debug.send('Page.setWebLifecycleState', { state: 'frozen' })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    await debug.send('Page.setWebLifecycleState', { state: 'active' })
    await turn('visible')
    const note = page.getByText(
      /This tab was in the background for \d+ seconds?\. The camera rested meanwhile; the microphone went on listening\./,
    )
    await note.waitFor()
    await page.getByRole('button', { name: 'OK' }).click()
    expect(await note.count()).toBe(0)
    await figures(page)
    await expect.poll(() => page.locator('main').innerText(), PATIENT).toMatch(/Pictures a second\s+[1-9]/)
    expect(await live(page).getAttribute('data-status')).toBe('running')
  })

  it('explains that a device is not there', async () => {
    const bare = await launch(undefined, ['--use-fake-ui-for-media-stream'])
    try {
      const page = await openLive(bare)
      await choose(page, 'face')
      await start(page)
      await expect.poll(() => page.getByRole('alert').innerText(), PATIENT).toBe('There is no camera. Connect one, then press Start.')
      await choose(page, 'voice')
      await start(page)
      await expect.poll(() => page.getByRole('alert').innerText(), PATIENT).toBe('There is no microphone. Connect one, then press Start.')
      expect(await live(page).getAttribute('data-status')).toBe('idle')
      expect(await taken(page)).toEqual({ tracks: 0, contexts: 0 })
    } finally {
      await bare.close()
    }
  })

  it('explains that the person refused', async () => {
    const refusing = await launch(undefined, ['--use-fake-device-for-media-stream', '--deny-permission-prompts'])
    try {
      const page = await openLive(refusing)
      await start(page)
      const said = expect.poll(() => page.getByRole('alert').innerText(), PATIENT)
      await said.toMatch(/^The browser may not use the microphone and the camera\. Allow them .*, then press Start\.$/)
      expect(await live(page).getAttribute('data-status')).toBe('idle')
      expect(await taken(page)).toEqual({ tracks: 0, contexts: 0 })
    } finally {
      await refusing.close()
    }
  })

  it('goes on with the voice where the camera is refused, and says how to try again', async () => {
    const refusing = await launch(undefined, ['--use-fake-device-for-media-stream', '--deny-permission-prompts'])
    try {
      const page = await openLive(refusing)
      await page.context().grantPermissions(['microphone'])
      const advice =
        /^The browser may not use the camera\. Going on with the voice alone\. Allow it in the address bar .*, then choose Both\.$/
      // The browser refuses so quickly that Both is hardly seen.
      for (const again of [start, (): Promise<void> => page.locator('input[name=mode][value=both]').click()]) {
        await again(page)
        await expect.poll(() => page.getByRole('alert').allInnerTexts(), PATIENT).toEqual([expect.stringMatching(advice)])
        expect(await recording(page)).toBe('Microphone on')
        expect(await live(page).getAttribute('data-mode')).toBe('voice')
        expect(await page.locator('input[name=mode][value=voice]').isChecked()).toBe(true)
      }
      await page.getByRole('button', { name: 'OK' }).click()
      expect(await page.getByRole('alert').count()).toBe(0)
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Stop')
      // What is advised works once the person has followed it.
      await page.context().grantPermissions(['microphone', 'camera'])
      await choose(page, 'both')
      await expect.poll(() => recording(page), PATIENT).toBe('Camera on · Microphone on')
    } finally {
      await refusing.close()
    }
  })

  it('shows the answer on the screen of a phone, at the picture', async () => {
    const context = await stage.browser.newContext({ viewport: { width: 375, height: 667 }, isMobile: true, hasTouch: true })
    const page = await context.newPage()
    await page.goto(`${stage.site.url}#live`)
    await page.getByRole('button', { name: 'Start', exact: true }).waitFor()
    expect(await page.getByRole('region', { name: 'The last minute' }).count(), 'no lanes before there is a minute').toBe(0)
    await start(page)
    await expect.poll(() => emotion(page), PATIENT).toBeTruthy()
    for (const mode of ['both', 'face', 'voice']) {
      await choose(page, mode)
      await expect.poll(() => live(page).getAttribute('data-status'), PATIENT).toBe('running')
      await page.evaluate(() => scrollTo(0, 0))
      const answer = (await page.locator('[data-testid=answer]').boundingBox())!
      const picture = (await page.locator('.viewport').boundingBox())!
      expect(answer.y - picture.y - picture.height).toBeLessThan(2)
      // Browsers' own bars take up to 110 pixels.
      expect(answer.y + answer.height).toBeLessThan(667 - 110)
      expect(await page.getByRole('combobox').count(), 'devices are folded away').toBe(0)
    }
    expect(await page.getByRole('region', { name: 'The last minute' }).count()).toBe(1)
  })

  it('keeps the focus on its button while it starts', async () => {
    const page = await openLive()
    await page.getByRole('button', { name: 'Start', exact: true }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => live(page).getAttribute('data-status'), PATIENT).toBe('running')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Stop')
  })
})
