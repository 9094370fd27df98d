/** A value in a message, briefly: what was given. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') return `the string ${JSON.stringify(value.slice(0, 80))}`
  if (typeof value === 'function') return 'a function'
  if (typeof value !== 'object' || value === null) return String(value)
  const { length } = value as { length?: unknown }
  // Objects without a prototype have no constructor.
  const name = (value.constructor as { name: string } | undefined)?.name ?? 'Object'
  return typeof length === 'number' ? `${name} of ${length}` : name
}
