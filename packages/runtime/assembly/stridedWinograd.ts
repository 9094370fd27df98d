import { multiplyRows, PRODUCT_SCRATCH } from './matrixProduct';
import { INIT_ZERO } from './indirectGemm';
import { listTiles, locatePixels, planeBytes, TILE_ENTRY } from './winograd';

/*
 * Convolutions of 3x3 with stride 2 by Winograd's minimal filtering, polyphase: in one dimension the even pixels meet the outer taps, a
 * convolution of two taps and stride 1, by F(3, 2); the odd pixels meet the middle tap.
 *
 *   y0   d0 d2 |    | d1        m0 = (d0 - d4) g0                  y0 = m0 + m1 + m2 + o0
 *   y1 = d2 d4 | g0 | d3 g1     m1 = (d2 + d4) (g0 + g2) / 2       y1 = m1 - m2 + o1
 *   y2   d4 d6 | g2 | d5        m2 = (d4 - d2) (g0 - g2) / 2       y2 = m1 + m2 - m3 + o2
 *                               m3 = (d2 - d6) g2                  o0, o1, o2 = d1 g1, d3 g1, d5 g1
 *
 * In two dimensions that is 49 products for nine output pixels where the sum over taps takes 81. Rows and columns are of five kinds, m0 to m3 and o,
 * o three times: all products with one of the 25 transformed filters make one product of matrices.
 *
 * Transformed values lie in 25 planes [tile][1, 3 or 9][channel]. Numbers of channels are multiples of four.
 */
const KINDS: i32 = 5;
/** Output pixels of a tile in a row, and the odd pixels between the even ones that they need. */
const TILE: i32 = 3;
const SIDE: i32 = 7;

// @ts-ignore: decorator
@inline
function timesOf(kind: i32): i32 {
  return kind == 4 ? TILE : 1;
}

/** Seven values (even, odd, even, ...) to m0 to m3, then the odd ones, `stride` bytes apart. */
// @ts-ignore: decorator
@inline
function spread(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, d6: v128, target: usize, stride: usize): void {
  v128.store(target, f32x4.sub(d0, d4));
  v128.store(target += stride, f32x4.add(d2, d4));
  v128.store(target += stride, f32x4.sub(d4, d2));
  v128.store(target += stride, f32x4.sub(d2, d6));
  v128.store(target += stride, d1);
  v128.store(target += stride, d3);
  v128.store(target + stride, d5);
}

/** Addresses of where the seven values of each of seven rows of tile 0 lie, row by row: [7][7]. */
function locatePlanes(values: usize, blockTiles: i32, channels: i32, table: usize): void {
  const pixelBytes = <usize>channels << 2;
  for (let kindY = 0; kindY < KINDS; ++kindY) {
    for (let kindX = 0; kindX < KINDS; ++kindX) {
      const timesY = timesOf(kindY), timesX = timesOf(kindX);
      for (let i = 0; i < timesY; ++i) {
        for (let j = 0; j < timesX; ++j) {
          store<usize>(table + (<usize>((kindY + i) * SIDE + kindX + j) << 2), values + <usize>(i * timesX + j) * pixelBytes);
        }
      }
      values += planeBytes(blockTiles * timesY * timesX, channels);
    }
  }
}

/** Bytes from a tile's value to the next tile's, by row and column of the 7x7. */
// @ts-ignore: decorator
@inline
function tileStep(r: i32, q: i32, pixelBytes: usize): usize {
  return pixelBytes * <usize>((r < 4 ? 1 : TILE) * (q < 4 ? 1 : TILE));
}

