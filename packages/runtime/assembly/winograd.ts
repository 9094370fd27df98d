import { multiplyRows, PRODUCT_SCRATCH } from './matrixProduct';
import { INIT_ZERO } from './indirectGemm';
import { accumulateOuter } from './outerProduct';
import { multiplyAdd } from './simd';

/*
 * Convolutions of 3x3 with stride 1 by Winograd's minimal filtering (Lavin and Gray, 2016). F(2x2, 3x3): sixteen products for
 * four output pixels where the sum over taps takes thirty-six. F(4x4, 3x3): thirty-six for sixteen pixels where it takes 144.
 * F(6x6, 3x3): sixty-four for thirty-six pixels where it takes 324.
 *
 *   y  = A^T [ (G g G^T) * (B^T d B) ] A              d: 4x4 (6x6, 8x8) input pixels, y: 2x2 (4x4, 6x6) output pixels, * elementwise,
 *   dg = G^T [ sum over tiles (B^T d B) * (A dy A^T) ] G     the sums over channels making products of matrices of it
 *
 *         1  0 -1  0         1    0    0          1  0
 *   B^T = 0  1  1  0     G = 1/2  1/2  1/2    A = 1  1
 *         0 -1  1  0         1/2 -1/2  1/2        1 -1
 *         0  1  0 -1         0    0    1          0 -1
 *
 *         4  0 -5  0  1  0           1/4    0    0           1  0  0  0
 *         0 -4 -4  1  1  0          -1/6 -1/6 -1/6           1  1  1  1
 *   B^T = 0  4 -4 -1  1  0     G =  -1/6  1/6 -1/6     A =   1 -1  1 -1
 *         0 -2 -1  2  1  0          1/24 1/12  1/6           1  2  4  8
 *         0  2 -1 -2  1  0          1/24 -1/12 1/6           1 -2  4 -8
 *         0  4  0 -5  0  1             0    0    1           0  0  0  1
 *
 *         4    0  -21    0   21    0   -4  0             1     0     0            1   0  0   0  0  0
 *         0    4    4  -17  -17    4    4  0           -2/9  -2/9  -2/9           1   1  1   1  1  1
 *         0   -4    4   17  -17   -4    4  0           -2/9   2/9  -2/9           1  -1  1  -1  1 -1
 * 4 B^T = 0    2    1  -10   -5    8    4  0     G =   1/90  1/45  2/45     A =   1   2  4   8 16 32
 *         0   -2    1   10   -5   -8    4  0           1/90 -1/45  2/45           1  -2  4  -8 16 -32
 *         0    8   16  -10  -20    2    4  0           1/45  1/90  1/180         32  16  8   4  2  1
 *         0   -8   16   10  -20   -2    4  0           1/45 -1/90  1/180         32 -16  8  -4  2 -1
 *         0   -4    0   21    0  -21    0  4             0     0     1            0   0  0   0  0  1
 *
 * Transformed values lie in sixteen (thirty-six, sixty-four) planes [tile][channel]. A block of tiles at a time, so that its planes stay in the second cache.
 * Numbers of channels are multiples of four throughout.
 */
const PLANES: i32 = 16;

/** Planes that start at different sets of the first cache. */
// @ts-ignore: decorator
@inline
export function planeBytes(tiles: i32, channels: i32): usize {
  return (<usize>(tiles * channels) << 2) + 64;
}

/** Stores four values a plane apart. */
// @ts-ignore: decorator
@inline
function storePlanes(target: usize, plane: usize, v0: v128, v1: v128, v2: v128, v3: v128): void {
  v128.store(target, v0);
  v128.store(target + plane, v1);
  v128.store(target + 2 * plane, v2);
  v128.store(target + 3 * plane, v3);
}

/** Bytes that `listTiles` writes for each tile. */
export const TILE_ENTRY: usize = 12;

/** Where `count` tiles from the `first` on are, row by row and picture by picture: picture, row of tiles, column of tiles. */
export function listTiles(first: i32, count: i32, tileRows: i32, tileColumns: i32, list: usize): void {
  let row = first / tileColumns, column = first - row * tileColumns, picture = row / tileRows;
  row -= picture * tileRows;
  for (const end = list + <usize>count * TILE_ENTRY; list < end; list += TILE_ENTRY) {
    store<i32>(list, picture);
    store<i32>(list, row, 4);
    store<i32>(list, column, 8);
    if (++column == tileColumns) {
      column = 0;
      if (++row == tileRows) {
        row = 0;
        ++picture;
      }
    }
  }
}

