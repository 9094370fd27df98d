import fc from 'fast-check'
import papaparse from 'papaparse'
import { describe, expect, it } from 'vitest'
import { tableFormat } from '../cli/tableFormat.ts'
import { csvFormat, jsonFormat } from '../predictionFormat.ts'
import type { FilePrediction } from '../prediction.ts'

const prediction = (file: string): FilePrediction => ({
  file,
  modality: 'face',
  emotion: 'happiness',
  confidence: 0.91234567,
  scores: { happiness: 0.91234567, anger: 0.08765433 },
  uncertain: false,
  faces: [{ box: { x: 1.5, y: 2, width: 30, height: 40 }, emotion: 'happiness', confidence: 0.9, scores: { happiness: 0.9, anger: 0.1 } }],
})

describe('jsonFormat', () => {
  it('writes one object a line, in the documented order', () => {
    const line = jsonFormat.line(prediction('a.png'))
    expect(Object.keys(JSON.parse(line) as object)).toEqual(['file', 'modality', 'emotion', 'confidence', 'scores', 'uncertain', 'faces'])
    expect(line).toContain('"confidence":0.912346')
    expect(line).not.toContain('\n')
  })

  it('leaves faces out for recordings', () => {
    const speech = { ...prediction('a.wav'), modality: 'speech' as const, faces: undefined }
    expect(JSON.parse(jsonFormat.line(speech))).not.toHaveProperty('faces')
  })

  it('finds the file of every line it wrote, and of nothing else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (file) => {
        expect(jsonFormat.fileOf(jsonFormat.line(prediction(file)))).toBe(file)
      }),
    )
    for (const broken of ['', '{"file":"a', 'null', '[]', '{"file":1}']) expect(jsonFormat.fileOf(broken)).toBeUndefined()
  })
})

describe('tableFormat', () => {
  it('says where the model is unsure', () => {
    const format = tableFormat(false)
    expect(format.line(prediction('a.png'))).toMatch(/ 91 % {10}face {4}a\.png$/)
    expect(format.line({ ...prediction('a.png'), uncertain: true })).toMatch(/ 91 % {2}unsure {2}face {4}a\.png$/)
  })
})

describe('csvFormat', () => {
  it('is read back by a CSV parser, whatever the file is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (file) => {
        const line = csvFormat.line(prediction(file))
        expect(line).not.toMatch(/[\r\n]/)
        const { data } = papaparse.parse<Record<string, string>>(`${csvFormat.header}\n${line}`, { header: true })
        expect(data[0]).toMatchObject({
          file: csvFormat.key(file),
          emotion: 'happiness',
          confidence: '0.912346',
          calm: '',
          faces: '1',
          uncertain: 'false',
        })
        expect(csvFormat.fileOf(line)).toBe(csvFormat.key(file))
      }),
    )
  })

  it('does not take its header or another table for a prediction', () => {
    expect(csvFormat.fileOf(csvFormat.header!)).toBeUndefined()
    expect(csvFormat.fileOf('a,b,c')).toBeUndefined()
  })
})
