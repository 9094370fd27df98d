import { hardSigmoid, sigmoid, tanh } from './activation';
import { INIT_ACCUMULATE, INIT_BIAS, INIT_ZERO, multiplyBlock, TILE_BYTES, TILE_ROWS } from './indirectGemm';
import { multiplyRows } from './matrixProduct';
import { accumulateOuter } from './outerProduct';
import { loadPartial, multiplyAdd, storePartial } from './simd';

/**
 * Sequences lie as [batch, time, feature]; gates as [batch, step, 4 * units] in the order input, forget, cell, output.
 * "time" counts frames of x, "step" the order in which they are processed: step s reads frame s, or
 * time - 1 - s with `reverse`. hidden, cells and gates are stored by step.
 * On a masked frame the state stands still.
 */

// @ts-ignore: decorator
@inline
function recurrent(x: v128, hard: i32): v128 {
  return hard ? hardSigmoid(x) : sigmoid(x);
}

/** Derivative of the gate function from its value. */
// @ts-ignore: decorator
@inline
function recurrentSlope(value: v128, hard: i32): v128 {
  const one = f32x4.splat(1);
  if (hard) {
    return v128.and(f32x4.splat(0.2), v128.and(f32x4.gt(value, f32x4.splat(0)), f32x4.lt(value, one)));
  }
  return f32x4.mul(value, f32x4.sub(one, value));
}

/**
 * Pre-activations in `gates` (one row), plus `sums` [4][strideSums] if not null, become activations;
 * the new cell and hidden states are written.
 */
function activateRow(
  gates: usize, units: i32, sums: usize, strideSums: usize, previousCell: usize, cell: usize, hidden: usize, hard: i32,
): void {
  const step = <usize>units << 2;
  for (let u = 0; u < units; u += 4) {
    const rest = units - u;
    let i = loadPartial(gates, rest), f = loadPartial(gates + step, rest);
    let g = loadPartial(gates + (step << 1), rest), o = loadPartial(gates + step * 3, rest);
    if (sums) {
      i = f32x4.add(i, v128.load(sums));
      f = f32x4.add(f, v128.load(sums + strideSums));
      g = f32x4.add(g, v128.load(sums + (strideSums << 1)));
      o = f32x4.add(o, v128.load(sums + strideSums * 3));
      sums += 16;
    }
    i = recurrent(i, hard);
    f = recurrent(f, hard);
    g = tanh(g);
    o = recurrent(o, hard);
    const c = multiplyAdd(f32x4.mul(i, g), f, loadPartial(previousCell, rest));
    storePartial(gates, i, rest);
    storePartial(gates + step, f, rest);
    storePartial(gates + (step << 1), g, rest);
    storePartial(gates + step * 3, o, rest);
    storePartial(cell, c, rest);
    storePartial(hidden, f32x4.mul(o, tanh(c)), rest);
    gates += 16;
    previousCell += 16;
    cell += 16;
    hidden += 16;
  }
}

/**
 * Packs the recurrent kernel [units, 4 units] for `multiplyRecurrentRow`: panels of eight units, [panel][k][gate][8],
 * the last one padded with zeros.
 */
export function packRecurrentRow(source: usize, units: i32, target: usize): void {
  const stateBytes = <usize>units << 2;
  for (let u = 0; u < units; u += 8) {
    const width = min(units - u, 8);
    let row = source + (<usize>u << 2);
    for (let k = 0; k < units; ++k) {
      let from = row;
      for (let gate = 0; gate < 4; ++gate) {
        v128.store(target, loadPartial(from, width));
        v128.store(target, loadPartial(from + 16, width - 4), 16);
        from += stateBytes;
        target += 32;
      }
      row += stateBytes << 2;
    }
  }
}

/**
 * hidden[units] * one panel of the packed recurrent kernel: all four gates of eight units, eight independent sums.
 * Gate g goes to out + g * strideOut. Short of variables, so that all of them stay in registers, and exported,
 * so that the optimiser does not merge it into its only caller: there V8 keeps the loop's addresses in memory, at half the speed.
 */