/** Addresses of a square of `size` x `size` pixels whose corner is (y0, x0); pixels outside of the picture are `zeros`. */
export function locatePixels(image: usize, height: i32, width: i32, channels: i32, y0: i32, x0: i32, size: i32, zeros: usize, table: usize): void {
  for (let y = y0; y < y0 + size; ++y) {
    for (let x = x0; x < x0 + size; ++x) {
      store<usize>(table, <u32>y < <u32>height && <u32>x < <u32>width ? image + (<usize>((y * width + x) * channels) << 2) : zeros);
      table += 4;
    }
  }
}

/** B^T d B of the pixels in `table`. */
function transformInput(table: usize, channels: i32, target: usize, plane: usize): void {
  const end = <usize>channels << 2;
  for (let offset: usize = 0; offset < end; offset += 16) {
    let d0 = v128.load(load<usize>(table) + offset), d1 = v128.load(load<usize>(table, 16) + offset);
    let d2 = v128.load(load<usize>(table, 32) + offset), d3 = v128.load(load<usize>(table, 48) + offset);
    const t00 = f32x4.sub(d0, d2), t10 = f32x4.add(d1, d2), t20 = f32x4.sub(d2, d1), t30 = f32x4.sub(d1, d3);
    d0 = v128.load(load<usize>(table, 4) + offset); d1 = v128.load(load<usize>(table, 20) + offset);
    d2 = v128.load(load<usize>(table, 36) + offset); d3 = v128.load(load<usize>(table, 52) + offset);
    const t01 = f32x4.sub(d0, d2), t11 = f32x4.add(d1, d2), t21 = f32x4.sub(d2, d1), t31 = f32x4.sub(d1, d3);
    d0 = v128.load(load<usize>(table, 8) + offset); d1 = v128.load(load<usize>(table, 24) + offset);
    d2 = v128.load(load<usize>(table, 40) + offset); d3 = v128.load(load<usize>(table, 56) + offset);
    const t02 = f32x4.sub(d0, d2), t12 = f32x4.add(d1, d2), t22 = f32x4.sub(d2, d1), t32 = f32x4.sub(d1, d3);
    d0 = v128.load(load<usize>(table, 12) + offset); d1 = v128.load(load<usize>(table, 28) + offset);
    d2 = v128.load(load<usize>(table, 44) + offset); d3 = v128.load(load<usize>(table, 60) + offset);
    const t03 = f32x4.sub(d0, d2), t13 = f32x4.add(d1, d2), t23 = f32x4.sub(d2, d1), t33 = f32x4.sub(d1, d3);
    let p = target + offset;
    storePlanes(p, plane, f32x4.sub(t00, t02), f32x4.add(t01, t02), f32x4.sub(t02, t01), f32x4.sub(t01, t03));
    p += 4 * plane;
    storePlanes(p, plane, f32x4.sub(t10, t12), f32x4.add(t11, t12), f32x4.sub(t12, t11), f32x4.sub(t11, t13));
    p += 4 * plane;
    storePlanes(p, plane, f32x4.sub(t20, t22), f32x4.add(t21, t22), f32x4.sub(t22, t21), f32x4.sub(t21, t23));
    p += 4 * plane;
    storePlanes(p, plane, f32x4.sub(t30, t32), f32x4.add(t31, t32), f32x4.sub(t32, t31), f32x4.sub(t31, t33));
  }
}

/** B^T of six values, one transformed value `stride` bytes behind the other. */
// @ts-ignore: decorator
@inline
function spreadSix(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, target: usize, stride: usize): void {
  const four = f32x4.splat(4), minusFour = f32x4.splat(-4), minusFive = f32x4.splat(-5);
  v128.store(target, multiplyAdd(multiplyAdd(d4, d2, minusFive), d0, four));
  const a = multiplyAdd(d4, d2, minusFour), b = multiplyAdd(d3, d1, minusFour);
  v128.store(target += stride, f32x4.add(a, b));
  v128.store(target += stride, f32x4.sub(a, b));
  const c = f32x4.sub(d4, d2), e = f32x4.sub(d3, d1), twice = f32x4.add(e, e);
  v128.store(target += stride, f32x4.add(c, twice));
  v128.store(target += stride, f32x4.sub(c, twice));
  v128.store(target + stride, multiplyAdd(multiplyAdd(d5, d3, minusFive), d1, four));
}

