import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'

/** First 64 bits of SHA-256, in hexadecimal: among ten million samples a chance collision has odds of one in 400,000. */
export function contentHash(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes).subarray(0, 8))
}
