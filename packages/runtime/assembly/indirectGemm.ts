import { loadPartial, multiplyAdd, storePartial } from './simd';

/**
 * The matrix product all of these kernels rest on:
 *
 *   out[row][n] = init + sum over t < taps, k < depth of A[t][row][k] * B[t][k][n]
 *
 * A is never copied: a table holds the address of every (tap, row), so the
 * same loop serves plain matrices (one tap), convolutions (a tap per filter position, as
 * in XNNPACK's indirect GEMM) and rows of a sequence that are not neighbours.
 * B is packed in panels of eight columns: [panel][tap][k][8], the last one padded with zeros.
 *
 * Four rows by eight columns: eight accumulators, and the four broadcasts of A and two vectors of B that V8 loads before it multiplies, fit into the fifteen SIMD
 * registers that it hands out on x64. Six rows do not: a third of the instructions would move registers to the stack and back.
 */
export const TILE_ROWS: i32 = 4;
/** Of the addresses of a tile's rows. */
export const TILE_BYTES: usize = 16;
const TILE_COLUMNS: i32 = 8;

/** Start from zero, from a bias of one value a column (padded to whole panels), or from what `out` holds. */
export const INIT_ZERO: i32 = 0;
export const INIT_BIAS: i32 = 1;
export const INIT_ACCUMULATE: i32 = 2;

/**
 * One tile of `rows` (a literal: 1, 2 or 4) rows and up to eight columns.
 * `table`: addresses [tap][4] of A's rows; `outs`: addresses [4] of out's rows.
 */
// @ts-ignore: decorator
@inline
function tile(
  rows: i32, table: usize, taps: i32, depth: i32, panel: usize,
  outs: usize, column: usize, width: i32, init: i32, bias: usize,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  if (init == INIT_BIAS) {
    c00 = v128.load(bias); c01 = v128.load(bias, 16);
    if (rows > 1) { c10 = c00; c11 = c01; }
    if (rows > 2) { c20 = c00; c21 = c01; c30 = c00; c31 = c01; }
  } else if (init == INIT_ACCUMULATE) {
    const rest = width - 4;
    let p = load<usize>(outs) + column;
    c00 = loadPartial(p, width); c01 = loadPartial(p + 16, rest);
    if (rows > 1) { p = load<usize>(outs, 4) + column; c10 = loadPartial(p, width); c11 = loadPartial(p + 16, rest); }
    if (rows > 2) {
      p = load<usize>(outs, 8) + column; c20 = loadPartial(p, width); c21 = loadPartial(p + 16, rest);
      p = load<usize>(outs, 12) + column; c30 = loadPartial(p, width); c31 = loadPartial(p + 16, rest);
    }
  }
  for (let t = 0; t < taps; ++t) {
    let a0 = load<usize>(table), a1: usize = 0, a2: usize = 0, a3: usize = 0;
    if (rows > 1) a1 = load<usize>(table, 4);
    if (rows > 2) { a2 = load<usize>(table, 8); a3 = load<usize>(table, 12); }
    table += TILE_BYTES;
    let b0: v128, b1: v128, a: v128;
    // V8 moves the loads of a stretch without branches to its beginning: a branch a step keeps as few values alive as there are registers.
    for (let k = depth; ; ) {
      b0 = v128.load(panel); b1 = v128.load(panel, 16);
      a = v128.load32_splat(a0); c00 = multiplyAdd(c00, a, b0); c01 = multiplyAdd(c01, a, b1);
      if (rows > 1) { a = v128.load32_splat(a1); c10 = multiplyAdd(c10, a, b0); c11 = multiplyAdd(c11, a, b1); }
      if (rows > 2) {
        a = v128.load32_splat(a2); c20 = multiplyAdd(c20, a, b0); c21 = multiplyAdd(c21, a, b1);
        a = v128.load32_splat(a3); c30 = multiplyAdd(c30, a, b0); c31 = multiplyAdd(c31, a, b1);
      }
      if (--k == 0) { panel += 32; break; }
      b0 = v128.load(panel, 32); b1 = v128.load(panel, 48);
      a = v128.load32_splat(a0, 4); c00 = multiplyAdd(c00, a, b0); c01 = multiplyAdd(c01, a, b1);
      if (rows > 1) { a = v128.load32_splat(a1, 4); c10 = multiplyAdd(c10, a, b0); c11 = multiplyAdd(c11, a, b1); }
      if (rows > 2) {
        a = v128.load32_splat(a2, 4); c20 = multiplyAdd(c20, a, b0); c21 = multiplyAdd(c21, a, b1);
        a = v128.load32_splat(a3, 4); c30 = multiplyAdd(c30, a, b0); c31 = multiplyAdd(c31, a, b1);
      }
      if (--k == 0) { panel += 64; break; }
      b0 = v128.load(panel, 64); b1 = v128.load(panel, 80);
      a = v128.load32_splat(a0, 8); c00 = multiplyAdd(c00, a, b0); c01 = multiplyAdd(c01, a, b1);
      if (rows > 1) { a = v128.load32_splat(a1, 8); c10 = multiplyAdd(c10, a, b0); c11 = multiplyAdd(c11, a, b1); }
      if (rows > 2) {
        a = v128.load32_splat(a2, 8); c20 = multiplyAdd(c20, a, b0); c21 = multiplyAdd(c21, a, b1);
        a = v128.load32_splat(a3, 8); c30 = multiplyAdd(c30, a, b0); c31 = multiplyAdd(c31, a, b1);
      }
      if (--k == 0) { panel += 96; break; }
      b0 = v128.load(panel, 96); b1 = v128.load(panel, 112);
      a = v128.load32_splat(a0, 12); c00 = multiplyAdd(c00, a, b0); c01 = multiplyAdd(c01, a, b1);
      if (rows > 1) { a = v128.load32_splat(a1, 12); c10 = multiplyAdd(c10, a, b0); c11 = multiplyAdd(c11, a, b1); }
      if (rows > 2) {
        a = v128.load32_splat(a2, 12); c20 = multiplyAdd(c20, a, b0); c21 = multiplyAdd(c21, a, b1);
        a = v128.load32_splat(a3, 12); c30 = multiplyAdd(c30, a, b0); c31 = multiplyAdd(c31, a, b1);
      }
      panel += 128;
      if (--k == 0) break;
      a0 += 16;
      if (rows > 1) a1 += 16;
      if (rows > 2) { a2 += 16; a3 += 16; }
    }
  }
  let p = load<usize>(outs) + column;
  const rest = width - 4;
  storePartial(p, c00, width); storePartial(p + 16, c01, rest);
  if (rows > 1) { p = load<usize>(outs, 4) + column; storePartial(p, c10, width); storePartial(p + 16, c11, rest); }
  if (rows > 2) {
    p = load<usize>(outs, 8) + column; storePartial(p, c20, width); storePartial(p + 16, c21, rest);
    p = load<usize>(outs, 12) + column; storePartial(p, c30, width); storePartial(p + 16, c31, rest);
  }
}