/** B^T of eight values, one transformed value `stride` bytes behind the other. */
// @ts-ignore: decorator
@inline
function spreadEight(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, d6: v128, d7: v128, target: usize, stride: usize): void {
  v128.store(target, multiplyAdd(f32x4.sub(d0, d6), f32x4.sub(d4, d2), f32x4.splat(5.25)));
  let a = multiplyAdd(f32x4.add(d2, d6), d4, f32x4.splat(-4.25)), b = multiplyAdd(f32x4.add(d1, d5), d3, f32x4.splat(-4.25));
  v128.store(target += stride, f32x4.add(a, b));
  v128.store(target += stride, f32x4.sub(a, b));
  const centre = f32x4.mul(d3, f32x4.splat(-2.5));
  a = multiplyAdd(multiplyAdd(d6, d2, f32x4.splat(0.25)), d4, f32x4.splat(-1.25));
  b = multiplyAdd(multiplyAdd(centre, d1, f32x4.splat(0.5)), d5, f32x4.splat(2));
  v128.store(target += stride, f32x4.add(a, b));
  v128.store(target += stride, f32x4.sub(a, b));
  a = multiplyAdd(multiplyAdd(d6, d2, f32x4.splat(4)), d4, f32x4.splat(-5));
  b = multiplyAdd(multiplyAdd(centre, d1, f32x4.splat(2)), d5, f32x4.splat(0.5));
  v128.store(target += stride, f32x4.add(a, b));
  v128.store(target += stride, f32x4.sub(a, b));
  v128.store(target + stride, multiplyAdd(f32x4.sub(d7, d1), f32x4.sub(d3, d5), f32x4.splat(5.25)));
}

/** B^T d B of the 8x8 pixels in `table`. `rows`: 1024 bytes. */
function transformLargestInput(table: usize, channels: i32, rows: usize, target: usize, plane: usize): void {
  const end = <usize>channels << 2;
  for (let offset: usize = 0; offset < end; offset += 16) {
    for (let column: usize = 0; column < 8; ++column) {
      const t = table + (column << 2);
      spreadEight(
        v128.load(load<usize>(t) + offset), v128.load(load<usize>(t, 32) + offset), v128.load(load<usize>(t, 64) + offset),
        v128.load(load<usize>(t, 96) + offset), v128.load(load<usize>(t, 128) + offset), v128.load(load<usize>(t, 160) + offset),
        v128.load(load<usize>(t, 192) + offset), v128.load(load<usize>(t, 224) + offset), rows + (column << 4), 128,
      );
    }
    let p = target + offset;
    for (let r = rows; r < rows + 1024; r += 128) {
      spreadEight(
        v128.load(r), v128.load(r, 16), v128.load(r, 32), v128.load(r, 48),
        v128.load(r, 64), v128.load(r, 80), v128.load(r, 96), v128.load(r, 112), p, plane,
      );
      p += 8 * plane;
    }
  }
}

/** B^T d B of the 6x6 pixels in `table`. `rows`: 576 bytes. */
function transformLargeInput(table: usize, channels: i32, rows: usize, target: usize, plane: usize): void {
  const end = <usize>channels << 2;
  for (let offset: usize = 0; offset < end; offset += 16) {
    for (let column: usize = 0; column < 6; ++column) {
      const t = table + (column << 2);
      spreadSix(
        v128.load(load<usize>(t) + offset), v128.load(load<usize>(t, 24) + offset), v128.load(load<usize>(t, 48) + offset),
        v128.load(load<usize>(t, 72) + offset), v128.load(load<usize>(t, 96) + offset), v128.load(load<usize>(t, 120) + offset),
        rows + (column << 4), 96,
      );
    }
    let p = target + offset;
    for (let r = rows; r < rows + 576; r += 96) {
      spreadSix(v128.load(r), v128.load(r, 16), v128.load(r, 32), v128.load(r, 48), v128.load(r, 64), v128.load(r, 80), p, plane);
      p += 6 * plane;
    }
  }
}

