/** A copy of numbers that are a part of a larger buffer, with a buffer of their own: a message takes whole buffers. Anything else as it is. */
export function ownBuffer<T>(data: T): T {
  if (!ArrayBuffer.isView(data) || data instanceof DataView || data.byteLength === data.buffer.byteLength) return data
  // Buffers have a slice of their own, which copies nothing.
  return Uint8Array.prototype.slice.call(data) as T
}
