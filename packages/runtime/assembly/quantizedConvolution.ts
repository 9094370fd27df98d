import { poolInPlace } from './pooling';
import { multiplyAdd, nearestIntegers } from './simd';

/*
 * The layers of a detector, with products of 16-bit integers: one instruction multiplies and adds eight of them where floats take two for four.
 * Each is a separable 3x3 convolution of stride 1 (depthwise, then 1x1), its bias, 2x2 max pooling and a leaky ReLU: leaky(v) = max(v, slope * v).
 * Two rows at a time, so that no intermediate result leaves the caches. One image, NHWC; outside of it, also where 2 * out is larger than it, are zeros.
 *
 * The filter is whole numbers times `scale`, exactly. What it is multiplied by is rounded to whole numbers of up to 15 bits and a sign: the largest value
 * that is possible becomes 32767. The sums are exact as long as no column's absolute values add up to 65536 or more.
 *
 * `packed`: [column / 8][pair of channels][8][2]. `bias`: one value a column. Columns are a multiple of 8, channels of 4.
 * `depthwise`: [9][channels], of which no channel's absolute values add up to more than `gain`.
 */

/** Of the largest 16-bit integer. */
const TOP: f32 = 32767;
/** Instead of 0, to divide by. */
const LEAST: f32 = 1e-20;
/** Pixels of a block of `quantizedSeparable`, which stays in the first cache. */
const BLOCK_PIXELS: i32 = 48;