function tile4(table: usize, taps: i32, depth: i32, panel: usize, outs: usize, column: usize, width: i32, init: i32, bias: usize): void {
  tile(4, table, taps, depth, panel, outs, column, width, init, bias);
}
function tile2(table: usize, taps: i32, depth: i32, panel: usize, outs: usize, column: usize, width: i32, init: i32, bias: usize): void {
  tile(2, table, taps, depth, panel, outs, column, width, init, bias);
}
function tile1(table: usize, taps: i32, depth: i32, panel: usize, outs: usize, column: usize, width: i32, init: i32, bias: usize): void {
  tile(1, table, taps, depth, panel, outs, column, width, init, bias);
}

/**
 * `tiles` whole tables (the last with `lastRows` valid rows, its other entries repeating a valid row)
 * against all panels. `tables`: [tile][tap][4]; `outs`: [tile][4]; `columns`: width of out.
 * Panels are the outer loop: one stays in the first cache while the block's rows pass over it.
 */
export function multiplyBlock(
  tables: usize, outs: usize, tiles: i32, lastRows: i32, taps: i32, depth: i32,
  packed: usize, columns: i32, init: i32, bias: usize,
): void {
  const tableBytes = <usize>taps * TILE_BYTES;
  const panelBytes = taps * depth * 32;
  const whole = lastRows > 2 ? tiles : tiles - 1;
  for (let n = 0; n < columns; n += TILE_COLUMNS) {
    const width = min(columns - n, TILE_COLUMNS);
    let table = tables, out = outs;
    for (let i = 0; i < whole; ++i) {
      tile4(table, taps, depth, packed, out, n << 2, width, init, bias);
      table += tableBytes;
      out += TILE_BYTES;
    }
    if (lastRows == 2) tile2(table, taps, depth, packed, out, n << 2, width, init, bias);
    else if (lastRows == 1) tile1(table, taps, depth, packed, out, n << 2, width, init, bias);
    packed += panelBytes;
    if (init == INIT_BIAS) bias += 32;
  }
}