/** A dy A^T of the four pixels in `table`. */
function transformOutputGradient(table: usize, channels: i32, target: usize, plane: usize): void {
  const end = <usize>channels << 2;
  const zero = f32x4.splat(0);
  for (let offset: usize = 0; offset < end; offset += 16) {
    const d00 = v128.load(load<usize>(table) + offset), d01 = v128.load(load<usize>(table, 4) + offset);
    const d10 = v128.load(load<usize>(table, 8) + offset), d11 = v128.load(load<usize>(table, 12) + offset);
    const t10 = f32x4.add(d00, d10), t11 = f32x4.add(d01, d11), t20 = f32x4.sub(d00, d10), t21 = f32x4.sub(d01, d11);
    let p = target + offset;
    storePlanes(p, plane, d00, f32x4.add(d00, d01), f32x4.sub(d00, d01), f32x4.sub(zero, d01));
    p += 4 * plane;
    storePlanes(p, plane, t10, f32x4.add(t10, t11), f32x4.sub(t10, t11), f32x4.sub(zero, t11));
    p += 4 * plane;
    storePlanes(p, plane, t20, f32x4.add(t20, t21), f32x4.sub(t20, t21), f32x4.sub(zero, t21));
    p += 4 * plane;
    storePlanes(p, plane, f32x4.sub(zero, d10), f32x4.sub(f32x4.sub(zero, d10), d11), f32x4.sub(d11, d10), d11);
  }
}

/** A^T of six values `stride` bytes apart, `next` bytes apart. */
// @ts-ignore: decorator
@inline
function foldSix(source: usize, stride: usize, target: usize, next: usize): void {
  const m1 = v128.load(source + stride), m2 = v128.load(source + 2 * stride), m3 = v128.load(source + 3 * stride), m4 = v128.load(source + 4 * stride);
  const s1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), s2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4);
  v128.store(target, f32x4.add(f32x4.add(v128.load(source), s1), s2));
  v128.store(target += next, multiplyAdd(d1, d2, f32x4.splat(2)));
  v128.store(target += next, multiplyAdd(s1, s2, f32x4.splat(4)));
  v128.store(target + next, multiplyAdd(f32x4.add(d1, v128.load(source + 5 * stride)), d2, f32x4.splat(8)));
}

/** A^T of eight values `stride` bytes apart, `next` bytes apart. */
// @ts-ignore: decorator
@inline
function foldEight(source: usize, stride: usize, target: usize, next: usize): void {
  const m1 = v128.load(source + stride), m2 = v128.load(source + 2 * stride), m3 = v128.load(source + 3 * stride), m4 = v128.load(source + 4 * stride);
  const m5 = v128.load(source + 5 * stride), m6 = v128.load(source + 6 * stride);
  const s1 = f32x4.add(m1, m2), d1 = f32x4.sub(m1, m2), s2 = f32x4.add(m3, m4), d2 = f32x4.sub(m3, m4), s3 = f32x4.add(m5, m6), d3 = f32x4.sub(m5, m6);
  const two = f32x4.splat(2), four = f32x4.splat(4), eight = f32x4.splat(8), sixteen = f32x4.splat(16), most = f32x4.splat(32);
  v128.store(target, multiplyAdd(f32x4.add(f32x4.add(v128.load(source), s1), s2), s3, most));
  v128.store(target += next, multiplyAdd(multiplyAdd(d1, d2, two), d3, sixteen));
  v128.store(target += next, multiplyAdd(multiplyAdd(s1, s2, four), s3, eight));
  v128.store(target += next, multiplyAdd(multiplyAdd(d1, d2, eight), d3, four));
  v128.store(target += next, multiplyAdd(multiplyAdd(s1, s2, sixteen), s3, two));
  v128.store(target + next, multiplyAdd(f32x4.add(f32x4.add(v128.load(source + 7 * stride), d1), d3), d2, most));
}

/**
 * A^T m A plus bias, cut at `floor`, to the `height` x `width` pixels that lie inside of a tile of `tile` (a literal: 4 or 6) pixels squared at `y`.
 * `rows`: 16 * tile * (tile + 3) bytes.
 */
// @ts-ignore: decorator
@inline
function foldProducts(
  tile: i32, source: usize, plane: usize, channels: i32, bias: usize, floor: v128, y: usize, rowBytes: usize, height: i32, width: i32, rows: usize,
): void {
  const side = <usize>tile + 2;
  const pixelBytes = <usize>channels << 2;
  // Behind `tile` half-transformed rows.
  const pixels = rows + <usize>tile * (side << 4);
  for (let offset: usize = 0; offset < pixelBytes; offset += 16) {
    const start = bias ? v128.load(bias + offset) : f32x4.splat(0);
    for (let column: usize = 0; column < side; ++column) {
      const from = source + offset + column * plane, to = rows + (column << 4);
      if (tile == 4) foldSix(from, side * plane, to, side << 4);
      else foldEight(from, side * plane, to, side << 4);
    }
    for (let r = 0; r < height; ++r) {
      const row = rows + <usize>r * (side << 4);
      if (tile == 4) foldSix(row, 16, pixels, 16);
      else foldEight(row, 16, pixels, 16);
      let target = y + offset + <usize>r * rowBytes;
      for (let q = 0; q < width; ++q) {
        v128.store(target, f32x4.pmax(f32x4.add(v128.load(pixels + (<usize>q << 4)), start), floor));
        target += pixelBytes;
      }
    }
  }
}