export function multiplyPanel(hidden: usize, end: usize, panel: usize, out: usize, strideOut: usize): void {
  let i0 = f32x4.splat(0), i1 = i0, f0 = i0, f1 = i0, g0 = i0, g1 = i0, o0 = i0, o1 = i0;
  for (; hidden < end; hidden += 4) {
    const h = v128.load32_splat(hidden);
    i0 = multiplyAdd(i0, h, v128.load(panel));
    i1 = multiplyAdd(i1, h, v128.load(panel, 16));
    f0 = multiplyAdd(f0, h, v128.load(panel, 32));
    f1 = multiplyAdd(f1, h, v128.load(panel, 48));
    g0 = multiplyAdd(g0, h, v128.load(panel, 64));
    g1 = multiplyAdd(g1, h, v128.load(panel, 80));
    o0 = multiplyAdd(o0, h, v128.load(panel, 96));
    o1 = multiplyAdd(o1, h, v128.load(panel, 112));
    panel += 128;
  }
  v128.store(out, i0);
  v128.store(out, i1, 16);
  out += strideOut;
  v128.store(out, f0);
  v128.store(out, f1, 16);
  out += strideOut;
  v128.store(out, g0);
  v128.store(out, g1, 16);
  out += strideOut;
  v128.store(out, o0);
  v128.store(out, o1, 16);
}

/** hidden[units] * recurrent kernel for one row, into out[4][strideOut]: the packed kernel is read once from front to back. */
function multiplyRecurrentRow(hidden: usize, units: i32, packed: usize, out: usize, strideOut: usize): void {
  const end = hidden + (<usize>units << 2);
  const panelBytes = <usize>units << 7;
  for (let u = 0; u < units; u += 8) {
    multiplyPanel(hidden, end, packed, out, strideOut);
    packed += panelBytes;
    out += 32;
  }
}

/**
 * The whole sequence. `packedKernel`: panels of [inputSize, 4 units]; `packedRecurrent`: panels of [units, 4 units],
 * for a batch of one as `packRecurrentRow` writes them;
 * `bias`: 4 units, padded to panels; `mask`: a byte a frame [batch, time], or null;
 * `initialHidden`, `initialCell`: [batch, units].
 * `scratch`: PRODUCT_SCRATCH + 2 * TILE_BYTES * ceil(batch / TILE_ROWS) bytes, for a batch of one also at least 16 * roundUp(units, 8).
 */
export function lstmForward(
  x: usize, mask: usize, batch: i32, time: i32, inputSize: i32, units: i32, packedKernel: usize, packedRecurrent: usize, bias: usize,
  initialHidden: usize, initialCell: usize, reverse: i32, hard: i32, gates: usize, cells: usize, hidden: usize, scratch: usize,
): void {
  const width = units << 2;
  const frameBytes = <usize>inputSize << 2;
  const stateBytes = <usize>units << 2;
  const gateBytes = stateBytes << 2;
  // Input projections of all frames as one product; reversed time is a negative stride.
  if (reverse) {
    for (let b = 0; b < batch; ++b) {
      multiplyRows(
        x + <usize>(b * time + time - 1) * frameBytes, 0 - frameBytes, time, inputSize, packedKernel,
        gates + <usize>(b * time) * gateBytes, gateBytes, width, INIT_BIAS, bias, scratch,
      );
    }
  } else {
    multiplyRows(x, frameBytes, batch * time, inputSize, packedKernel, gates, gateBytes, width, INIT_BIAS, bias, scratch);
  }
  const tiles = (batch + TILE_ROWS - 1) / TILE_ROWS;
  const lastRows = batch - (tiles - 1) * TILE_ROWS;
  const outs = scratch + <usize>tiles * TILE_BYTES;
  const sequenceBytes = <usize>time * stateBytes;
  const paddedBytes = <usize>((units + 7) & ~7) << 2;
  const sums = scratch;
  for (let s = 0; s < time; ++s) {
    if (batch == 1) {
      multiplyRecurrentRow(s == 0 ? initialHidden : hidden + <usize>(s - 1) * stateBytes, units, packedRecurrent, sums, paddedBytes);
    } else {
      for (let i = 0; i < tiles * TILE_ROWS; ++i) {
        const b = min(i, batch - 1);
        store<usize>(scratch + (i << 2), s == 0 ? initialHidden + <usize>b * stateBytes : hidden + <usize>b * sequenceBytes + <usize>(s - 1) * stateBytes);
        store<usize>(outs + (i << 2), gates + <usize>(b * time + s) * gateBytes);
      }
      multiplyBlock(scratch, outs, tiles, lastRows, 1, units, packedRecurrent, width, INIT_ACCUMULATE, 0);
    }
    for (let b = 0; b < batch; ++b) {
      const state = <usize>b * sequenceBytes + <usize>s * stateBytes;
      const previousHidden = s == 0 ? initialHidden + <usize>b * stateBytes : hidden + state - stateBytes;
      const previousCell = s == 0 ? initialCell + <usize>b * stateBytes : cells + state - stateBytes;
      if (mask && load<u8>(mask + b * time + (reverse ? time - 1 - s : s)) == 0) {
        memory.copy(hidden + state, previousHidden, stateBytes);
        memory.copy(cells + state, previousCell, stateBytes);
      } else {
        activateRow(
          gates + <usize>(b * time + s) * gateBytes, units, batch == 1 ? sums : 0, paddedBytes, previousCell, cells + state, hidden + state, hard,
        );
      }
    }
  }
}

