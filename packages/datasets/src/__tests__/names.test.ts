import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatCkPlusName,
  formatCremaDName,
  formatEmoDbName,
  formatJaffeName,
  formatNemoName,
  formatRavdessName,
  formatSaveeName,
  formatTessName,
  parseCkPlusName,
  parseCremaDName,
  parseEmoDbName,
  parseJaffeName,
  parseNemoName,
  parseRavdessName,
  parseSaveePath,
  parseTessName,
  type Parsed,
} from '../index.ts'

const of = <const T extends readonly unknown[]>(...values: T) => fc.constantFrom(...values) as fc.Arbitrary<T[number]>
const digits = (length: number, min = 0, max = 10 ** length - 1) =>
  fc.integer({ min, max }).map((value) => String(value).padStart(length, '0'))

interface Scheme {
  readonly corpus: string
  readonly parse: (name: string) => Parsed<unknown>
  /** Writes the name from what was parsed. */
  readonly format: (fields: never) => string
  /** Every name of the published scheme. */
  readonly names: fc.Arbitrary<string>
  readonly kind: string
}

const ravdessName = fc
  .tuple(of('01', '02', '03'), of('01', '02'), digits(2, 1, 8), of('01', '02'), of('01', '02'), of('01', '02'), digits(2, 1, 24))
  .filter(([, channel, emotion, intensity]) => !(emotion === '01' && intensity === '02') && !(channel === '02' && Number(emotion) > 6))
  .map((parts) => parts.join('-'))

const schemes: readonly Scheme[] = [
  { corpus: 'ravdess', parse: parseRavdessName, format: formatRavdessName, names: ravdessName, kind: '' },
  {
    corpus: 'savee',
    parse: parseSaveePath,
    format: formatSaveeName,
    names: fc
      .tuple(of('DC', 'JE', 'JK', 'KL'), of('a', 'd', 'f', 'h', 'n', 'sa', 'su'), fc.integer({ min: 1, max: 30 }))
      .filter(([, code, sentence]) => code === 'n' || sentence <= 15)
      .map(([speaker, code, sentence]) => `${speaker}_${code}${String(sentence).padStart(2, '0')}`),
    kind: '.wav',
  },
  {
    corpus: 'tess',
    parse: parseTessName,
    format: formatTessName,
    names: fc
      .tuple(of('OAF', 'YAF'), fc.stringMatching(/^[a-z]{2,8}$/), of('angry', 'disgust', 'fear', 'happy', 'neutral', 'ps', 'sad'))
      .map((parts) => parts.join('_')),
    kind: '.wav',
  },
  {
    corpus: 'crema-d',
    parse: parseCremaDName,
    format: formatCremaDName,
    names: fc
      .tuple(
        fc.integer({ min: 1001, max: 1091 }).map(String),
        of('IEO', 'TIE', 'IOM', 'IWW', 'TAI', 'MTI', 'IWL', 'ITH', 'DFA', 'ITS', 'TSI', 'WSI'),
        of('ANG', 'DIS', 'FEA', 'HAP', 'NEU', 'SAD'),
        of('LO', 'MD', 'HI', 'XX'),
      )
      .map((parts) => parts.join('_')),
    kind: '.wav',
  },
  {
    corpus: 'emodb',
    parse: parseEmoDbName,
    format: formatEmoDbName,
    names: fc
      .tuple(
        of('03', '08', '09', '10', '11', '12', '13', '14', '15', '16'),
        of('a01', 'a02', 'a04', 'a05', 'a07', 'b01', 'b02', 'b03', 'b09', 'b10'),
        of('W', 'L', 'E', 'A', 'F', 'T', 'N'),
        fc.stringMatching(/^[a-z]$/),
      )
      .map((parts) => parts.join('')),
    kind: '.wav',
  },
  {
    corpus: 'nemo',
    parse: parseNemoName,
    format: formatNemoName,
    names: fc
      .tuple(
        fc.stringMatching(/^[A-Z]{2}\d$/),
        of('anger', 'fear', 'happiness', 'neutral', 'sadness', 'surprise'),
        fc.integer({ min: 1, max: 999 }),
      )
      .map((parts) => parts.join('_')),
    kind: '.wav',
  },
  {
    corpus: 'jaffe',
    parse: parseJaffeName,
    format: formatJaffeName,
    names: fc
      .tuple(
        fc.stringMatching(/^[A-Z]{2}$/),
        of('AN', 'DI', 'FE', 'HA', 'NE', 'SA', 'SU'),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 999 }),
      )
      .map(([subject, emotion, take, number]) => `${subject}.${emotion}${take}.${number}`),
    kind: '.tiff',
  },
  {
    corpus: 'ckplus',
    parse: parseCkPlusName,
    format: formatCkPlusName,
    names: fc.tuple(digits(3), digits(3), digits(8)).map(([subject, sequence, frame]) => `S${subject}_${sequence}_${frame}`),
    kind: '.png',
  },
]

