/**
 * Remembers the results of a pure factory for up to `most` argument lists, so that a function called on thousands of
 * clips builds its tables once and a program that tries many parameters does not grow without bound.
 */
export function cached<A extends (number | string | boolean | null)[], T extends object>(
  create: (...key: A) => T,
  most = 16,
): (...key: A) => T {
  const entries = new Map<string, T>()
  return (...key) => {
    const id = key.join()
    let value = entries.get(id)
    if (!value) {
      value = create(...key)
      if (entries.size >= most) entries.clear()
      entries.set(id, value)
    }
    return value
  }
}
