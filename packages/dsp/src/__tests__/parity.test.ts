import { describe, expect, test } from 'vitest'
import { cases, compare } from './referenceCases.ts'

const later = ['yin', 'lpc', 'pyin']

describe.each([...new Set(cases.map((c) => c.function))].filter((name) => !later.some((l) => name.startsWith(l))))('%s equals librosa', (name) => {
  test.each(cases.filter((c) => c.function === name).map((c) => [c.case, c] as const))('%s', (_, c) => {
    const { relative, absolute, shape, expectedShape } = compare(c)
    expect(shape).toEqual(expectedShape)
    if (/^(trim|split)/.test(name)) expect(absolute).toBe(0)
    else expect(relative).toBeLessThanOrEqual(1e-4)
  })
})