/** A name with one character changed, added or taken out. */
const mutated = (names: fc.Arbitrary<string>) =>
  fc
    .tuple(names, fc.nat(), fc.constantFrom('replace', 'insert', 'delete'), fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme' }))
    .map(([name, at, how, character]) => {
      const i = at % name.length
      return name.slice(0, i) + (how === 'delete' ? '' : character) + name.slice(how === 'insert' ? i : i + 1)
    })

describe.each(schemes)('names of $corpus', ({ parse, format, names, kind }) => {
  it('come back as they were read', () => {
    fc.assert(
      fc.property(names, fc.constantFrom('', kind), (name, ending) => {
        const parsed = parse(name + ending)
        if ('reason' in parsed) expect.fail(`${name + ending}: ${parsed.reason}`)
        expect(format(parsed.fields as never)).toBe(name)
      }),
      { numRuns: 500 },
    )
  })

  it('are refused with a reason when they are not of the scheme, and never misread when one character changes', () => {
    let refused = 0
    fc.assert(
      fc.property(mutated(names), (name) => {
        const parsed = parse(name)
        if ('reason' in parsed) {
          refused++
          expect(parsed.reason).toMatch(/\S/)
        } else {
          // The change led to another name of the scheme (or to one that is known as a misspelling): reading what is written gives the same.
          const again = parse(format(parsed.fields as never))
          expect(again).toEqual(parsed)
        }
      }),
      { numRuns: 500 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  it('take any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const parsed = parse(name)
        expect('fields' in parsed || parsed.reason.length > 0).toBe(true)
      }),
    )
  })
})

describe('what is no name', () => {
  it.each(schemes)('$corpus: is read as such and never written', ({ parse, format, names }) => {
    for (const given of [null, undefined, 7, [], {}]) {
      expect(parse(given as never)).toHaveProperty('reason', expect.stringMatching(/^not a name but /))
    }
    for (const given of [null, undefined, 'text']) {
      expect(() => format(given as never)).toThrow(expect.objectContaining({ code: 'NAME_FIELDS_EXPECTED' }))
    }
    fc.assert(
      fc.property(names, (name) => {
        const { fields } = parse(name) as { fields: Record<string, unknown> }
        // Each field in turn is one that no corpus has.
        for (const key of Object.keys(fields)) {
          expect(() => format({ ...fields, [key]: '?' } as never)).toThrow(expect.objectContaining({ code: 'NAME_FIELD_RANGE' }))
        }
      }),
    )
  })
})

describe('names that are special', () => {
  it('RAVDESS: neutral is never strong, nothing disgusted or surprised is sung, pictures are no wav', () => {
    expect(parseRavdessName('03-01-01-02-01-01-01.wav')).toEqual({ reason: 'neutral has no strong intensity' })
    expect(parseRavdessName('03-02-07-01-01-01-01.wav')).toEqual({ reason: 'song has no disgust' })
    expect(parseRavdessName('01-01-05-01-01-01-01.wav')).toHaveProperty('reason')
    expect(parseRavdessName('03-01-05-01-01-01-25.wav')).toEqual({ reason: 'actor 25 is not within 1 to 24' })
    expect(parseRavdessName('01-02-05-02-02-01-24.mp4')).toEqual({
      fields: { modality: 'full-av', vocalChannel: 'song', emotion: 'anger', intensity: 'strong', statement: 2, repetition: 1, actor: 24 },
    })
  })

  it('SAVEE: the folder names the speaker in the second layout', () => {
    expect(parseSaveePath('AudioData/JK/su15.wav')).toEqual({ fields: { speaker: 'JK', emotion: 'surprise', sentence: 15 } })
    expect(parseSaveePath('other/su15.wav')).toEqual({ reason: 'speaker "other" is none of DC, JE, JK, KL' })
    expect(parseSaveePath('DC/a16.wav')).toEqual({ reason: 'sentence 16 is not within 1 to 15' })
  })

  it('TESS: the file without its F, and every spelling of surprise', () => {
    expect(parseTessName('OA_bite_neutral.wav')).toEqual({ fields: { speaker: 'OAF', word: 'bite', emotion: 'neutral' } })
    for (const spelling of ['ps', 'pleasant_surprise', 'Pleasant_surprise', 'pleasant_surprised']) {
      expect(parseTessName(`YAF_dog_${spelling}.wav`)).toEqual({ fields: { speaker: 'YAF', word: 'dog', emotion: 'surprise' } })
    }
  })

  it('CREMA-D: the file whose level lacks an X', () => {
    expect(parseCremaDName('1040_ITH_SAD_X.wav')).toEqual({
      fields: { actor: 1040, sentence: 'ITH', emotion: 'sadness', level: 'unspecified' },
    })
  })
})