/** The 7x7 pixels in `table` to the planes at `places`, as tile `i`. `rows`: 784 bytes. */
function transformInput(table: usize, channels: i32, rows: usize, places: usize, i: i32): void {
  const end = <usize>channels << 2;
  for (let offset: usize = 0; offset < end; offset += 16) {
    for (let column: usize = 0; column < <usize>SIDE; ++column) {
      const t = table + (column << 2);
      spread(
        v128.load(load<usize>(t) + offset), v128.load(load<usize>(t, 28) + offset), v128.load(load<usize>(t, 56) + offset),
        v128.load(load<usize>(t, 84) + offset), v128.load(load<usize>(t, 112) + offset), v128.load(load<usize>(t, 140) + offset),
        v128.load(load<usize>(t, 168) + offset), rows + (column << 4), 112,
      );
    }
    let place = places, from = rows;
    for (let r = 0; r < SIDE; ++r) {
      const single = <usize>i * tileStep(r, 0, end) + offset, triple = <usize>i * tileStep(r, 4, end) + offset;
      const d0 = v128.load(from), d2 = v128.load(from, 32), d4 = v128.load(from, 64), d6 = v128.load(from, 96);
      v128.store(load<usize>(place) + single, f32x4.sub(d0, d4));
      v128.store(load<usize>(place, 4) + single, f32x4.add(d2, d4));
      v128.store(load<usize>(place, 8) + single, f32x4.sub(d4, d2));
      v128.store(load<usize>(place, 12) + single, f32x4.sub(d2, d6));
      v128.store(load<usize>(place, 16) + triple, v128.load(from, 16));
      v128.store(load<usize>(place, 20) + triple, v128.load(from, 48));
      v128.store(load<usize>(place, 24) + triple, v128.load(from, 80));
      place += 28;
      from += 112;
    }
  }
}

/** The products at `places` of tile `i` plus bias, cut at `floor`, to the `height` x `width` pixels of the tile at `y` that lie inside. `rows`: 336 bytes. */
function transformProducts(
  places: usize, i: i32, channels: i32, bias: usize, floor: v128, y: usize, rowBytes: usize, height: i32, width: i32, rows: usize,
): void {
  const end = <usize>channels << 2;
  for (let offset: usize = 0; offset < end; offset += 16) {
    const start = bias ? v128.load(bias + offset) : f32x4.splat(0);
    let place = places, to = rows;
    for (let r = 0; r < SIDE; ++r) {
      const single = <usize>i * tileStep(r, 0, end) + offset, triple = <usize>i * tileStep(r, 4, end) + offset;
      const m1 = v128.load(load<usize>(place, 4) + single), m2 = v128.load(load<usize>(place, 8) + single);
      const sum = f32x4.add(m1, m2);
      v128.store(to, f32x4.add(f32x4.add(v128.load(load<usize>(place) + single), sum), v128.load(load<usize>(place, 16) + triple)));
      v128.store(to, f32x4.add(f32x4.sub(m1, m2), v128.load(load<usize>(place, 20) + triple)), 16);
      v128.store(to, f32x4.add(f32x4.sub(sum, v128.load(load<usize>(place, 12) + single)), v128.load(load<usize>(place, 24) + triple)), 32);
      place += 28;
      to += 48;
    }
    for (let q = 0; q < width; ++q) {
      const from = rows + (<usize>q << 4);
      const m1 = v128.load(from, 48), m2 = v128.load(from, 96), sum = f32x4.add(m1, m2);
      let target = y + offset + <usize>q * end;
      const y0 = f32x4.add(f32x4.add(v128.load(from), sum), v128.load(from, 192));
      v128.store(target, f32x4.pmax(f32x4.add(y0, start), floor));
      if (height > 1) {
        const y1 = f32x4.add(f32x4.sub(m1, m2), v128.load(from, 240));
        v128.store(target += rowBytes, f32x4.pmax(f32x4.add(y1, start), floor));
      }
      if (height > 2) {
        const y2 = f32x4.add(f32x4.sub(sum, v128.load(from, 144)), v128.load(from, 288));
        v128.store(target + rowBytes, f32x4.pmax(f32x4.add(y2, start), floor));
      }
    }
  }
}

/** m0 to m3 and o of three taps. */
// @ts-ignore: decorator
@inline
function spreadFilter(g0: v128, g1: v128, g2: v128, target: usize, stride: usize): void {
  const half = f32x4.splat(0.5);
  v128.store(target, g0);
  v128.store(target += stride, f32x4.mul(f32x4.add(g0, g2), half));
  v128.store(target += stride, f32x4.mul(f32x4.sub(g0, g2), half));
  v128.store(target += stride, g2);
  v128.store(target + stride, g1);
}

/**
 * The 25 transformed filters of `source` [3, 3, depth, columns], in panels of eight columns: [plane][panel][depth][8].
 * `target`: 25 * packed [depth, columns]. `rows`: 240 bytes.
 */
