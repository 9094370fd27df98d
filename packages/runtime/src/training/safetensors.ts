import { EmoError } from '@emo/errors'

/** Named float32 vectors and text, as a safetensors file holds them. */
export interface SafetensorsContent {
  readonly tensors: Readonly<Record<string, Float32Array>>
  readonly metadata: Readonly<Record<string, string>>
}

interface HeaderEntry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/**
 * Writes float32 vectors in the safetensors format (https://github.com/huggingface/safetensors): the length of the header as 64-bit
 * integer, the header as JSON padded with spaces, the data. Little-endian, like every machine that runs Node.
 */
export function encodeSafetensors({ tensors, metadata }: SafetensorsContent): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let end = 0
  for (const [name, values] of Object.entries(tensors)) {
    header[name] = { dtype: 'F32', shape: [values.length], data_offsets: [end, end + values.byteLength] }
    end += values.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const headerLength = Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(8 + headerLength + end)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true)
  bytes.fill(0x20, 8, 8 + headerLength)
  bytes.set(json, 8)
  let offset = 8 + headerLength
  for (const values of Object.values(tensors)) {
    new Float32Array(bytes.buffer, offset, values.length).set(values)
    offset += values.byteLength
  }
  return bytes
}

/** Reads what {@link encodeSafetensors} wrote. @throws {@link EmoError} `CHECKPOINT_DAMAGED` for anything else */
export function decodeSafetensors(given: Uint8Array): SafetensorsContent {
  // Not a Buffer, whose slice is no copy.
  const bytes = new Uint8Array(given.buffer, given.byteOffset, given.byteLength)
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const dataStart = 8 + Number(view.getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, dataStart))) as Record<string, HeaderEntry>
    const { __metadata__: metadata, ...entries } = header
    const tensors: Record<string, Float32Array> = {}
    for (const [
      name,
      {
        dtype,
        shape,
        data_offsets: [start, end],
      },
    ] of Object.entries(entries)) {
      const length = shape.reduce((product, size) => product * size, 1)
      if (dtype !== 'F32' || end - start !== length * 4 || dataStart + end > bytes.length)
        throw new RangeError(`tensor ${name} is not all there`)
      tensors[name] = new Float32Array(bytes.slice(dataStart + start, dataStart + end).buffer)
    }
    return { tensors, metadata: metadata as unknown as Record<string, string> }
  } catch (error) {
    throw new EmoError('CHECKPOINT_DAMAGED', `this is not a whole safetensors file: ${(error as Error).message}`, { cause: error })
  }
}