/**
 * Backpropagation through time. `dy`: gradient of the hidden states [batch, step, units] if `sequences`, else of the last one [batch, units].
 * `dh`, `dc`: [batch, units], hold gradients of the final states on entry and of the initial states on return.
 * `dz`: [batch, step, 4 units], receives the gradients of the pre-activations.
 * `packedRecurrentTransposed`: panels of [4 units, units].
 * `scratch`: PRODUCT_SCRATCH + 2 * TILE_BYTES * ceil(batch / TILE_ROWS) bytes.
 */
export function lstmBackward(
  dy: usize, sequences: i32, mask: usize, batch: i32, time: i32, units: i32, packedRecurrentTransposed: usize,
  initialCell: usize, reverse: i32, hard: i32, gates: usize, cells: usize, dh: usize, dc: usize, dz: usize, scratch: usize,
): void {
  const stateBytes = <usize>units << 2;
  const gateBytes = stateBytes << 2;
  const sequenceBytes = <usize>time * stateBytes;
  const tiles = (batch + TILE_ROWS - 1) / TILE_ROWS;
  const lastRows = batch - (tiles - 1) * TILE_ROWS;
  const outs = scratch + <usize>tiles * TILE_BYTES;
  const one = f32x4.splat(1);
  for (let s = time - 1; s >= 0; --s) {
    for (let b = 0; b < batch; ++b) {
      const state = <usize>b * sequenceBytes + <usize>s * stateBytes;
      let gate = gates + <usize>(b * time + s) * gateBytes;
      let target = dz + <usize>(b * time + s) * gateBytes;
      let h = dh + <usize>b * stateBytes, c = dc + <usize>b * stateBytes;
      if (sequences || s == time - 1) {
        const source = sequences ? dy + state : dy + <usize>b * stateBytes;
        for (let u = 0; u < units; u += 4) {
          const offset = <usize>u << 2;
          storePartial(h + offset, f32x4.add(loadPartial(h + offset, units - u), loadPartial(source + offset, units - u)), units - u);
        }
      }
      if (mask && load<u8>(mask + b * time + (reverse ? time - 1 - s : s)) == 0) {
        memory.fill(target, 0, gateBytes);
        continue;
      }
      let cell = cells + state;
      let previous = s == 0 ? initialCell + <usize>b * stateBytes : cell - stateBytes;
      for (let u = 0; u < units; u += 4) {
        const rest = units - u;
        const i = loadPartial(gate, rest), f = loadPartial(gate + stateBytes, rest);
        const g = loadPartial(gate + (stateBytes << 1), rest), o = loadPartial(gate + stateBytes * 3, rest);
        const tanhC = tanh(loadPartial(cell, rest));
        const dH = loadPartial(h, rest);
        const dC = multiplyAdd(loadPartial(c, rest), f32x4.mul(dH, o), f32x4.sub(one, f32x4.mul(tanhC, tanhC)));
        storePartial(target, f32x4.mul(f32x4.mul(dC, g), recurrentSlope(i, hard)), rest);
        storePartial(target + stateBytes, f32x4.mul(f32x4.mul(dC, loadPartial(previous, rest)), recurrentSlope(f, hard)), rest);
        storePartial(target + (stateBytes << 1), f32x4.mul(f32x4.mul(dC, i), f32x4.sub(one, f32x4.mul(g, g))), rest);
        storePartial(target + stateBytes * 3, f32x4.mul(f32x4.mul(dH, tanhC), recurrentSlope(o, hard)), rest);
        storePartial(c, f32x4.mul(dC, f), rest);
        // What flows to the previous step comes from the product below; a masked row keeps its own.
        storePartial(h, f32x4.splat(0), rest);
        gate += 16;
        target += 16;
        cell += 16;
        previous += 16;
        h += 16;
        c += 16;
      }
    }
    for (let i = 0; i < tiles * TILE_ROWS; ++i) {
      const b = min(i, batch - 1);
      store<usize>(scratch + (i << 2), dz + <usize>(b * time + s) * gateBytes);
      store<usize>(outs + (i << 2), dh + <usize>b * stateBytes);
    }
    multiplyBlock(scratch, outs, tiles, lastRows, 1, units << 2, packedRecurrentTransposed, units, INIT_ACCUMULATE, 0);
  }
}

