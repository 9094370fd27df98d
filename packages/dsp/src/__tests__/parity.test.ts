import { describe, expect, test } from 'vitest'
import { cases, compare } from './referenceCases.ts'

describe.each([...new Set(cases.map((c) => c.function))])('%s equals librosa', (name) => {
  test.each(cases.filter((c) => c.function === name).map((c) => [c.case, c] as const))('%s', (_, c) => {
    const { relative, absolute, unequal, shape, expectedShape } = compare(c)
    expect(shape).toEqual(expectedShape)
    if (/^(trim|split)/.test(name)) expect(absolute).toBe(0)
    else if (name === 'pyin voiced flag') expect(unequal).toBeLessThanOrEqual(0.01)
    else if (/^p?yin/.test(name)) expect(relative).toBeLessThanOrEqual(1e-3)
    else expect(relative).toBeLessThanOrEqual(1e-4)
  })
})