export function stridedWinogradFilter(source: usize, depth: i32, columns: i32, target: usize, rows: usize): void {
  const panelBytes = <usize>depth << 5;
  const plane = panelBytes * <usize>((columns + 7) >> 3);
  const tapBytes = <usize>(depth * columns) << 2;
  for (let n = 0; n < columns; n += 4) {
    let from = source + (<usize>n << 2);
    let to = target + <usize>(n >> 3) * panelBytes + (<usize>(n & 4) << 2);
    for (let k = 0; k < depth; ++k) {
      for (let x: usize = 0; x < 3; ++x) {
        const tap = from + x * tapBytes;
        spreadFilter(v128.load(tap), v128.load(tap + 3 * tapBytes), v128.load(tap + 6 * tapBytes), rows + (x << 4), 48);
      }
      let p = to;
      for (let r = rows; r < rows + 240; r += 48) {
        spreadFilter(v128.load(r), v128.load(r, 16), v128.load(r, 32), p, plane);
        p += <usize>KINDS * plane;
      }
      from += <usize>columns << 2;
      to += 32;
    }
  }
}

/**
 * target = [max(] source convolved in steps of 2 with the filter of `stridedWinogradFilter` + bias [, 0)]. NHWC.
 * Target pixel (r, q) reads source pixels (2 r - padTop .. + 2, 2 q - padLeft .. + 2); those outside count as zeros. `bias` may be null.
 * `scratch`: PRODUCT_SCRATCH + blockTiles * TILE_ENTRY + 1408 + 4 * depth + 4 * 49 * blockTiles * (depth + columns) + 3200 bytes; blockTiles: a multiple of 4.
 */
export function stridedWinogradConvolution(
  source: usize, batch: i32, sourceHeight: i32, sourceWidth: i32, depth: i32,
  target: usize, targetHeight: i32, targetWidth: i32, columns: i32, padTop: i32, padLeft: i32,
  packed: usize, bias: usize, relu: i32, blockTiles: i32, scratch: usize,
): void {
  const floor = f32x4.splat(relu ? 0 : -Infinity);
  const imageBytes = <usize>(sourceHeight * sourceWidth * depth) << 2;
  const depthBytes = <usize>depth << 2, columnBytes = <usize>columns << 2;
  const rowBytes = <usize>targetWidth * columnBytes;
  const filterBytes = depthBytes * <usize>((columns + 7) & ~7);
  const list = scratch + PRODUCT_SCRATCH;
  const table = list + <usize>blockTiles * TILE_ENTRY;
  const valuePlaces = table + 208;
  const productPlaces = valuePlaces + 208;
  const rows = productPlaces + 208;
  const zeros = rows + 784;
  const values = zeros + depthBytes;
  const products = values + <usize>(49 * blockTiles) * depthBytes + 25 * 64;
  memory.fill(zeros, 0, depthBytes);
  locatePlanes(values, blockTiles, depth, valuePlaces);
  locatePlanes(products, blockTiles, columns, productPlaces);
  const tileRows = (targetHeight + TILE - 1) / TILE, tileColumns = (targetWidth + TILE - 1) / TILE;
  const total = batch * tileRows * tileColumns;
  for (let start = 0; start < total; start += blockTiles) {
    const count = min(total - start, blockTiles);
    listTiles(start, count, tileRows, tileColumns, list);
    for (let i = 0; i < count; ++i) {
      const entry = list + <usize>i * TILE_ENTRY;
      const picture = source + <usize>load<i32>(entry) * imageBytes;
      const y = 2 * TILE * load<i32>(entry, 4) - padTop, x = 2 * TILE * load<i32>(entry, 8) - padLeft;
      locatePixels(picture, sourceHeight, sourceWidth, depth, y, x, SIDE, zeros, table);
      transformInput(table, depth, rows, valuePlaces, i);
    }
    let filter = packed, from = values, to = products;
    for (let kindY = 0; kindY < KINDS; ++kindY) {
      for (let kindX = 0; kindX < KINDS; ++kindX) {
        const times = timesOf(kindY) * timesOf(kindX);
        multiplyRows(from, depthBytes, count * times, depth, filter, to, columnBytes, columns, INIT_ZERO, 0, scratch);
        filter += filterBytes;
        from += planeBytes(blockTiles * times, depth);
        to += planeBytes(blockTiles * times, columns);
      }
    }
    for (let i = 0; i < count; ++i) {
      const entry = list + <usize>i * TILE_ENTRY;
      const y = TILE * load<i32>(entry, 4), x = TILE * load<i32>(entry, 8);
      const to = target + <usize>(load<i32>(entry) * targetHeight + y) * rowBytes + <usize>x * columnBytes;
      transformProducts(
        productPlaces, i, columns, bias, floor, to, rowBytes, min(targetHeight - y, TILE), min(targetWidth - x, TILE), rows,
      );
    }
  }
}