function transformLargeProducts(
  source: usize, plane: usize, channels: i32, bias: usize, floor: v128, y: usize, rowBytes: usize, height: i32, width: i32, rows: usize,
): void {
  foldProducts(4, source, plane, channels, bias, floor, y, rowBytes, height, width, rows);
}

function transformLargestProducts(
  source: usize, plane: usize, channels: i32, bias: usize, floor: v128, y: usize, rowBytes: usize, height: i32, width: i32, rows: usize,
): void {
  foldProducts(6, source, plane, channels, bias, floor, y, rowBytes, height, width, rows);
}

/** A^T m A plus bias, cut at `floor`, to the pixels of a tile at `y` that lie inside. */
function transformProducts(
  source: usize, plane: usize, channels: i32, bias: usize, floor: v128, y: usize, rowBytes: usize, below: bool, beside: bool,
): void {
  const pixelBytes = <usize>channels << 2;
  for (let offset: usize = 0; offset < pixelBytes; offset += 16) {
    const start = bias ? v128.load(bias + offset) : f32x4.splat(0);
    let p = source + offset;
    let m0 = v128.load(p), m1 = v128.load(p + plane), m2 = v128.load(p + 2 * plane), m3 = v128.load(p + 3 * plane);
    let s = f32x4.add(f32x4.add(m0, m1), m2), d = f32x4.sub(f32x4.sub(m1, m2), m3);
    let y00 = f32x4.add(start, s), y01 = f32x4.add(start, d);
    p += 4 * plane;
    m0 = v128.load(p); m1 = v128.load(p + plane); m2 = v128.load(p + 2 * plane); m3 = v128.load(p + 3 * plane);
    s = f32x4.add(f32x4.add(m0, m1), m2); d = f32x4.sub(f32x4.sub(m1, m2), m3);
    y00 = f32x4.add(y00, s); y01 = f32x4.add(y01, d);
    let y10 = f32x4.add(start, s), y11 = f32x4.add(start, d);
    p += 4 * plane;
    m0 = v128.load(p); m1 = v128.load(p + plane); m2 = v128.load(p + 2 * plane); m3 = v128.load(p + 3 * plane);
    s = f32x4.add(f32x4.add(m0, m1), m2); d = f32x4.sub(f32x4.sub(m1, m2), m3);
    y00 = f32x4.add(y00, s); y01 = f32x4.add(y01, d);
    y10 = f32x4.sub(y10, s); y11 = f32x4.sub(y11, d);
    p += 4 * plane;
    m0 = v128.load(p); m1 = v128.load(p + plane); m2 = v128.load(p + 2 * plane); m3 = v128.load(p + 3 * plane);
    y10 = f32x4.sub(y10, f32x4.add(f32x4.add(m0, m1), m2)); y11 = f32x4.sub(y11, f32x4.sub(f32x4.sub(m1, m2), m3));
    const target = y + offset;
    v128.store(target, f32x4.pmax(y00, floor));
    if (beside) v128.store(target + pixelBytes, f32x4.pmax(y01, floor));
    if (below) {
      v128.store(target + rowBytes, f32x4.pmax(y10, floor));
      if (beside) v128.store(target + rowBytes + pixelBytes, f32x4.pmax(y11, floor));
    }
  }
}

/** Four values `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function gather(source: usize, stride: usize): v128 {
  if (stride == 4) return v128.load(source);
  const low = v128.load32_lane(source + stride, v128.load32_zero(source), 1);
  return v128.load32_lane(source + 3 * stride, v128.load32_lane(source + 2 * stride, low, 2), 3);
}

/** (g0 + g2 + g1) / 2 and (g0 + g2 - g1) / 2 */
// @ts-ignore: decorator
@inline
function halfSum(g0: v128, g1: v128, g2: v128): v128 {
  return f32x4.mul(f32x4.add(f32x4.add(g0, g2), g1), f32x4.splat(0.5));
}
// @ts-ignore: decorator
@inline
function halfDifference(g0: v128, g1: v128, g2: v128): v128 {
  return f32x4.mul(f32x4.sub(f32x4.add(g0, g2), g1), f32x4.splat(0.5));
}

