import { multiplyBlock, TILE_ROWS, INIT_BIAS } from './indirectGemm';
import { multiplyRows } from './matrixProduct';
import { multiplyAdd } from './simd';

/** One row of a 3x3 depthwise convolution. `line`: the upper of three padded rows, `rowBytes` apart; `filter`: [9][channels]. */
function depthwiseRow(line: usize, rowBytes: usize, width: i32, channels: i32, filter: usize, out: usize): void {
  const pixelBytes = <usize>channels << 2;
  const last = pixelBytes << 1;
  let c: usize = 0;
  for (; c + 16 <= pixelBytes; c += 16) {
    let f = filter + c;
    const f0 = v128.load(f), f1 = v128.load(f += pixelBytes), f2 = v128.load(f += pixelBytes);
    const f3 = v128.load(f += pixelBytes), f4 = v128.load(f += pixelBytes), f5 = v128.load(f += pixelBytes);
    const f6 = v128.load(f += pixelBytes), f7 = v128.load(f += pixelBytes), f8 = v128.load(f + pixelBytes);
    let p0 = line + c, p1 = p0 + rowBytes, p2 = p1 + rowBytes, to = out + c;
    for (let i = 0; i < width; ++i) {
      let sum = f32x4.mul(v128.load(p0), f0);
      sum = multiplyAdd(sum, v128.load(p0 + pixelBytes), f1);
      sum = multiplyAdd(sum, v128.load(p0 + last), f2);
      sum = multiplyAdd(sum, v128.load(p1), f3);
      sum = multiplyAdd(sum, v128.load(p1 + pixelBytes), f4);
      sum = multiplyAdd(sum, v128.load(p1 + last), f5);
      sum = multiplyAdd(sum, v128.load(p2), f6);
      sum = multiplyAdd(sum, v128.load(p2 + pixelBytes), f7);
      sum = multiplyAdd(sum, v128.load(p2 + last), f8);
      v128.store(to, sum);
      p0 += pixelBytes; p1 += pixelBytes; p2 += pixelBytes; to += pixelBytes;
    }
  }
  for (; c < pixelBytes; c += 4) {
    for (let i = 0; i < width; ++i) {
      let sum: f32 = 0, f = filter + c;
      for (let t = 0; t < 9; ++t, f += pixelBytes) {
        const at = line + <usize>(t / 3) * rowBytes + <usize>(i + t % 3) * pixelBytes + c;
        sum += load<f32>(at) * load<f32>(f);
      }
      store<f32>(out + <usize>i * pixelBytes + c, sum);
    }
  }
}

/**
 * Address tables of a dense 3x3 convolution as an indirect product over both rows of a pair; each entry is three neighbouring pixels long.
 * The rows lie in the same place for every pair, so one set of tables serves the whole picture.
 */
function denseTables(line: usize, rowBytes: usize, width: i32, pixelBytes: usize, tiles: i32, tables: usize, outs: usize, out: usize, columnBytes: usize): void {
  const last = 2 * width - 1;
  for (let i = 0; i < tiles * TILE_ROWS; ++i) {
    const pixel = min(i, last);
    const half = <i32>(pixel >= width);
    const from = line + <usize>half * rowBytes + <usize>(pixel - half * width) * pixelBytes;
    const entry = tables + <usize>(i / 6) * 72 + <usize>(i % 6 << 2);
    store<usize>(entry, from);
    store<usize>(entry, from + rowBytes, 24);
    store<usize>(entry, from + (rowBytes << 1), 48);
    store<usize>(outs + (i << 2), out + <usize>pixel * columnBytes);
  }
}

/**
 * A 3x3 convolution of stride 1, its bias, 2x2 max pooling and a leaky ReLU, two rows at a time, so that no intermediate result leaves the caches:
 *   out = leaky(pool(convolution(x) + bias)), leaky(v) = max(v, slope * v)
 *
 * One image, NHWC; outside of it, also where 2 * out is larger than it, are zeros.
 *   `depthwise` 0:         dense; `packed`: panels of [3 rows][3 * channels][8]
 *   `depthwise` an address: [9][channels], then a 1x1 convolution; `packed`: panels of [channels][8]
 * `bias`: padded to whole panels.
 * `scratch`: 4 * (4 * (2 * outWidth + 2) * channels + 4 * outWidth * (channels + columns)), and BLOCK_TILES * 48 bytes or,
 *   if dense, 96 a tile of six pixels of 4 * outWidth.
 */
