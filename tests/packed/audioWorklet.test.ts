import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { openPage, serve } from './browserPage.ts'
import { copyApp, freshFolder } from './freshFolder.ts'

/** What apps/audioWorklet.js answers: rows of 13 MFCC, RMS, zero-crossing rate and pitch. */
interface AudioAnswer {
  readonly clip: { readonly worklet: readonly number[]; readonly batch: readonly number[] }
  readonly oscillator: { readonly contextSampleRate: number; readonly row: readonly number[] }
}
const columns = 16

describe.each([
  ['Vite', 'vite@8.3.8', ['viteDev.mjs', 'vitePreview.mjs']],
  ['webpack', 'webpack@5.112.2', ['webpackServe.mjs']],
] as const)('a fresh %s app', (_, tool, scripts) => {
  let folder: string

  beforeAll(async () => {
    folder = await freshFolder([tool])
    await copyApp(folder, { 'index.html': 'index.html', 'audioWorklet.js': 'src/browser.js' })
    await mkdir(join(folder, 'public'))
    await cp(join(inject('workspace'), 'packages/demo/examples/1001_DFA_ANG_XX.wav'), join(folder, 'public/1001_DFA_ANG_XX.wav'))
  })

  test.each(scripts)('%s: the worklet found by `new URL` computes on the audio thread what the batch functions do', async (script) => {
    await copyApp(folder, { [script]: script })
    const server = await serve(folder, script)
    try {
      const { answer, foreign, errors } = await openPage<AudioAnswer>(server.address)
      expect(errors).toEqual([])
      expect(foreign).toEqual([])

      const { worklet, batch } = answer.clip
      expect(batch.length).toBe(201 * columns)
      expect(worklet.length).toBe(batch.length)
      const scale = batch.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
      const largest = worklet.reduce((max, value, i) => Math.max(max, Math.abs(value - batch[i])), 0)
      expect(largest / scale).toBeLessThan(1e-4)

      const [rms, crossings, pitch] = answer.oscillator.row.slice(13)
      expect(rms).toBeCloseTo(Math.SQRT1_2, 2)
      expect(crossings).toBeCloseTo((2 * 220) / 16000, 2)
      expect(Math.abs(pitch / 220 - 1)).toBeLessThan(0.01)
    } finally {
      server.stop()
    }
  })
})