/** G of F(4x4, 3x3) times three values, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function spreadThree(g0: v128, g1: v128, g2: v128, target: usize, stride: usize): void {
  const sixth = f32x4.splat(1.0 / 6.0);
  const even = f32x4.mul(f32x4.add(g0, g2), sixth), odd = f32x4.mul(g1, sixth);
  const far = multiplyAdd(f32x4.mul(g2, sixth), g0, f32x4.splat(1.0 / 24.0)), half = f32x4.mul(g1, f32x4.splat(1.0 / 12.0));
  v128.store(target, f32x4.mul(g0, f32x4.splat(0.25)));
  v128.store(target += stride, f32x4.neg(f32x4.add(even, odd)));
  v128.store(target += stride, f32x4.sub(odd, even));
  v128.store(target += stride, f32x4.add(far, half));
  v128.store(target += stride, f32x4.sub(far, half));
  v128.store(target + stride, g2);
}

/** G of F(6x6, 3x3) times three values, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function spreadThreeFar(g0: v128, g1: v128, g2: v128, target: usize, stride: usize): void {
  const unit = f32x4.splat(1.0 / 45.0), half = f32x4.splat(1.0 / 90.0), quarter = f32x4.splat(1.0 / 180.0);
  const even = f32x4.mul(f32x4.add(g0, g2), f32x4.splat(-2.0 / 9.0)), odd = f32x4.mul(g1, f32x4.splat(-2.0 / 9.0));
  const far = multiplyAdd(f32x4.mul(g2, f32x4.splat(2.0 / 45.0)), g0, half), farOdd = f32x4.mul(g1, unit);
  const near = multiplyAdd(f32x4.mul(g2, quarter), g0, unit), nearOdd = f32x4.mul(g1, half);
  v128.store(target, g0);
  v128.store(target += stride, f32x4.add(even, odd));
  v128.store(target += stride, f32x4.sub(even, odd));
  v128.store(target += stride, f32x4.add(far, farOdd));
  v128.store(target += stride, f32x4.sub(far, farOdd));
  v128.store(target += stride, f32x4.add(near, nearOdd));
  v128.store(target += stride, f32x4.sub(near, nearOdd));
  v128.store(target + stride, g2);
}

/**
 * G g G^T of every filter, for tiles of `tile` (2, 4 or 6) pixels squared, in panels of eight columns for the products: [plane][panel][depth][8].
 * Tap t of element (k, n) lies at `source + t * strideTap + k * strideK + n * strideN` (bytes; `strideTap` is negative where the
 * filter is turned by half a turn). `target`: (tile + 2)^2 * packed [depth, columns]. `rows`: 384 bytes.
 */
export function winogradFilter(
  tile: i32, source: usize, strideTap: isize, depth: i32, columns: i32, strideK: usize, strideN: usize, target: usize, rows: usize,
): void {
  const panelBytes = <usize>depth << 5;
  const plane = panelBytes * <usize>((columns + 7) >> 3);
  for (let n = 0; n < columns; n += 4) {
    let from = source + <usize>n * strideN;
    let to = target + <usize>(n >> 3) * panelBytes + (<usize>(n & 4) << 2);
    for (let k = 0; k < depth; ++k) {
      let tap = from;
      let p = to;
      const g00 = gather(tap, strideN), g01 = gather(tap += strideTap, strideN), g02 = gather(tap += strideTap, strideN);
      const g10 = gather(tap += strideTap, strideN), g11 = gather(tap += strideTap, strideN), g12 = gather(tap += strideTap, strideN);
      const g20 = gather(tap += strideTap, strideN), g21 = gather(tap += strideTap, strideN), g22 = gather(tap += strideTap, strideN);
      if (tile == 6) {
        spreadThreeFar(g00, g10, g20, rows, 48);
        spreadThreeFar(g01, g11, g21, rows + 16, 48);
        spreadThreeFar(g02, g12, g22, rows + 32, 48);
        for (let r = rows; r < rows + 384; r += 48) {
          spreadThreeFar(v128.load(r), v128.load(r, 16), v128.load(r, 32), p, plane);
          p += 8 * plane;
        }
      } else if (tile == 4) {
        spreadThree(g00, g10, g20, rows, 48);
        spreadThree(g01, g11, g21, rows + 16, 48);
        spreadThree(g02, g12, g22, rows + 32, 48);
        for (let r = rows; r < rows + 288; r += 48) {
          spreadThree(v128.load(r), v128.load(r, 16), v128.load(r, 32), p, plane);
          p += 6 * plane;
        }
      } else {
        storePlanes(p, plane, g00, halfSum(g00, g01, g02), halfDifference(g00, g01, g02), g02);
        let h0 = halfSum(g00, g10, g20), h1 = halfSum(g01, g11, g21), h2 = halfSum(g02, g12, g22);
        p += 4 * plane;
        storePlanes(p, plane, h0, halfSum(h0, h1, h2), halfDifference(h0, h1, h2), h2);
        h0 = halfDifference(g00, g10, g20); h1 = halfDifference(g01, g11, g21); h2 = halfDifference(g02, g12, g22);
        p += 4 * plane;
        storePlanes(p, plane, h0, halfSum(h0, h1, h2), halfDifference(h0, h1, h2), h2);
        p += 4 * plane;
        storePlanes(p, plane, g20, halfSum(g20, g21, g22), halfDifference(g20, g21, g22), g22);
      }
      from += strideK;
      to += 32;
    }
  }
}

