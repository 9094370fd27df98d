/** An address in the backend's memory, or 0 for none. */
type Address = number

// What the kernels of assembly/quantizedConvolution.ts have in common.
type QuantizedPicture = [x: Address, height: number, width: number, channels: number]
type QuantizedDepthwise = [depthwise: Address, gain: number]
type QuantizedProducts = [packed: Address, scale: number, bias: Address, columns: number, slope: number, out: Address]
type QuantizedSize = [outHeight: number, outWidth: number]

/** What `assembly/` exports; parameters are documented there. Flags are 0 or 1, strides are bytes. */
export interface KernelExports {
  packPanels(source: Address, depth: number, columns: number, strideK: number, strideN: number, target: Address, panelBytes: number): void
  padBias(source: Address, columns: number, target: Address): void
  multiplyRows(
    a: Address,
    strideA: number,
    rows: number,
    depth: number,
    packed: Address,
    out: Address,
    strideOut: number,
    columns: number,
    init: number,
    bias: Address,
    scratch: Address,
  ): void
  multiplyTransposed(
    a: Address,
    strideA: number,
    rows: number,
    b: Address,
    strideB: number,
    columns: number,
    count: number,
    out: Address,
    blockRows: number,
    scratch: Address,
  ): void
  gatherConvolution(
    source: Address,
    batch: number,
    sourceHeight: number,
    sourceWidth: number,
    depth: number,
    target: Address,
    targetHeight: number,
    targetWidth: number,
    columns: number,
    gridRows: number,
    gridColumns: number,
    sourceStepY: number,
    sourceStepX: number,
    sourceY: number,
    sourceX: number,
    tapsY: number,
    tapsX: number,
    tapStep: number,
    targetStepY: number,
    targetStepX: number,
    targetY: number,
    targetX: number,
    packed: Address,
    zeros: Address,
    scratch: Address,
  ): void
  scatterInputGradient(
    dy: Address,
    batch: number,
    outHeight: number,
    outWidth: number,
    outputChannels: number,
    dx: Address,
    height: number,
    width: number,
    channels: number,
    filterHeight: number,
    filterWidth: number,
    strideY: number,
    strideX: number,
    padTop: number,
    padLeft: number,
    packed: Address,
    blockPixels: number,
    scratch: Address,
  ): void
  filterGradient(
    x: Address,
    batch: number,
    height: number,
    width: number,
    channels: number,
    dy: Address,
    outHeight: number,
    outWidth: number,
    outputChannels: number,
    filterHeight: number,
    filterWidth: number,
    strideY: number,
    strideX: number,
    padTop: number,
    padLeft: number,
    dw: Address,
    gather: number,
    blockPixels: number,
    scratch: Address,
  ): void
  winogradFilter(
    source: Address,
    strideTap: number,
    depth: number,
    columns: number,
    strideK: number,
    strideN: number,
    target: Address,
  ): void
  winogradConvolution(
    source: Address,
    batch: number,
    sourceHeight: number,
    sourceWidth: number,
    depth: number,
    target: Address,
    targetHeight: number,
    targetWidth: number,
    columns: number,
    padTop: number,
    padLeft: number,
    packed: Address,
    bias: Address,
    relu: number,
    blockTiles: number,
    scratch: Address,
  ): void
  winogradFilterGradient(
    x: Address,
    batch: number,
    height: number,
    width: number,
    channels: number,
    dy: Address,
    outHeight: number,
    outWidth: number,
    outputChannels: number,
    padTop: number,
    padLeft: number,
    dw: Address,
    blockTiles: number,
    scratch: Address,
  ): void
  columnMoments(x: Address, rows: number, columns: number, mean: Address, variance: Address): void
  normalizeColumns(
    x: Address,
    rows: number,
    columns: number,
    mean: Address,
    variance: Address,
    gamma: Address,
    beta: Address,
    epsilon: number,
    relu: number,
    y: Address,
    scratch: Address,
  ): void
  normalizeColumnsGradient(
    x: Address,
    dy: Address,
    rows: number,
    columns: number,
    mean: Address,
    variance: Address,
    gamma: Address,
    beta: Address,
    epsilon: number,
    relu: number,
    frozen: number,
    dx: Address,
    dgamma: Address,
    dbeta: Address,
    scratch: Address,
  ): void
  addRelu(a: Address, b: Address, count: number, out: Address): void
  reluGradient(y: Address, dy: Address, count: number, dx: Address): void
  sumRows(x: Address, rows: number, columns: number, factor: number, out: Address): void
  maxPoolGradient(
    x: Address,
    y: Address,
    dy: Address,
    batch: number,
    height: number,
    width: number,
    channels: number,
    outHeight: number,
    outWidth: number,
    filterHeight: number,
    filterWidth: number,
    strideY: number,
    strideX: number,
    padTop: number,
    padLeft: number,
    dx: Address,
  ): void
  quantizedPooledSeparable(
    ...args: [...QuantizedPicture, ...QuantizedDepthwise, ...QuantizedProducts, ...QuantizedSize, scratch: Address]
  ): void
  quantizedSeparable(...args: [...QuantizedPicture, ...QuantizedDepthwise, ...QuantizedProducts, scratch: Address]): void
  halvePlane(source: Address, height: number, width: number, target: Address): void
  resizePlane(
    source: Address,
    height: number,
    width: number,
    startY: number,
    stepY: number,
    startX: number,
    stepX: number,
    target: Address,
    outHeight: number,
    outWidth: number,
    scratch: Address,
  ): void
  subsampledConvolution(
    luma: Address,
    red: Address,
    green: Address,
    height: number,
    width: number,
    packed: Address,
    step: number,
    bias: Address,
    columns: number,
    slope: number,
    out: Address,
    outHeight: number,
    outWidth: number,
    scratch: Address,
  ): void
  packRecurrentRow(source: Address, units: number, target: Address): void
  lstmForward(
    x: Address,
    mask: Address,
    batch: number,
    time: number,
    inputSize: number,
    units: number,
    packedKernel: Address,
    packedRecurrent: Address,
    bias: Address,
    initialHidden: Address,
    initialCell: Address,
    reverse: number,
    hard: number,
    gates: Address,
    cells: Address,
    hidden: Address,
    scratch: Address,
  ): void
  lstmBackward(
    dy: Address,
    sequences: number,
    mask: Address,
    batch: number,
    time: number,
    units: number,
    packedRecurrentTransposed: Address,
    initialCell: Address,
    reverse: number,
    hard: number,
    gates: Address,
    cells: Address,
    dh: Address,
    dc: Address,
    dz: Address,
    scratch: Address,
  ): void
  lstmWeightGradients(
    x: Address,
    hidden: Address,
    initialHidden: Address,
    dz: Address,
    batch: number,
    time: number,
    inputSize: number,
    units: number,
    reverse: number,
    dKernel: Address,
    dRecurrent: Address,
    blockFrames: number,
    scratch: Address,
  ): void
  lstmInputGradient(
    dz: Address,
    batch: number,
    time: number,
    inputSize: number,
    units: number,
    packed: Address,
    reverse: number,
    dx: Address,
    scratch: Address,
  ): void
  copyLastStep(hidden: Address, batch: number, time: number, units: number, out: Address): void
  evaluateActivation(logistic: number, x: Address, count: number, out: Address): void
}
