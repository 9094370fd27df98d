import protobuf from 'protobufjs'

/** Weights of the network of the benchmark: LSTM with sigmoid gates, then dense layers with ReLU, the last with softmax. */
export interface LstmNetwork {
  readonly time: number
  readonly features: number
  readonly units: number
  /** `[features, 4 * units]`, `[units, 4 * units]` and `[4 * units]`, gates in Keras' order: input, forget, cell, output. */
  readonly lstm: readonly [Float32Array, Float32Array, Float32Array]
  /** `[inputs, outputs]` and `[outputs]` of every dense layer. */
  readonly dense: readonly (readonly [Float32Array, Float32Array])[]
}

/** The network as an ONNX model (opset 17), batch 1, input `x` [time, 1, features], output `y` [1, classes]. */
export function lstmToOnnx({ time, features, units, lstm, dense }: LstmNetwork): Uint8Array {
  const [kernel, recurrent, bias] = lstm
  // ONNX' gates: input, output, forget, cell; rows instead of columns.
  const gates = [0, 3, 1, 2]
  const rows = (matrix: Float32Array, depth: number) =>
    Float32Array.from({ length: 4 * units * depth }, (_, i) => {
      const row = Math.floor(i / depth)
      return matrix[(i % depth) * 4 * units + gates[Math.floor(row / units)] * units + (row % units)]
    })
  const biases = new Float32Array(8 * units)
  for (let i = 0; i < 4 * units; i++) biases[i] = bias[gates[Math.floor(i / units)] * units + (i % units)]

  const initializers = [
    tensor('W', [1, 4 * units, features], rows(kernel, features)),
    tensor('R', [1, 4 * units, units], rows(recurrent, units)),
    tensor('B', [1, 8 * units], biases),
    int64Tensor('axis', [1], [0]),
  ]
  const nodes = [
    node('LSTM', ['x', 'W', 'R', 'B'], ['', 'h'], [intAttribute('hidden_size', units)]),
    node('Squeeze', ['h', 'axis'], ['z0']),
  ]
  dense.forEach(([weights, biasValues], i) => {
    const outputs = biasValues.length
    initializers.push(tensor(`w${i}`, [weights.length / outputs, outputs], weights), tensor(`b${i}`, [outputs], biasValues))
    nodes.push(node('Gemm', [`z${i}`, `w${i}`, `b${i}`], [`a${i}`]))
    const last = i === dense.length - 1
    nodes.push(node(last ? 'Softmax' : 'Relu', [`a${i}`], [last ? 'y' : `z${i + 1}`]))
  })
  const classes = dense[dense.length - 1][1].length
  const graph = message((w) => {
    for (const bytes of nodes) w.uint32(tag(1)).bytes(bytes)
    w.uint32(tag(2)).string('lstm')
    for (const bytes of initializers) w.uint32(tag(5)).bytes(bytes)
    w.uint32(tag(11)).bytes(valueInfo('x', [time, 1, features]))
    w.uint32(tag(12)).bytes(valueInfo('y', [1, classes]))
  })
  return message((w) => {
    w.uint32(tag(1, 0)).int64(8) // IR version
    w.uint32(tag(7)).bytes(graph)
    w.uint32(tag(8)).bytes(message((o) => o.uint32(tag(1)).string('').uint32(tag(2, 0)).int64(17)))
  })
}

/** Field key of the protocol buffers' wire format; 2 = length-delimited, 0 = varint. */
const tag = (field: number, type = 2) => (field << 3) | type

function message(write: (writer: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create()
  write(writer)
  return writer.finish()
}

function tensor(name: string, shape: readonly number[], values: Float32Array): Uint8Array {
  return message((w) => {
    for (const size of shape) w.uint32(tag(1, 0)).int64(size)
    w.uint32(tag(2, 0)).int32(1) // FLOAT
    w.uint32(tag(8)).string(name)
    w.uint32(tag(9)).bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
  })
}

function int64Tensor(name: string, shape: readonly number[], values: readonly number[]): Uint8Array {
  return message((w) => {
    for (const size of shape) w.uint32(tag(1, 0)).int64(size)
    w.uint32(tag(2, 0)).int32(7) // INT64
    for (const value of values) w.uint32(tag(7, 0)).int64(value)
    w.uint32(tag(8)).string(name)
  })
}

function intAttribute(name: string, value: number): Uint8Array {
  return message((w) => w.uint32(tag(1)).string(name).uint32(tag(3, 0)).int64(value).uint32(tag(20, 0)).int32(2))
}

function node(type: string, inputs: readonly string[], outputs: readonly string[], attributes: readonly Uint8Array[] = []): Uint8Array {
  return message((w) => {
    for (const name of inputs) w.uint32(tag(1)).string(name)
    for (const name of outputs) w.uint32(tag(2)).string(name)
    w.uint32(tag(4)).string(type)
    for (const bytes of attributes) w.uint32(tag(5)).bytes(bytes)
  })
}

function valueInfo(name: string, shape: readonly number[]): Uint8Array {
  const dimensions = message((w) => {
    for (const size of shape) w.uint32(tag(1)).bytes(message((d) => d.uint32(tag(1, 0)).int64(size)))
  })
  const type = message((w) => w.uint32(tag(1, 0)).int32(1).uint32(tag(2)).bytes(dimensions))
  return message((w) =>
    w
      .uint32(tag(1))
      .string(name)
      .uint32(tag(2))
      .bytes(message((t) => t.uint32(tag(1)).bytes(type))),
  )
}