/**
 * target = [max(] source convolved with the filter of `winogradFilter` for the same `tile` + bias [, 0)]. NHWC.
 * Target pixel (r, q) reads source pixels (r - padTop .. + 2, q - padLeft .. + 2); those outside count as zeros. `bias` may be null.
 * `scratch`: PRODUCT_SCRATCH + blockTiles * TILE_ENTRY + 1280 + 4 * depth + 4 * (tile + 2)^2 * (blockTiles * (depth + columns) + 32) bytes; blockTiles: a multiple of 4.
 */
export function winogradConvolution(
  tile: i32, source: usize, batch: i32, sourceHeight: i32, sourceWidth: i32, depth: i32,
  target: usize, targetHeight: i32, targetWidth: i32, columns: i32, padTop: i32, padLeft: i32,
  packed: usize, bias: usize, relu: i32, blockTiles: i32, scratch: usize,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  const imageBytes = <usize>(sourceHeight * sourceWidth * depth) << 2;
  const depthBytes = <usize>depth << 2, columnBytes = <usize>columns << 2;
  const rowBytes = <usize>targetWidth * columnBytes;
  const filterBytes = depthBytes * <usize>((columns + 7) & ~7);
  const plane = planeBytes(blockTiles, depth), productPlane = planeBytes(blockTiles, columns);
  const list = scratch + PRODUCT_SCRATCH;
  const table = list + <usize>blockTiles * TILE_ENTRY;
  const rows = table + 256;
  const zeros = rows + 1024;
  const values = zeros + depthBytes;
  const planes = (tile + 2) * (tile + 2);
  const products = values + planes * plane;
  memory.fill(zeros, 0, depthBytes);
  const tileRows = (targetHeight + tile - 1) / tile, tileColumns = (targetWidth + tile - 1) / tile;
  const total = batch * tileRows * tileColumns;
  for (let start = 0; start < total; start += blockTiles) {
    const count = min(total - start, blockTiles);
    listTiles(start, count, tileRows, tileColumns, list);
    for (let i = 0; i < count; ++i) {
      const entry = list + <usize>i * TILE_ENTRY;
      const picture = source + <usize>load<i32>(entry) * imageBytes;
      const y = tile * load<i32>(entry, 4) - padTop, x = tile * load<i32>(entry, 8) - padLeft;
      locatePixels(picture, sourceHeight, sourceWidth, depth, y, x, tile + 2, zeros, table);
      const to = values + <usize>i * depthBytes;
      if (tile == 6) transformLargestInput(table, depth, rows, to, plane);
      else if (tile == 4) transformLargeInput(table, depth, rows, to, plane);
      else transformInput(table, depth, to, plane);
    }
    for (let p = 0; p < planes; ++p) {
      multiplyRows(
        values + p * plane, depthBytes, count, depth, packed + p * filterBytes,
        products + p * productPlane, columnBytes, columns, INIT_ZERO, 0, scratch,
      );
    }
    for (let i = 0; i < count; ++i) {
      const entry = list + <usize>i * TILE_ENTRY;
      const y = tile * load<i32>(entry, 4), x = tile * load<i32>(entry, 8);
      const from = products + <usize>i * columnBytes;
      const to = target + <usize>(load<i32>(entry) * targetHeight + y) * rowBytes + <usize>x * columnBytes;
      const below = min(targetHeight - y, tile), beside = min(targetWidth - x, tile);
      if (tile == 6) transformLargestProducts(from, productPlane, columns, bias, floor, to, rowBytes, below, beside, rows);
      else if (tile == 4) transformLargeProducts(from, productPlane, columns, bias, floor, to, rowBytes, below, beside, rows);
      else transformProducts(from, productPlane, columns, bias, floor, to, rowBytes, below > 1, beside > 1);
    }
  }
}

