/** Arrays of one type, one after the other. */
export function joined<Values extends Uint8Array | Float32Array>(type: new (length: number) => Values, parts: readonly Values[]): Values {
  const whole = new type(parts.reduce((sum, part) => sum + part.length, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}