// @ts-ignore: decorator
@inline
function largestLane(v: v128): f32 {
  return max<f32>(
    max<f32>(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max<f32>(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** Largest absolute value. */
function largest(x: usize, bytes: usize): f32 {
  let most = f32x4.splat(0);
  const end = x + bytes, whole = x + (bytes & ~15);
  for (; x < whole; x += 16) most = f32x4.pmax(f32x4.abs(v128.load(x)), most);
  let result = largestLane(most);
  for (; x < end; x += 4) result = max<f32>(result, abs<f32>(load<f32>(x)));
  return result;
}

/** Copies a multiple of four values and returns the largest absolute one. */
function copyValues(from: usize, to: usize, bytes: usize): f32 {
  let most = f32x4.splat(0);
  for (const end = from + bytes; from < end; from += 16, to += 16) {
    const v = v128.load(from);
    v128.store(to, v);
    most = f32x4.pmax(f32x4.abs(v), most);
  }
  return largestLane(most);
}

/** `count` values, multiplied by `factor` and rounded, as 16-bit integers. */
function quantize(from: usize, count: i32, factor: f32, to: usize): void {
  const factors = f32x4.splat(factor);
  for (; count >= 4; count -= 4, from += 16, to += 8) {
    const whole = nearestIntegers(f32x4.mul(v128.load(from), factors));
    v128.store64_lane(to, i16x8.narrow_i32x4_s(whole, whole), 0);
  }
  for (; count > 0; --count, from += 4, to += 2) store<i16>(to, <i16>nearest(load<f32>(from) * factor));
}

/** One row of a 3x3 depthwise convolution, multiplied by `factor`, as 16-bit integers. `line`: the upper of three padded rows; `filter`: [9][channels]. */
function depthwiseRow(line: usize, rowBytes: usize, width: i32, channels: i32, filter: usize, factor: f32, out: usize): void {
  const pixelBytes = <usize>channels << 2, outBytes = <usize>channels << 1;
  const factors = f32x4.splat(factor);
  for (let c: usize = 0; c < pixelBytes; c += 16) {
    let f = filter + c;
    const f0 = v128.load(f), f1 = v128.load(f += pixelBytes), f2 = v128.load(f += pixelBytes);
    const f3 = v128.load(f += pixelBytes), f4 = v128.load(f += pixelBytes), f5 = v128.load(f += pixelBytes);
    const f6 = v128.load(f += pixelBytes), f7 = v128.load(f += pixelBytes), f8 = v128.load(f + pixelBytes);
    let p0 = line + c, p1 = p0 + rowBytes, p2 = p1 + rowBytes, to = out + (c >> 1);
    // Two pixels share six of nine loads.
    for (let i = 0; i < width; i += 2) {
      let v = v128.load(p0);
      let left = f32x4.mul(v, f0);
      v = v128.load(p0 += pixelBytes); left = multiplyAdd(left, v, f1); let right = f32x4.mul(v, f0);
      v = v128.load(p0 += pixelBytes); left = multiplyAdd(left, v, f2); right = multiplyAdd(right, v, f1);
      right = multiplyAdd(right, v128.load(p0 + pixelBytes), f2);
      v = v128.load(p1); left = multiplyAdd(left, v, f3);
      v = v128.load(p1 += pixelBytes); left = multiplyAdd(left, v, f4); right = multiplyAdd(right, v, f3);
      v = v128.load(p1 += pixelBytes); left = multiplyAdd(left, v, f5); right = multiplyAdd(right, v, f4);
      right = multiplyAdd(right, v128.load(p1 + pixelBytes), f5);
      v = v128.load(p2); left = multiplyAdd(left, v, f6);
      v = v128.load(p2 += pixelBytes); left = multiplyAdd(left, v, f7); right = multiplyAdd(right, v, f6);
      v = v128.load(p2 += pixelBytes); left = multiplyAdd(left, v, f8); right = multiplyAdd(right, v, f7);
      right = multiplyAdd(right, v128.load(p2 + pixelBytes), f8);
      const both = i16x8.narrow_i32x4_s(nearestIntegers(f32x4.mul(left, factors)), nearestIntegers(f32x4.mul(right, factors)));
      v128.store64_lane(to, both, 0);
      v128.store64_lane(to + outBytes, both, 1);
      to += outBytes << 1;
    }
  }
}

/**
 * Four pixels by eight columns; `p0` to `p3` are where the pixels' values begin.
 * `pooled` (a literal): the largest of the four goes through the leaky ReLU to `o0`; else all go to `o0` to `o3`.
 */
// @ts-ignore: decorator
@inline
function tile(
  pooled: bool, p0: usize, p1: usize, p2: usize, p3: usize, pairs: i32, panel: usize,
  step: v128, bias: usize, slopes: v128, o0: usize, o1: usize, o2: usize, o3: usize,
): void {
  let c00 = i32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  let b0: v128, b1: v128, a: v128;
  // A branch a step, as in assembly/indirectGemm.ts.
  for (;;) {
    b0 = v128.load(panel); b1 = v128.load(panel, 16);
    a = v128.load32_splat(p0); c00 = i32x4.add(c00, i32x4.dot_i16x8_s(a, b0)); c01 = i32x4.add(c01, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p1); c10 = i32x4.add(c10, i32x4.dot_i16x8_s(a, b0)); c11 = i32x4.add(c11, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p2); c20 = i32x4.add(c20, i32x4.dot_i16x8_s(a, b0)); c21 = i32x4.add(c21, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p3); c30 = i32x4.add(c30, i32x4.dot_i16x8_s(a, b0)); c31 = i32x4.add(c31, i32x4.dot_i16x8_s(a, b1));
    if (--pairs == 0) break;
    b0 = v128.load(panel, 32); b1 = v128.load(panel, 48);
    a = v128.load32_splat(p0, 4); c00 = i32x4.add(c00, i32x4.dot_i16x8_s(a, b0)); c01 = i32x4.add(c01, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p1, 4); c10 = i32x4.add(c10, i32x4.dot_i16x8_s(a, b0)); c11 = i32x4.add(c11, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p2, 4); c20 = i32x4.add(c20, i32x4.dot_i16x8_s(a, b0)); c21 = i32x4.add(c21, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p3, 4); c30 = i32x4.add(c30, i32x4.dot_i16x8_s(a, b0)); c31 = i32x4.add(c31, i32x4.dot_i16x8_s(a, b1));
    if (--pairs == 0) break;
    b0 = v128.load(panel, 64); b1 = v128.load(panel, 80);
    a = v128.load32_splat(p0, 8); c00 = i32x4.add(c00, i32x4.dot_i16x8_s(a, b0)); c01 = i32x4.add(c01, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p1, 8); c10 = i32x4.add(c10, i32x4.dot_i16x8_s(a, b0)); c11 = i32x4.add(c11, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p2, 8); c20 = i32x4.add(c20, i32x4.dot_i16x8_s(a, b0)); c21 = i32x4.add(c21, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p3, 8); c30 = i32x4.add(c30, i32x4.dot_i16x8_s(a, b0)); c31 = i32x4.add(c31, i32x4.dot_i16x8_s(a, b1));
    if (--pairs == 0) break;
    b0 = v128.load(panel, 96); b1 = v128.load(panel, 112);
    a = v128.load32_splat(p0, 12); c00 = i32x4.add(c00, i32x4.dot_i16x8_s(a, b0)); c01 = i32x4.add(c01, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p1, 12); c10 = i32x4.add(c10, i32x4.dot_i16x8_s(a, b0)); c11 = i32x4.add(c11, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p2, 12); c20 = i32x4.add(c20, i32x4.dot_i16x8_s(a, b0)); c21 = i32x4.add(c21, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p3, 12); c30 = i32x4.add(c30, i32x4.dot_i16x8_s(a, b0)); c31 = i32x4.add(c31, i32x4.dot_i16x8_s(a, b1));
    if (--pairs == 0) break;
    panel += 128;
    p0 += 16; p1 += 16; p2 += 16; p3 += 16;
  }
  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);
  if (pooled) {
    // The largest integer is the largest value, too.
    const most0 = i32x4.max_s(i32x4.max_s(c00, c10), i32x4.max_s(c20, c30)), most1 = i32x4.max_s(i32x4.max_s(c01, c11), i32x4.max_s(c21, c31));
    const v0 = multiplyAdd(bias0, f32x4.convert_i32x4_s(most0), step), v1 = multiplyAdd(bias1, f32x4.convert_i32x4_s(most1), step);
    v128.store(o0, f32x4.pmax(v0, f32x4.mul(v0, slopes)));
    v128.store(o0, f32x4.pmax(v1, f32x4.mul(v1, slopes)), 16);
  } else {
    v128.store(o0, multiplyAdd(bias0, f32x4.convert_i32x4_s(c00), step)); v128.store(o0, multiplyAdd(bias1, f32x4.convert_i32x4_s(c01), step), 16);
    v128.store(o1, multiplyAdd(bias0, f32x4.convert_i32x4_s(c10), step)); v128.store(o1, multiplyAdd(bias1, f32x4.convert_i32x4_s(c11), step), 16);
    v128.store(o2, multiplyAdd(bias0, f32x4.convert_i32x4_s(c20), step)); v128.store(o2, multiplyAdd(bias1, f32x4.convert_i32x4_s(c21), step), 16);
    v128.store(o3, multiplyAdd(bias0, f32x4.convert_i32x4_s(c30), step)); v128.store(o3, multiplyAdd(bias1, f32x4.convert_i32x4_s(c31), step), 16);
  }
}

/** A row of pooling windows: each is two pixels of `upper` and the two below, `below` bytes further. */
function poolRow(
  upper: usize, below: usize, pixelBytes: usize, pairs: i32, packed: usize, step: f32, bias: usize, columns: i32, slope: f32, out: usize, outWidth: i32,
): void {
  const steps = f32x4.splat(step), slopes = f32x4.splat(slope);
  const columnBytes = <usize>columns << 2;
  const panelBytes = <usize>pairs << 5;
  for (let n: usize = 0; n < columnBytes; n += 32) {
    let p = upper, o = out + n;
    for (let q = 0; q < outWidth; ++q) {
      tile(true, p, p + pixelBytes, p + below, p + below + pixelBytes, pairs, packed, steps, bias + n, slopes, o, 0, 0, 0);
      p += pixelBytes << 1;
      o += columnBytes;
    }
    packed += panelBytes;
  }
}

/**
 * Pooling windows two pixels apart: the picture halves. Every pair of rows is rounded by its own bound.
 * `scratch`: 4 * (8 * (outWidth + 1) * channels) + 8 * outWidth * channels bytes.
 */
export function quantizedPooledSeparable(
  x: usize, height: i32, width: i32, channels: i32, depthwise: usize, gain: f32, packed: usize, scale: f32, bias: usize, columns: i32, slope: f32,
  out: usize, outHeight: i32, outWidth: i32, scratch: usize,
): void {
  const outWide = outWidth << 1;
  const pixelBytes = <usize>channels << 2;
  const rowBytes = <usize>(outWide + 2) * pixelBytes;
  const copied = <usize>min(width, outWide + 1) * pixelBytes;
  const spatial = scratch + 4 * rowBytes;
  const spatialBytes = <usize>outWide * pixelBytes >> 1;
  const outRowBytes = <usize>(outWidth * columns) << 2;
  let before: f32 = 0;
  memory.fill(scratch, 0, 4 * rowBytes);
  for (let r = 0; r < outHeight; ++r) {
    if (r) memory.copy(scratch, scratch + 2 * rowBytes, 2 * rowBytes);
    let most: f32 = 0;
    for (let k = r ? 2 : 0; k < 4; ++k) {
      const y = 2 * r - 1 + k;
      const row = scratch + <usize>k * rowBytes;
      if (<u32>y < <u32>height) most = max<f32>(most, copyValues(x + <usize>(y * width) * pixelBytes, row + pixelBytes, copied));
      else memory.fill(row, 0, rowBytes);
    }
    const bound = max<f32>(max<f32>(most, before) * gain, LEAST);
    before = most;
    depthwiseRow(scratch, rowBytes, outWide, channels, depthwise, TOP / bound, spatial);
    depthwiseRow(scratch + rowBytes, rowBytes, outWide, channels, depthwise, TOP / bound, spatial + spatialBytes);
    poolRow(spatial, spatialBytes, pixelBytes >> 1, channels >> 1, packed, scale * bound / TOP, bias, columns, slope, out, outWidth);
    out += outRowBytes;
  }
}

/**
 * Pooling windows one pixel apart, so that the picture keeps its size; a window ends with the picture.
 * `scratch`: 12 * (width + 3) * channels + 2 * (height * width + 1) * channels bytes.
 */
export function quantizedSeparable(
  x: usize, height: i32, width: i32, channels: i32, depthwise: usize, gain: f32, packed: usize, scale: f32, bias: usize, columns: i32, slope: f32, out: usize, scratch: usize,
): void {
  const pixelBytes = <usize>channels << 2, columnBytes = <usize>columns << 2;
  const sourceBytes = <usize>width * pixelBytes;
  // A row of odd width is computed one pixel further.
  const rowBytes = sourceBytes + 3 * pixelBytes;
  const spatial = scratch + 3 * rowBytes;
  const spatialPixelBytes = pixelBytes >> 1;
  const bound = max<f32>(largest(x, <usize>height * sourceBytes) * gain, LEAST);
  memory.fill(scratch, 0, 3 * rowBytes);
  for (let r = 0; r < height; ++r) {
    if (r) memory.copy(scratch, scratch + rowBytes, 2 * rowBytes);
    for (let k = r ? 2 : 0; k < 3; ++k) {
      const y = r - 1 + k;
      const row = scratch + <usize>k * rowBytes;
      if (<u32>y < <u32>height) memory.copy(row + pixelBytes, x + <usize>y * sourceBytes, sourceBytes);
      else memory.fill(row, 0, rowBytes);
    }
    depthwiseRow(scratch, rowBytes, width, channels, depthwise, TOP / bound, spatial + <usize>(r * width) * spatialPixelBytes);
  }
  const steps = f32x4.splat(scale * bound / TOP), slopes = f32x4.splat(slope);
  const panelBytes = <usize>(channels >> 1) << 5;
  const total = height * width;
  for (let start = 0; start < total; start += BLOCK_PIXELS) {
    const end = min(total, start + BLOCK_PIXELS);
    let panel = packed;
    for (let n: usize = 0; n < columnBytes; n += 32) {
      for (let i = start; i < end; i += 4) {
        // Behind the last pixel it is computed again.
        const i1 = <usize>min(i + 1, total - 1), i2 = <usize>min(i + 2, total - 1), i3 = <usize>min(i + 3, total - 1);
        tile(
          false, spatial + <usize>i * spatialPixelBytes, spatial + i1 * spatialPixelBytes, spatial + i2 * spatialPixelBytes, spatial + i3 * spatialPixelBytes,
          channels >> 1, panel, steps, bias + n, slopes,
          out + <usize>i * columnBytes + n, out + i1 * columnBytes + n, out + i2 * columnBytes + n, out + i3 * columnBytes + n,
        );
      }
      panel += panelBytes;
    }
  }
  poolInPlace(out, height, width, columnBytes, slopes);
}