export function pooledConvolution(
  x: usize, height: i32, width: i32, channels: i32, depthwise: usize, packed: usize, bias: usize, columns: i32, slope: f32,
  out: usize, outHeight: i32, outWidth: i32, scratch: usize,
): void {
  const pixelBytes = <usize>channels << 2;
  const outWide = outWidth << 1;
  const rowBytes = <usize>(outWide + 2) * pixelBytes;
  const copied = <usize>min(width, outWide + 1) * pixelBytes;
  const spatial = scratch + 4 * rowBytes;
  const products = spatial + <usize>(outWide << 1) * pixelBytes;
  const columnBytes = <usize>columns << 2;
  const productBytes = <usize>outWide * columnBytes;
  const table = products + 2 * productBytes;
  const tiles = (2 * outWide + TILE_ROWS - 1) / TILE_ROWS;
  const outs = table + tiles * 72;
  if (!depthwise) denseTables(scratch, rowBytes, outWide, pixelBytes, tiles, table, outs, products, columnBytes);
  const slopes = f32x4.splat(slope);
  for (let r = 0; r < outHeight; ++r) {
    let row = scratch;
    for (let y = 2 * r - 1; y < 2 * r + 3; ++y, row += rowBytes) {
      memory.fill(row, 0, rowBytes);
      if (<u32>y < <u32>height) memory.copy(row + pixelBytes, x + <usize>y * <usize>width * pixelBytes, copied);
    }
    if (depthwise) {
      depthwiseRow(scratch, rowBytes, outWide, channels, depthwise, spatial);
      depthwiseRow(scratch + rowBytes, rowBytes, outWide, channels, depthwise, spatial + <usize>outWide * pixelBytes);
      multiplyRows(spatial, pixelBytes, 2 * outWide, channels, packed, products, columnBytes, columns, INIT_BIAS, bias, table);
    } else {
      multiplyBlock(table, outs, tiles, 2 * outWide - (tiles - 1) * TILE_ROWS, 3, 3 * channels, packed, columns, INIT_BIAS, bias);
    }
    let upper = products, lower = products + productBytes;
    for (let q = 0; q < outWidth; ++q) {
      let c: usize = 0;
      for (; c + 16 <= columnBytes; c += 16) {
        const left = f32x4.pmax(v128.load(upper + c), v128.load(lower + c));
        const right = f32x4.pmax(v128.load(upper + columnBytes + c), v128.load(lower + columnBytes + c));
        const value = f32x4.pmax(left, right);
        v128.store(out + c, f32x4.pmax(value, f32x4.mul(value, slopes)));
      }
      for (; c < columnBytes; c += 4) {
        const left = max<f32>(load<f32>(upper + c), load<f32>(lower + c));
        const right = max<f32>(load<f32>(upper + columnBytes + c), load<f32>(lower + columnBytes + c));
        const value = max<f32>(left, right);
        store<f32>(out + c, max<f32>(value, value * slope));
      }
      upper += columnBytes << 1;
      lower += columnBytes << 1;
      out += columnBytes;
    }
  }
}

/**
 * A separable 3x3 convolution as `pooledConvolution` does it, its pooling windows one pixel apart, so that the picture keeps its size; a window ends with the picture.
 * `scratch`: 4 * (3 * (width + 2) + height * width) * channels + BLOCK_TILES * 48 bytes.
 */
export function pooledSeparable(
  x: usize, height: i32, width: i32, channels: i32, depthwise: usize, packed: usize, bias: usize, columns: i32, slope: f32, out: usize, scratch: usize,
): void {
  const pixelBytes = <usize>channels << 2, columnBytes = <usize>columns << 2;
  const sourceBytes = <usize>width * pixelBytes;
  const rowBytes = sourceBytes + 2 * pixelBytes;
  const spatial = scratch + 3 * rowBytes;
  const table = spatial + <usize>height * sourceBytes;
  for (let r = 0; r < height; ++r) {
    let row = scratch;
    for (let y = r - 1; y < r + 2; ++y, row += rowBytes) {
      memory.fill(row, 0, rowBytes);
      if (<u32>y < <u32>height) memory.copy(row + pixelBytes, x + <usize>y * sourceBytes, sourceBytes);
    }
    depthwiseRow(scratch, rowBytes, width, channels, depthwise, spatial + <usize>r * sourceBytes);
  }
  multiplyRows(spatial, pixelBytes, height * width, channels, packed, out, columnBytes, columns, INIT_BIAS, bias, table);
  // In place: what a window reads lies at its own pixel or behind it.
  const slopes = f32x4.splat(slope);
  for (let r = 0; r < height; ++r) {
    const below = r + 1 < height ? <usize>width * columnBytes : 0;
    for (let q = 0; q < width; ++q) {
      const beside = q + 1 < width ? columnBytes : 0;
      let c: usize = 0;
      for (; c + 16 <= columnBytes; c += 16) {
        const upper = f32x4.pmax(v128.load(out + c), v128.load(out + c + beside));
        const lower = f32x4.pmax(v128.load(out + c + below), v128.load(out + c + below + beside));
        const value = f32x4.pmax(upper, lower);
        v128.store(out + c, f32x4.pmax(value, f32x4.mul(value, slopes)));
      }
      for (; c < columnBytes; c += 4) {
        const upper = max<f32>(load<f32>(out + c), load<f32>(out + c + beside));
        const lower = max<f32>(load<f32>(out + c + below), load<f32>(out + c + below + beside));
        const value = max<f32>(upper, lower);
        store<f32>(out + c, max<f32>(value, value * slope));
      }
      out += columnBytes;
    }
  }
}
