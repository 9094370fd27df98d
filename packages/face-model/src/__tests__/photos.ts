import { readFileSync } from 'node:fs'
import { decode } from 'fast-png'
import jpeg from 'jpeg-js'
import type { RawImage } from '../pixels.ts'

/** The photographs of `photos/`, decoded. */
export function photo(name: 'astronaut.png' | 'image-2-women-on-phones.jpg' | 'image-4-woman-jumps-into-water.jpg'): RawImage {
  const bytes = readFileSync(new URL(`./photos/${name}`, import.meta.url))
  if (!name.endsWith('.png')) return { ...jpeg.decode(bytes, { useTArray: true, formatAsRGBA: false }), channels: 3 }
  const { data, width, height, channels } = decode(bytes)
  if (!(data instanceof Uint8Array)) throw new TypeError(`${name} has not 8 bits a channel`)
  return { data, width, height, channels }
}
