import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type axe from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { foreignRequests, noBrowser, pageErrors, path } from './support/browser.ts'
import { predict, writeTiff } from './support/media.ts'
import { CLIP, PATIENT, PHOTOGRAPH, setStage } from './support/stage.ts'

const stage = setStage()

const open = async (options = {}): Promise<Page> => {
  const page = await (await stage.browser.newContext(options)).newPage()
  await page.goto(stage.site.url)
  return page
}
const give = (page: Page, files: string | string[]) => page.setInputFiles('[data-testid=file-input]', files)
const result = (page: Page, name: string) => page.locator('[data-testid=result]').filter({ has: page.getByRole('heading', { name }) })
const emotion = (page: Page, name: string) => result(page, name).locator('[data-testid=answer]').getAttribute('data-emotion', PATIENT)

/** Writes what a button of the page hands out, and returns it. */
async function exported(page: Page, button: string): Promise<string> {
  const waiting = page.waitForEvent('download')
  await page.getByRole('button', { name: button, exact: true }).click()
  const file = join(stage.directory, (await waiting).suggestedFilename())
  await (await waiting).saveAs(file)
  return readFileSync(file, 'utf8')
}

/** A recording of a voice as browsers make them: a `webm` that calls itself a film. */
async function recordVoice(page: Page): Promise<string> {
  const recording = await page.evaluate(
    async (sound) => {
      const context = new AudioContext()
      const source = context.createBufferSource()
      source.buffer = await context.decodeAudioData(Uint8Array.from(atob(sound), (character) => character.charCodeAt(0)).buffer)
      const heard = context.createMediaStreamDestination()
      source.connect(heard)
      const recorder = new MediaRecorder(heard.stream)
      const parts: Blob[] = []
      recorder.ondataavailable = ({ data }) => parts.push(data)
      const stopped = new Promise((resolve) => (recorder.onstop = resolve))
      recorder.start()
      source.start()
      await new Promise((resolve) => setTimeout(resolve, 2500))
      recorder.stop()
      await stopped
      await context.close()
      let text = ''
      for (const byte of new Uint8Array(await new Blob(parts).arrayBuffer())) text += String.fromCharCode(byte)
      return btoa(text)
    },
    readFileSync(CLIP, 'base64'),
  )
  const file = join(stage.directory, 'voice.webm')
  writeFileSync(file, Buffer.from(recording, 'base64'))
  return file
}

/** Phases of the files on the page, from above. */
const phases = (page: Page) =>
  page.locator('[data-testid=result]').evaluateAll((cards) => cards.map((card) => (card as HTMLElement).dataset.phase))

/** A film of two seconds that the browser itself records: the photograph drifts, the clip sounds. */
async function recordFilm(page: Page): Promise<string> {
  const film = await page.evaluate(
    async ([picture, sound]) => {
      const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
      const bitmap = await createImageBitmap(new Blob([bytes(picture)]))
      const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 })
      const drawing = canvas.getContext('2d')!
      const context = new AudioContext()
      const source = context.createBufferSource()
      source.buffer = await context.decodeAudioData(bytes(sound).buffer)
      const heard = context.createMediaStreamDestination()
      source.connect(heard)
      const stream = new MediaStream([...canvas.captureStream(15).getTracks(), ...heard.stream.getTracks()])
      const recorder = new MediaRecorder(stream)
      const parts: Blob[] = []
      recorder.ondataavailable = ({ data }) => parts.push(data)
      const stopped = new Promise((resolve) => (recorder.onstop = resolve))
      let frame = 0
      const timer = setInterval(() => drawing.drawImage(bitmap, 80 + (frame++ % 8), 0, 480, 480), 66)
      recorder.start()
      source.start()
      await new Promise((resolve) => setTimeout(resolve, 2500))
      recorder.stop()
      await stopped
      clearInterval(timer)
      await context.close()
      let text = ''
      for (const byte of new Uint8Array(await new Blob(parts).arrayBuffer())) text += String.fromCharCode(byte)
      return btoa(text)
    },
    [readFileSync(PHOTOGRAPH, 'base64'), readFileSync(CLIP, 'base64')] as const,
  )
  const file = join(stage.directory, 'film.webm')
  writeFileSync(file, Buffer.from(film, 'base64'))
  return file
}