/**
 * Gradients of kernel [inputSize, 4 units], recurrent kernel [units, 4 units] and bias from dz.
 * 4 units must be a multiple of eight or dz readable 16 bytes behind its end.
 * `scratch`: 16 * blockFrames bytes.
 */
export function lstmWeightGradients(
  x: usize, hidden: usize, initialHidden: usize, dz: usize, batch: i32, time: i32, inputSize: i32, units: i32, reverse: i32,
  dKernel: usize, dRecurrent: usize, blockFrames: i32, scratch: usize,
): void {
  const stateBytes = <usize>units << 2;
  const gateBytes = stateBytes << 2;
  const frameBytes = <usize>inputSize << 2;
  memory.fill(dKernel, 0, <usize>inputSize * gateBytes);
  memory.fill(dRecurrent, 0, <usize>units * gateBytes);
  const states = scratch + (blockFrames << 3);
  const total = batch * time;
  let b = 0, s = 0;
  for (let start = 0; start < total; start += blockFrames) {
    const count = min(total - start, blockFrames);
    for (let i = 0; i < count; ++i) {
      const row = b * time + s;
      const gradient = dz + <usize>row * gateBytes;
      store<usize>(scratch + (i << 3), x + <usize>(reverse ? b * time + time - 1 - s : row) * frameBytes);
      store<usize>(scratch + (i << 3), gradient, 4);
      store<usize>(states + (i << 3), s == 0 ? initialHidden + <usize>b * stateBytes : hidden + <usize>(row - 1) * stateBytes);
      store<usize>(states + (i << 3), gradient, 4);
      if (++s == time) {
        s = 0;
        ++b;
      }
    }
    accumulateOuter(scratch, count, inputSize, units << 2, dKernel);
    accumulateOuter(states, count, units, units << 2, dRecurrent);
  }
}

/** dx[batch, time, inputSize] = dz * kernel^T; `packed`: panels of [4 units, inputSize]. */
export function lstmInputGradient(
  dz: usize, batch: i32, time: i32, inputSize: i32, units: i32, packed: usize, reverse: i32, dx: usize, scratch: usize,
): void {
  const frameBytes = <usize>inputSize << 2;
  const gateBytes = <usize>units << 4;
  if (reverse) {
    for (let b = 0; b < batch; ++b) {
      multiplyRows(
        dz + <usize>(b * time) * gateBytes, gateBytes, time, units << 2, packed,
        dx + <usize>(b * time + time - 1) * frameBytes, 0 - frameBytes, inputSize, INIT_ZERO, 0, scratch,
      );
    }
  } else {
    multiplyRows(dz, gateBytes, batch * time, units << 2, packed, dx, frameBytes, inputSize, INIT_ZERO, 0, scratch);
  }
}

/** out[batch, units] = hidden[batch, time - 1, units]. */
export function copyLastStep(hidden: usize, batch: i32, time: i32, units: i32, out: usize): void {
  const stateBytes = <usize>units << 2;
  for (let b = 0; b < batch; ++b) {
    memory.copy(out + <usize>b * stateBytes, hidden + <usize>(b * time + time - 1) * stateBytes, stateBytes);
  }
}

/** tanh (or sigmoid) of `count` values: lets a test check the approximation. */
export function evaluateActivation(logistic: i32, x: usize, count: i32, out: usize): void {
  for (let i = 0; i < count; i += 4) {
    const value = loadPartial(x, count - i);
    storePartial(out, logistic ? sigmoid(value) : tanh(value), count - i);
    x += 16;
    out += 16;
  }
}
