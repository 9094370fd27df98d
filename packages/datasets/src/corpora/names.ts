import { EmoError, EmoRangeError } from '@emo/errors'
import { kindOf } from '../checkArguments.ts'
import type { Parsed } from './datasetBuilder.ts'

/** Reads a name; whatever is no string fits no scheme. The declared types are not what every caller gives. */
export function readName<T>(given: unknown, read: (name: string) => Parsed<T>): Parsed<T> {
  return typeof given === 'string' ? read(given) : { reason: `not a name but ${kindOf(given)}` }
}

/**
 * Writes a name that can be read again.
 *
 * @throws EmoError `NAME_FIELDS_EXPECTED` for fields that are no object; EmoRangeError `NAME_FIELD_RANGE` for a field that the scheme has no place for
 */
export function writeName<T>(fields: T, write: (fields: T) => string, parse: (name: string) => Parsed<unknown>): string {
  if (typeof fields !== 'object' || fields === null) {
    throw new EmoError('NAME_FIELDS_EXPECTED', `fields is ${kindOf(fields)}; give the fields of a name, as its parse function returns them`)
  }
  const name = write(fields)
  const parsed = parse(name)
  if ('reason' in parsed) {
    throw new EmoRangeError('NAME_FIELD_RANGE', `${JSON.stringify(fields)} would be "${name}": ${parsed.reason}`, { details: { fields } })
  }
  return name
}