describe.skipIf(noBrowser)('files', () => {
  it('answers many files as the command line does, without another origin, and exports the answers', async () => {
    const page = await open()
    const foreign = foreignRequests(page, stage.site.url)
    const errors = pageErrors(page)
    const broken = join(stage.directory, 'broken.wav')
    writeFileSync(broken, 'RIFF')
    await give(page, [CLIP, PHOTOGRAPH, broken])
    const [clip, photograph] = predict([CLIP, PHOTOGRAPH])
    expect(await emotion(page, '1001_DFA_ANG_XX.wav')).toBe(clip.emotion)
    expect(await emotion(page, 'astronaut.jpg')).toBe(photograph.emotion)
    expect(await result(page, 'broken.wav').getByRole('alert').innerText(PATIENT)).not.toBe('')
    await page.getByRole('heading', { name: '2 of 3 answered' }).waitFor()

    const json = JSON.parse(await exported(page, 'JSON')) as { file: string; emotion: string; modality: string; confidence: number }[]
    expect(json.map((one) => `${one.file} ${one.modality} ${one.emotion}`).sort()).toEqual(
      [`1001_DFA_ANG_XX.wav speech ${clip.emotion}`, `astronaut.jpg face ${photograph.emotion}`].sort(),
    )
    const csv = (await exported(page, 'CSV')).trim().split('\n')
    expect(csv).toHaveLength(3)
    expect(csv[0]).toMatch(/^file,modality,emotion,confidence,anger,/)
    const report = await exported(page, 'Report')
    expect(report).toContain('astronaut.jpg')
    expect(report).toContain("default-src 'none'")
    expect(report.replaceAll(/xmlns="[^"]*"|xmlns%3D%22[^%]*(%2F|%3A|[^%])*?%22/g, '')).not.toMatch(/(src|href)="https?:|<script/)
    expect(foreign).toEqual([])
    expect(errors).toEqual([])
    // It stands alone: opened from the disk, nothing is asked of anybody.
    const alone = await page.context().newPage()
    const asked: string[] = []
    alone.on('request', (request) => {
      if (!/^(data|file):/.test(request.url())) asked.push(request.url())
    })
    await alone.goto(`file://${join(stage.directory, 'emotion-report.html')}`)
    expect(await alone.locator('article').count()).toBe(2)
    expect(asked).toEqual([])
  })

  it('plays a recording with a cursor over its timeline', async () => {
    const page = await open()
    await give(page, CLIP)
    await emotion(page, '1001_DFA_ANG_XX.wav')
    expect(await page.getByRole('img', { name: /^Emotion over time: \w+ \d+ %/ }).count()).toBe(1)
    const left = () => page.locator('.cursor').evaluate((element) => parseFloat((element as HTMLElement).style.left))
    expect(await left()).toBe(0)
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await expect.poll(left, PATIENT).toBeGreaterThan(20)
    await expect.poll(() => page.getByRole('button', { name: 'Play', exact: true }).count(), PATIENT).toBe(1)
    await page.getByRole('slider', { name: 'Position' }).fill('1')
    await expect.poll(left, PATIENT).toBeCloseTo((100 * 1) / 2.2756, 0)
  })

  it('judges the voice and the faces of a film', async () => {
    const page = await open()
    const errors = pageErrors(page)
    const film = await recordFilm(page)
    await give(page, film)
    expect(await emotion(page, 'film.webm')).not.toBe('')
    const [photograph] = predict([PHOTOGRAPH])
    const share = (lane: string) => page.getByRole('img', { name: new RegExp(`^${lane}: `) }).getAttribute('aria-label')
    expect(await share('Face')).toMatch(new RegExp(`^Face: ${photograph.emotion} `))
    expect(await share('Voice')).toMatch(/^Voice: \w+ \d+ %/)
    expect(await share('Both')).toMatch(/^Both: \w+ \d+ %/)
    expect(errors).toEqual([])
  })

  it.each([
    ['film.mp4', 'video/mp4; codecs="avc1.42E01E, mp4a.40.2"'],
    ['film.webm', 'video/webm; codecs="vp8, opus"'],
  ])('judges a film as cameras and programs write it: %s', async (name, type) => {
    const page = await open()
    const errors = pageErrors(page)
    await give(page, path(`../e2e/fixtures/${name}`))
    // A Chromium without the patented codecs says so.
    if ((await page.evaluate((wanted) => document.createElement('video').canPlayType(wanted), type)) === '') {
      expect(await result(page, name).getByRole('alert').innerText(PATIENT)).toMatch(/^This browser cannot play this film\./)
      return
    }
    const [photograph] = predict([PHOTOGRAPH])
    expect(await emotion(page, name)).not.toBe('')
    const share = (lane: string) => page.getByRole('img', { name: new RegExp(`^${lane}: `) }).getAttribute('aria-label')
    expect(await share('Face')).toMatch(new RegExp(`^Face: ${photograph.emotion} `))
    expect(await share('Voice')).toMatch(/^Voice: \w+ \d+ %/)
    expect(await share('Both')).toMatch(/^Both: \w+ \d+ %/)
    // The player has it, too.
    expect(await page.locator('.player video').evaluate((video: HTMLVideoElement) => video.duration)).toBeCloseTo(2.3, 0)
    expect(errors).toEqual([])
  })

  it('takes several files dropped anywhere on the page, and leaves a dropped text alone', async () => {
    const page = await open()
    await page.setViewportSize({ width: 390, height: 844 })
    const dropped = await page.evaluateHandle(
      ([sound, picture]) => {
        const data = new DataTransfer()
        const bytes = (text: string) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
        // Whatever the system says of a file, its bytes count.
        data.items.add(new File([bytes(sound)], 'a recording with a name that is far too long for the screen of a telephone.wav'))
        data.items.add(new File([bytes(picture)], 'picture', { type: 'image/jpeg' }))
        data.items.add(new File(['plain text'], 'notes.txt', { type: 'text/plain' }))
        return data
      },
      [readFileSync(CLIP, 'base64'), readFileSync(PHOTOGRAPH, 'base64')] as const,
    )
    const zone = page.getByRole('region', { name: 'Choose files' })
    const lit = () => zone.evaluate((element) => element.classList.contains('over'))
    const text = await page.evaluateHandle(() => {
      const data = new DataTransfer()
      data.setData('text/plain', 'a sentence')
      return data
    })
    await page.dispatchEvent('footer', 'dragover', { dataTransfer: text })
    expect(await lit()).toBe(false)
    await page.dispatchEvent('footer', 'dragover', { dataTransfer: dropped })
    await expect.poll(lit).toBe(true)
    await page.dispatchEvent('body', 'dragleave', { relatedTarget: null })
    await expect.poll(lit).toBe(false)
    await page.dispatchEvent('footer', 'drop', { dataTransfer: dropped })
    const [clip, photograph] = predict([CLIP, PHOTOGRAPH])
    expect(await emotion(page, 'a recording')).toBe(clip.emotion)
    expect(await emotion(page, 'picture')).toBe(photograph.emotion)
    const refused = result(page, 'notes.txt')
    expect(await refused.getByRole('alert').innerText(PATIENT)).toContain('FILE_UNSUPPORTED')
    expect(await refused.locator('.pill').innerText()).toBe('File')
    await page.getByRole('heading', { name: '2 of 3 answered' }).waitFor()
    // Nothing sticks out: no name of a file, no label of a face.
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0)
    const label = await page.locator('.face-box > span').evaluate((element) => ({ inside: element.clientWidth, text: element.scrollWidth }))
    expect(label.text).toBeLessThanOrEqual(label.inside)
  })

  it('answers many pictures one after the other, the first at once, and forgets those that are removed', async () => {
    const page = await open()
    // Files are read in the order of their turns.
    await page.evaluate(() => {
      const log: string[] = []
      Object.assign(globalThis, { log })
      Blob.prototype.arrayBuffer = function (this: Blob) {
        if (this instanceof File) log.push(this.name)
        return new Response(this).arrayBuffer()
      }
    })
    const log = () => page.evaluate(() => (globalThis as unknown as { log: string[] }).log)
    const files = Array.from({ length: 12 }, (_, i) => join(stage.directory, `holiday-${i}.jpg`))
    for (const file of files) copyFileSync(PHOTOGRAPH, file)
    await give(page, files)
    await page.locator('[data-phase=done]').first().waitFor(PATIENT)
    const some = await phases(page)
    expect(some[0]).toBe('done')
    expect(some.filter((phase) => phase === 'working').length).toBeLessThanOrEqual(1)
    expect(some.at(-1)).toBe('waiting')
    expect(await page.locator('[data-phase=waiting]').last().innerText()).toMatch(/waiting/)
    // Removed while it waits: never read.
    await page.getByRole('button', { name: 'Remove holiday-10.jpg' }).click()
    await expect.poll(async () => new Set(await phases(page)), PATIENT).toEqual(new Set(['done']))
    expect(await log()).toEqual(files.map((_, i) => `holiday-${i}.jpg`).filter((name) => name !== 'holiday-10.jpg'))

    await give(page, files)
    await page.locator('[data-phase=working]').waitFor(PATIENT)
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    const before = (await log()).length
    await give(page, PHOTOGRAPH)
    expect(await emotion(page, 'astronaut.jpg')).toBe('happiness')
    expect((await log()).slice(before)).toEqual(['astronaut.jpg'])
  })

  it('says of each file only how long it took itself', async () => {
    const page = await open()
    const files = Array.from({ length: 8 }, (_, i) => join(stage.directory, `own-${i}.jpg`))
    for (const file of files) copyFileSync(PHOTOGRAPH, file)
    const begun = Date.now()
    await give(page, files)
    await expect.poll(async () => new Set(await phases(page)), PATIENT).toEqual(new Set(['done']))
    const took = Date.now() - begun
    const rows = await page.locator('.timings').allTextContents()
    const total = rows.flatMap((row) => [...row.matchAll(/([\d.]+) ms/g)]).reduce((sum, [, value]) => sum + Number(value), 0)
    expect(rows).toHaveLength(8)
    expect(total).toBeLessThanOrEqual(took)
  })

  it('puts beside each answer of the report the picture that it is about, whatever the names', async () => {
    const page = await open()
    const first = join(stage.directory, 'a/photo.png')
    const second = join(stage.directory, 'b/photo.png')
    for (const [file, source] of [
      [first, '../src/__tests__/fixtures/face.png'],
      [second, '../src/__tests__/fixtures/face48.png'],
    ]) {
      mkdirSync(join(file, '..'), { recursive: true })
      copyFileSync(path(source), file)
    }
    await give(page, first)
    await expect.poll(() => phases(page), PATIENT).toEqual(['done'])
    await give(page, second)
    await expect.poll(() => phases(page), PATIENT).toEqual(['done', 'done'])
    await exported(page, 'Report')
    const alone = await page.context().newPage()
    await alone.goto(`file://${join(stage.directory, 'emotion-report.html')}`)
    const pictures = await alone
      .locator('article > img')
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth))
    expect(pictures).toHaveLength(2)
    expect(pictures[0]).toBe(48)
    expect(pictures[1]).toBeGreaterThan(48)
  })

  it('exports the answer for a film as that of voice and face together', async () => {
    const page = await open()
    await give(page, path('../e2e/fixtures/film.webm'))
    await emotion(page, 'film.webm')
    const [film] = JSON.parse(await exported(page, 'JSON')) as [{ modality: string; weights: { speech: number; face: number } }]
    expect(film.modality).toBe('both')
    expect(film.weights.speech + film.weights.face).toBeCloseTo(1, 4)
    expect((await exported(page, 'CSV')).split('\n')[1]).toMatch(/^film\.webm,both,/)
    expect(await exported(page, 'Report')).toMatch(/from voice and face together \(\d+ % and \d+ %\)/)
  })

  it('takes a webm without a picture for a recording', async () => {
    const page = await open()
    await give(page, await recordVoice(page))
    expect(await emotion(page, 'voice.webm')).not.toBe('')
    expect(await result(page, 'voice.webm').locator('.pill').first().innerText()).toBe('Recording')
    expect(await result(page, 'voice.webm').locator('.canvas-wave').count()).toBe(1)
  })

  it('shows a TIFF, here and in the report, and says what to do with one that it cannot read', async () => {
    const page = await open()
    const tiff = await writeTiff(join(stage.directory, 'astronaut.tiff'), PHOTOGRAPH)
    const packed = join(stage.directory, 'packed.tiff')
    const bytes = readFileSync(tiff)
    // The value of the fourth entry, the compression: PackBits.
    bytes.writeUInt16LE(32773, bytes.readUInt32LE(4) + 2 + 3 * 12 + 8)
    writeFileSync(packed, bytes)
    await give(page, [tiff, packed])
    expect(await emotion(page, 'astronaut.tiff')).toBe('happiness')
    const picture = result(page, 'astronaut.tiff').locator('.picture > img')
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth), PATIENT).toBe(512)
    expect(await result(page, 'packed.tiff').getByRole('alert').innerText(PATIENT)).toBe(
      'This kind of picture cannot be read. Save it as png or jpeg. IMAGE_UNSUPPORTED',
    )
    expect(await exported(page, 'Report')).toContain('<img src="data:image/jpeg')
  })

  it('says that a model is unsure, and what the actor of the example meant', async () => {
    const page = await open()
    await page.getByText('acted: anger', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Try a voice' }).click()
    await emotion(page, '1001_DFA_ANG_XX.wav')
    const [clip] = predict([CLIP])
    const note = await result(page, '1001_DFA_ANG_XX.wav').locator('.answer-note').innerText()
    expect(note).toContain('The actor meant anger.')
    expect(note.includes('Unsure:')).toBe(clip.uncertain)
    const [json] = JSON.parse(await exported(page, 'JSON')) as [{ uncertain: boolean }]
    expect(json.uncertain).toBe(clip.uncertain)
    const report = await exported(page, 'Report')
    expect(report).toContain('The actor meant anger.')
    expect(report.includes('<strong>Unsure:</strong>')).toBe(clip.uncertain)
  })

  it('keeps the focus of the keyboard, and moves through a recording by steps that can be heard', async () => {
    const page = await open()
    await page.getByRole('button', { name: 'Try a voice' }).focus()
    await page.keyboard.press('Enter')
    await emotion(page, '1001_DFA_ANG_XX.wav')
    const focused = () =>
      page.evaluate(() => {
        const { activeElement } = document
        return activeElement?.getAttribute('aria-label') ?? activeElement?.textContent
      })
    expect(await focused()).toBe('1001_DFA_ANG_XX.wav')
    await page.keyboard.press('Tab')
    expect(await focused()).toBe('Remove 1001_DFA_ANG_XX.wav')
    const slider = page.getByRole('slider', { name: 'Position' })
    await slider.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await expect.poll(() => slider.getAttribute('aria-valuetext'), PATIENT).toMatch(/^0:00\.2 /)
    // Before anything is given, Tab never lands on what nobody sees.
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    const seen = new Set<string>()
    for (let i = 0; i < 20; i++) {
      await page.keyboard.press('Tab')
      seen.add(await page.evaluate(() => document.activeElement!.tagName))
    }
    expect([...seen]).not.toContain('INPUT')
  })

  it('says how far it is with a long recording', async () => {
    const page = await open()
    // Two minutes: the clip over and over.
    const clip = readFileSync(CLIP)
    const sound = Buffer.concat(Array.from({ length: 60 }, () => clip.subarray(44)))
    const header = Buffer.from(clip.subarray(0, 44))
    header.writeUInt32LE(36 + sound.length, 4)
    header.writeUInt32LE(sound.length, 40)
    const long = join(stage.directory, 'long.wav')
    writeFileSync(long, Buffer.concat([header, sound]))
    await page.evaluate(() => {
      const said = new Set<string>()
      Object.assign(globalThis, { said })
      const observer = new MutationObserver(() => {
        const text = document.querySelector('[data-testid=result] .working span')?.textContent
        if (text) said.add(text)
      })
      observer.observe(document.body, { subtree: true, childList: true, characterData: true })
    })
    await give(page, long)
    await emotion(page, 'long.wav')
    const said = await page.evaluate(() => [...(globalThis as unknown as { said: Set<string> }).said])
    expect(said.filter((text) => /^\d+ % of the recording$/.test(text)).length).toBeGreaterThan(2)
  })

  it('shows nothing that axe finds serious, in light and dark, in any view', async () => {
    const source = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await open({ colorScheme, reducedMotion: 'reduce' })
      await give(page, PHOTOGRAPH)
      await emotion(page, 'astronaut.jpg')
      await page.evaluate(source)
      // The models are loaded below: what appears with them is looked at, too.
      for (const view of ['Files', 'Files without answers', 'Live', 'Personal', 'Personal face', 'How it works']) {
        const [tab] = / (without|face)/.test(view) ? view.split(' ') : [view]
        await page.getByRole('link', { name: tab, exact: true }).click()
        await page.locator(`nav a[aria-current=page]:text-is("${tab}")`).waitFor()
        if (view === 'Files without answers') await page.getByRole('button', { name: 'Clear', exact: true }).click()
        if (view === 'Live') await page.getByText('Both models are ready.').waitFor(PATIENT)
        if (view === 'Personal face') await page.locator('input[name=modality][value=face]').check()
        const { violations, passes } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run())
        expect(passes.length).toBeGreaterThan(10)
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        expect(serious.map(({ id, nodes }) => `${view} ${colorScheme} ${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([])
        // Reduced motion: nothing moves by itself.
        expect(
          await page.evaluate(
            () =>
              document.getAnimations().filter((one) => one.playState === 'running' && Number(one.effect?.getTiming().duration) > 1).length,
          ),
        ).toBe(0)
      }
      await page.context().close()
    }
  })
})
