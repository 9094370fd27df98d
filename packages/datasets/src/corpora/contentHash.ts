import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type * as NodeCrypto from 'node:crypto'

/** Node's own is ten times as fast; taken from the running process, so that bundlers for browsers find no trace of Node here. */
const node = ((globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } }).process?.getBuiltinModule?.('node:crypto') ??
  null) as typeof NodeCrypto | null

/** First 64 bits of SHA-256, in hexadecimal: among ten million samples a chance collision has odds of one in 400,000. */
export function contentHash(bytes: Uint8Array, crypto: typeof NodeCrypto | null = node): string {
  return crypto === null ? bytesToHex(sha256(bytes).subarray(0, 8)) : crypto.createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}

/**
 * As {@link contentHash}, but by the browser's own SHA-256 where there is one: it is faster, but nobody can wait for it in a split, and pages that
 * come neither by HTTPS nor from this machine lack it.
 */
export async function contentHashSoon(bytes: Uint8Array, crypto: typeof NodeCrypto | null = node): Promise<string> {
  const subtle = crypto === null ? (globalThis.crypto as Crypto | undefined)?.subtle : undefined
  if (subtle === undefined) return contentHash(bytes, crypto)
  return bytesToHex(new Uint8Array(await subtle.digest('SHA-256', bytes as BufferSource), 0, 8))
}
