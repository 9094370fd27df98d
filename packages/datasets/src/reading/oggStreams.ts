import { joined } from './joined.ts'

/** One logical stream of an Ogg file: the pages with one serial number. */
export interface OggStream {
  /** Beginning of its first page's body, which names the codec. */
  readonly head: Uint8Array
  /** Its pages without those of other streams. */
  readonly pages: Uint8Array
  /** Granule positions of the first page that has one above 0, and the largest; 0 where none has. */
  readonly firstGranule: number
  readonly lastGranule: number
  /** Its last page says that it is the last. */
  readonly ended: boolean
}

/** What an Ogg file holds. */
export interface OggFile {
  /** Links of the chain, one after the other in time; the streams of one link run side by side. */
  readonly links: readonly (readonly OggStream[])[]
  /** What is wrong with it, in the words of a message. */
  readonly damage: string | undefined
}

const HEADER_BYTES = 27
const HEAD_BYTES = 64
const CAPTURE_PATTERN = 0x4f676753

/** A stream while its pages are met. */
class StreamBuilder {
  firstGranule = 0
  lastGranule = 0
  ended = false
  readonly #parts: { start: number; end: number }[] = []

  constructor(readonly head: Uint8Array) {}

  add(page: OggPage): void {
    const last = this.#parts.at(-1)
    if (last?.end === page.start) last.end = page.end
    else this.#parts.push({ start: page.start, end: page.end })
    this.ended = page.last
    if (page.granule > 0 && this.firstGranule === 0) this.firstGranule = page.granule
    this.lastGranule = Math.max(this.lastGranule, page.granule)
  }

  build(bytes: Uint8Array): OggStream {
    const { head, firstGranule, lastGranule, ended } = this
    const parts = this.#parts.map(({ start, end }) => bytes.subarray(start, end))
    return { head, pages: parts.length === 1 ? parts[0] : joined(Uint8Array, parts), firstGranule, lastGranule, ended }
  }
}

interface OggPage {
  readonly start: number
  readonly end: number
  readonly body: number
  readonly serial: number
  readonly granule: number
  readonly first: boolean
  readonly last: boolean
}

/**
 * Walks an Ogg file's pages (RFC 3533) and sorts them by stream.
 *
 * @returns `undefined` when the file ends within a page
 */
export function oggStreams(bytes: Uint8Array): OggFile | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const links: Map<number, StreamBuilder>[] = []
  let damage: string | undefined
  let position = 0
  // All streams of a link begin before any goes on: a beginning after that begins the next link.
  let beginning = false
  while (isPage(view, position)) {
    const page = readPage(view, position)
    if (page === undefined) return undefined
    if (oggChecksum(bytes, page.start, page.end) !== view.getUint32(position + 22, true)) damage ??= 'has a page whose checksum is wrong'
    if (page.first && (!beginning || links.at(-1)?.has(page.serial))) links.push(new Map())
    beginning = page.first
    const link = links.at(-1)
    if (page.first) link?.set(page.serial, new StreamBuilder(bytes.subarray(page.body, Math.min(page.end, page.body + HEAD_BYTES))))
    const stream = link?.get(page.serial)
    if (stream === undefined || stream.ended) damage ??= 'has pages of a stream whose first page is missing'
    stream?.add(page)
    position = page.end
  }
  if (position === 0) return undefined
  // What follows the last page, such as a tag, is left alone.
  if (hasPageAfter(view, position)) damage ??= 'has bytes between its pages that are none'
  return { links: links.map((link) => [...link.values()].map((stream) => stream.build(bytes))), damage }
}

const isPage = (view: DataView, at: number) => at + HEADER_BYTES <= view.byteLength && view.getUint32(at) === CAPTURE_PATTERN

/** `undefined` when the file ends within the page. */
function readPage(view: DataView, start: number): OggPage | undefined {
  const segments = view.getUint8(start + 26)
  const body = start + HEADER_BYTES + segments
  if (body > view.byteLength) return undefined
  let end = body
  for (let i = 0; i < segments; i++) end += view.getUint8(start + HEADER_BYTES + i)
  if (end > view.byteLength) return undefined
  const flags = view.getUint8(start + 5)
  const granule = view.getUint32(start + 6, true) + view.getInt32(start + 10, true) * 2 ** 32
  return { start, end, body, serial: view.getUint32(start + 14, true), granule, first: (flags & 2) !== 0, last: (flags & 4) !== 0 }
}

function hasPageAfter(view: DataView, position: number): boolean {
  for (let at = position; at + HEADER_BYTES <= view.byteLength; at++) if (isPage(view, at)) return true
  return false
}

/** CRC-32 with the polynomial 0x04c11db7, not reflected, over a page whose own checksum counts as zero (RFC 3533, 6). */
export function oggChecksum(bytes: Uint8Array, start: number, end: number): number {
  let crc = 0
  for (let i = start; i < end; i++) {
    const byte = i >= start + 22 && i < start + 26 ? 0 : bytes[i]
    crc = (crc << 8) ^ CRC_TABLE[(crc >>> 24) ^ byte]
  }
  return crc >>> 0
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value >>> 0
})
