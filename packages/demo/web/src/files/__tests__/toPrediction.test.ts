import { expect, it } from 'vitest'
import { judgeFilm } from '../analyzeVideo.ts'
import { toCsv, toJson } from '../exportFiles.ts'
import type { FileAnalysis } from '../fileStore.ts'
import { toPrediction } from '../toPrediction.ts'

const surprise = { emotion: 'surprise', confidence: 0.53, scores: { surprise: 0.53, anger: 0.47 }, uncertain: true } as const
const happy = { scores: { happiness: 0.9, anger: 0.1 } } as const
const film = (answer: ReturnType<typeof judgeFilm>) => toPrediction('film.mp4', { kind: 'video', answer } as FileAnalysis)

it('says of a film which model answered, and what each counted where both did', () => {
  const both = film(judgeFilm(surprise, happy))!
  expect(both.modality).toBe('both')
  expect(both.weights!.speech + both.weights!.face).toBeCloseTo(1)
  expect(both.weights!.face).toBeGreaterThan(0.3)
  expect(film(judgeFilm(surprise, undefined))).toMatchObject({ modality: 'speech', emotion: 'surprise' })
  expect(film(judgeFilm(undefined, happy))).toMatchObject({ modality: 'face', emotion: 'happiness' })
  expect(film(judgeFilm(undefined, undefined))).toBeUndefined()
})

it('keeps what a model says of its own doubt', () => {
  expect(film(judgeFilm(surprise, undefined))!.uncertain).toBe(true)
  expect(film(judgeFilm({ ...surprise, uncertain: false }, undefined))!.uncertain).toBe(false)
  // Together: below one half, more likely wrong than right.
  expect(film(judgeFilm(undefined, happy))!.uncertain).toBe(false)
  expect(film(judgeFilm(undefined, { scores: { happiness: 0.4, anger: 0.3, fear: 0.3 } }))!.uncertain).toBe(true)
  expect(toPrediction('a.wav', { kind: 'audio', answer: surprise } as FileAnalysis)).toMatchObject({ modality: 'speech', uncertain: true })
})

it('exports a film as what it is', () => {
  const both = film(judgeFilm(surprise, happy))!
  const [json] = JSON.parse(toJson([both])) as [{ modality: string; weights: { speech: number; face: number } }]
  expect(json.modality).toBe('both')
  expect(json.weights.speech).toBeCloseTo(both.weights!.speech, 5)
  expect(toCsv([both]).split('\n')[1]).toMatch(/^film\.mp4,both,/)
})
