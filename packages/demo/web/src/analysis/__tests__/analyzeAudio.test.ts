import { readFileSync } from 'node:fs'
import { decodeAudio, mixToMono } from '@emo/datasets'
import { SpeechEmotionModel } from '@emo/speech-model'
import { expect, it, vi } from 'vitest'
import { analyzeAudio } from '../analyzeAudio.ts'

it('says how far it is with a long recording, and answers as without', async () => {
  const model = await SpeechEmotionModel.load()
  const clip = new URL('../../../../examples/1001_DFA_ANG_XX.wav', import.meta.url)
  const { channels, sampleRate } = await decodeAudio(readFileSync(clip))
  const voice = mixToMono(channels)
  const samples = new Float32Array(12 * voice.length)
  for (let i = 0; i < 12; i++) samples.set(voice, i * voice.length)
  // Every look at the clock is a second after the one before: nothing is too soon to be said.
  let clock = 0
  vi.spyOn(performance, 'now').mockImplementation(() => (clock += 1000))
  const steps: number[] = []
  const { answer, timeline } = await analyzeAudio(model, { samples, sampleRate }, (done) => steps.push(done))
  vi.restoreAllMocks()
  const { emotion, confidence, scores, uncertain } = model.predict({ samples, sampleRate })
  expect(answer).toEqual({ emotion, confidence, scores, uncertain })
  expect(timeline.length).toBeGreaterThan(100)
  expect(steps).toEqual([...steps].sort((a, b) => a - b))
  // The whole and its moments both.
  expect(steps.filter((done) => done < 0.5).length).toBeGreaterThan(3)
  expect(steps.at(-1)).toBeGreaterThan(0.95)
  expect(steps.at(-1)).toBeLessThanOrEqual(1)
  model.dispose()
})
