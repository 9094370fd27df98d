import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { launch, noBrowser, path, serve, type FakeDevices } from './browser.ts'

/** A clip of CREMA-D and a photograph that the page and the command line are asked about. */
export const CLIP = path('../examples/1001_DFA_ANG_XX.wav')
export const PHOTOGRAPH = path('../examples/astronaut.jpg')
/** What a page may take on a busy machine. */
export const PATIENT = { timeout: 90_000, interval: 200 }

/** What a file of tests plays on; there from the first test on. */
export interface Stage {
  /** Folder for what the tests write. */
  readonly directory: string
  /** The built page on loopback. */
  readonly site: Awaited<ReturnType<typeof serve>>
  readonly browser: Browser
}

/**
 * Sets a stage before a file's tests and clears it after them; every test begins without contexts of the one before.
 *
 * @param prepare - writes into the folder what made-up devices play; default: no devices
 */
export function setStage(prepare?: (directory: string) => Promise<FakeDevices>): Stage {
  const stage: { -readonly [Key in keyof Stage]?: Stage[Key] } = {}
  beforeAll(async () => {
    if (noBrowser) return
    stage.directory = mkdtempSync(join(tmpdir(), 'emo-e2e-'))
    const devices = await prepare?.(stage.directory)
    stage.site = await serve()
    stage.browser = await launch(devices)
  })
  // Also after a failure: a camera that runs on slows down what follows.
  afterEach(async () => {
    for (const context of stage.browser?.contexts() ?? []) await context.close()
  })
  afterAll(async () => {
    await stage.browser?.close()
    stage.site?.close()
    if (stage.directory) rmSync(stage.directory, { recursive: true })
  })
  return stage as Stage
}
