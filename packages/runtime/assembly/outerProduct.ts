import { loadPartial, multiplyAdd, storePartial } from './simd';

/**
 * One tile of out += sum over pairs of a^T b: `rows` (a literal: 1, 2 or 4) values of a by eight of b.
 * `list`: pairs of addresses (of a, of b). b's rows must be readable up to a multiple of eight.
 */
// @ts-ignore: decorator
@inline
function tile(rows: i32, list: usize, count: i32, offsetA: usize, offsetB: usize, out: usize, outRowBytes: usize, width: i32): void {
  const rest = width - 4;
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let p = out;
  c00 = loadPartial(p, width); c01 = loadPartial(p + 16, rest); p += outRowBytes;
  if (rows > 1) { c10 = loadPartial(p, width); c11 = loadPartial(p + 16, rest); p += outRowBytes; }
  if (rows > 2) {
    c20 = loadPartial(p, width); c21 = loadPartial(p + 16, rest); p += outRowBytes;
    c30 = loadPartial(p, width); c31 = loadPartial(p + 16, rest);
  }
  const end = list + (<usize>count << 3);
  for (; list < end; list += 8) {
    const a = load<usize>(list) + offsetA;
    const b = load<usize>(list, 4) + offsetB;
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    let v = v128.load32_splat(a); c00 = multiplyAdd(c00, v, b0); c01 = multiplyAdd(c01, v, b1);
    if (rows > 1) { v = v128.load32_splat(a, 4); c10 = multiplyAdd(c10, v, b0); c11 = multiplyAdd(c11, v, b1); }
    if (rows > 2) {
      v = v128.load32_splat(a, 8); c20 = multiplyAdd(c20, v, b0); c21 = multiplyAdd(c21, v, b1);
      v = v128.load32_splat(a, 12); c30 = multiplyAdd(c30, v, b0); c31 = multiplyAdd(c31, v, b1);
    }
  }
  p = out;
  storePartial(p, c00, width); storePartial(p + 16, c01, rest); p += outRowBytes;
  if (rows > 1) { storePartial(p, c10, width); storePartial(p + 16, c11, rest); p += outRowBytes; }
  if (rows > 2) {
    storePartial(p, c20, width); storePartial(p + 16, c21, rest); p += outRowBytes;
    storePartial(p, c30, width); storePartial(p + 16, c31, rest);
  }
}

function tile4(list: usize, count: i32, offsetA: usize, offsetB: usize, out: usize, outRowBytes: usize, width: i32): void {
  tile(4, list, count, offsetA, offsetB, out, outRowBytes, width);
}
function tile2(list: usize, count: i32, offsetA: usize, offsetB: usize, out: usize, outRowBytes: usize, width: i32): void {
  tile(2, list, count, offsetA, offsetB, out, outRowBytes, width);
}
function tile1(list: usize, count: i32, offsetA: usize, offsetB: usize, out: usize, outRowBytes: usize, width: i32): void {
  tile(1, list, count, offsetA, offsetB, out, outRowBytes, width);
}

/**
 * out[rows, columns] += sum over the list's pairs (a, b) of a^T b, a of `rows` and b of `columns` values.
 * Rows of b must be readable up to the next multiple of eight values.
 */
export function accumulateOuter(list: usize, count: i32, rows: i32, columns: i32, out: usize): void {
  if (count == 0) return;
  const outRowBytes = <usize>columns << 2;
  for (let n = 0; n < columns; n += 8) {
    const width = min(columns - n, 8);
    const offsetB = <usize>n << 2;
    let row = 0;
    for (; rows - row >= 4; row += 4) {
      tile4(list, count, <usize>row << 2, offsetB, out + <usize>row * outRowBytes + offsetB, outRowBytes, width);
    }
    if (rows - row >= 2) {
      tile2(list, count, <usize>row << 2, offsetB, out + <usize>row * outRowBytes + offsetB, outRowBytes, width);
      row += 2;
    }
    if (row < rows) tile1(list, count, <usize>row << 2, offsetB, out + <usize>row * outRowBytes + offsetB, outRowBytes, width);
  }
}

/**
 * out[rows, columns] = A^T B for matrices of `count` rows each; `strideA`, `strideB` in bytes.
 * `scratch`: blockRows * (8 + 4 * roundUp(columns, 8)) bytes.
 */
export function multiplyTransposed(
  a: usize, strideA: usize, rows: i32, b: usize, strideB: usize, columns: i32, count: i32,
  out: usize, blockRows: i32, scratch: usize,
): void {
  const aligned = (columns & 7) == 0;
  const columnBytes = <usize>columns << 2;
  const paddedBytes = <usize>((columns + 7) & ~7) << 2;
  const padded = scratch + (blockRows << 3);
  memory.fill(out, 0, <usize>rows * columnBytes);
  for (let start = 0; start < count; start += blockRows) {
    const block = min(count - start, blockRows);
    for (let i = 0; i < block; ++i) {
      let source = b + <usize>(start + i) * strideB;
      if (!aligned) {
        const copy = padded + <usize>i * paddedBytes;
        memory.copy(copy, source, columnBytes);
        memory.fill(copy + columnBytes, 0, paddedBytes - columnBytes);
        source = copy;
      }
      store<usize>(scratch + (i << 3), a + <usize>(start + i) * strideA);
      store<usize>(scratch + (i << 3), source, 4);
    }
    accumulateOuter(scratch, block, rows, columns, out);
  }
}