/** Row i of G^T times a column of four values that lie four planes apart. */
function filterRow(column: usize, plane: usize, i: i32): v128 {
  const s1 = v128.load(column + 4 * plane), s2 = v128.load(column + 8 * plane);
  const half = f32x4.mul(i == 1 ? f32x4.sub(s1, s2) : f32x4.add(s1, s2), f32x4.splat(0.5));
  return i == 1 ? half : f32x4.add(half, v128.load(i == 0 ? column : column + 12 * plane));
}

/**
 * Gradient with respect to the filter of a 3x3 convolution with stride 1; parameters as in `filterGradient`.
 * `scratch`: blockTiles * (8 + TILE_ENTRY) + 64 + 4 * max(channels, outputChannels) + 64 * (blockTiles * (channels + outputChannels) + 32
 * + channels * outputChannels) + 16 bytes.
 */
export function winogradFilterGradient(
  x: usize, batch: i32, height: i32, width: i32, channels: i32,
  dy: usize, outHeight: i32, outWidth: i32, outputChannels: i32, padTop: i32, padLeft: i32,
  dw: usize, blockTiles: i32, scratch: usize,
): void {
  const imageBytes = <usize>(height * width * channels) << 2, outImageBytes = <usize>(outHeight * outWidth * outputChannels) << 2;
  const pixelBytes = <usize>channels << 2, gradientBytes = <usize>outputChannels << 2;
  const plane = planeBytes(blockTiles, channels), gradientPlane = planeBytes(blockTiles, outputChannels);
  const filterBytes = <usize>channels * gradientBytes;
  const zeroBytes = max(pixelBytes, gradientBytes);
  const list = scratch + (blockTiles << 3);
  const table = list + <usize>blockTiles * TILE_ENTRY;
  const zeros = table + 64;
  const sums = zeros + zeroBytes;
  const values = sums + PLANES * filterBytes;
  const gradients = values + PLANES * plane;
  memory.fill(zeros, 0, zeroBytes + PLANES * filterBytes);
  const tileRows = (outHeight + 1) >> 1, tileColumns = (outWidth + 1) >> 1;
  const total = batch * tileRows * tileColumns;
  for (let start = 0; start < total; start += blockTiles) {
    const count = min(total - start, blockTiles);
    listTiles(start, count, tileRows, tileColumns, list);
    for (let i = 0; i < count; ++i) {
      const entry = list + <usize>i * TILE_ENTRY;
      const n = <usize>load<i32>(entry), r = 2 * load<i32>(entry, 4), q = 2 * load<i32>(entry, 8);
      locatePixels(x + n * imageBytes, height, width, channels, r - padTop, q - padLeft, 4, zeros, table);
      transformInput(table, channels, values + <usize>i * pixelBytes, plane);
      locatePixels(dy + n * outImageBytes, outHeight, outWidth, outputChannels, r, q, 2, zeros, table);
      transformOutputGradient(table, outputChannels, gradients + <usize>i * gradientBytes, gradientPlane);
    }
    for (let p = 0; p < PLANES; ++p) {
      for (let i = 0; i < count; ++i) {
        store<usize>(scratch + (i << 3), values + p * plane + <usize>i * pixelBytes);
        store<usize>(scratch + (i << 3), gradients + p * gradientPlane + <usize>i * gradientBytes, 4);
      }
      accumulateOuter(scratch, count, channels, outputChannels, sums + p * filterBytes);
    }
  }
  for (let offset: usize = 0; offset < filterBytes; offset += 16) {
    const s = sums + offset;
    for (let i = 0; i < 3; ++i) {
      const t0 = filterRow(s, filterBytes, i), t1 = filterRow(s + filterBytes, filterBytes, i);
      const t2 = filterRow(s + 2 * filterBytes, filterBytes, i), t3 = filterRow(s + 3 * filterBytes, filterBytes, i);
      const sum = f32x4.mul(f32x4.add(t1, t2), f32x4.splat(0.5));
      const out = dw + offset + <usize>(3 * i) * filterBytes;
      v128.store(out, f32x4.add(t0, sum));
      v128.store(out + filterBytes, f32x4.mul(f32x4.sub(t1, t2), f32x4.splat(0.5)));
      v128.store(out + 2 * filterBytes, f32x4.add(sum, t3));
    }
  }
}
