import { nearestIntegers } from './simd';

/*
 * Planes of 16-bit integers, row-major and without gaps, of which a picture with subsampled colours has three.
 */

/** Bits of a weight between two pixels. */
const FRACTION_BITS: i32 = 14;
const ONE: i32 = 1 << FRACTION_BITS;

/** Red, green and blue of four pixels of four bytes, added up. */
// @ts-ignore: decorator
@inline
function sumColours(pixels: v128): v128 {
  const redAndBlue = v128.and(pixels, i32x4.splat(0x00ff00ff));
  return i32x4.add(i32x4.dot_i16x8_s(redAndBlue, i16x8.splat(1)), greenOf(pixels));
}

// @ts-ignore: decorator
@inline
function redOf(pixels: v128): v128 {
  return v128.and(pixels, i32x4.splat(0xff));
}

// @ts-ignore: decorator
@inline
function greenOf(pixels: v128): v128 {
  return v128.and(i32x4.shr_u(pixels, 8), i32x4.splat(0xff));
}

/** Integers times `factor` plus `offset`, rounded. */
// @ts-ignore: decorator
@inline
function scale(values: v128, factor: v128, offset: v128): v128 {
  return nearestIntegers(f32x4.add(f32x4.mul(f32x4.convert_i32x4_s(values), factor), offset));
}

/** The sums of pairs of neighbours of eight values. */
// @ts-ignore: decorator
@inline
function addPairs(a: v128, b: v128): v128 {
  return i32x4.add(v128.shuffle<i32>(a, b, 0, 2, 4, 6), v128.shuffle<i32>(a, b, 1, 3, 5, 7));
}

/**
 * Planes of a picture of bytes, `channels` (3 or 4) a pixel, the first three red, green and blue: luma = (red + green + blue) * `lumaFactor` + `lumaOffset`; of squares of 2x2,
 * repeated at odd borders, red = (3 red - (red + green + blue)) * `colourFactor` + `redOffset`, and green likewise.
 */
export function separateColours(
  pixels: usize, channels: i32, height: i32, width: i32, lumaFactor: f32, lumaOffset: f32, colourFactor: f32, redOffset: f32, greenOffset: f32,
  luma: usize, red: usize, green: usize,
): void {
  const rowBytes = <usize>(width * channels), lumaBytes = <usize>width << 1;
  const lumaFactors = f32x4.splat(lumaFactor), lumaOffsets = f32x4.splat(lumaOffset), colourFactors = f32x4.splat(colourFactor);
  const redOffsets = f32x4.splat(redOffset), greenOffsets = f32x4.splat(greenOffset);
  const three = i32x4.splat(3);
  for (let y = 0; y < height; y += 2) {
    const below = y + 1 < height ? rowBytes : 0, lumaBelow = below ? lumaBytes : 0;
    let p = pixels, to = luma;
    let x = width;
    for (; channels == 4 && x >= 8; x -= 8, p += 32, to += 16, red += 8, green += 8) {
      const a = v128.load(p), b = v128.load(p, 16), c = v128.load(p + below), d = v128.load(p + below, 16);
      const sumA = sumColours(a), sumB = sumColours(b), sumC = sumColours(c), sumD = sumColours(d);
      v128.store(to, i16x8.narrow_i32x4_s(scale(sumA, lumaFactors, lumaOffsets), scale(sumB, lumaFactors, lumaOffsets)));
      v128.store(to + lumaBelow, i16x8.narrow_i32x4_s(scale(sumC, lumaFactors, lumaOffsets), scale(sumD, lumaFactors, lumaOffsets)));
      const sums = addPairs(i32x4.add(sumA, sumC), i32x4.add(sumB, sumD));
      const reds = addPairs(i32x4.add(redOf(a), redOf(c)), i32x4.add(redOf(b), redOf(d)));
      const greens = addPairs(i32x4.add(greenOf(a), greenOf(c)), i32x4.add(greenOf(b), greenOf(d)));
      const redder = scale(i32x4.sub(i32x4.mul(reds, three), sums), colourFactors, redOffsets);
      const greener = scale(i32x4.sub(i32x4.mul(greens, three), sums), colourFactors, greenOffsets);
      const both = i16x8.narrow_i32x4_s(redder, greener);
      v128.store64_lane(red, both, 0);
      v128.store64_lane(green, both, 1);
    }
    for (; x > 0; x -= 2, p += <usize>channels << 1, to += 4, red += 2, green += 2) {
      const beside = x > 1 ? <usize>channels : 0, lumaBeside: usize = x > 1 ? 2 : 0;
      let sums = 0, reds = 0, greens = 0;
      for (let i: usize = 0; i < 4; ++i) {
        const right = i & 1, lower = i >> 1;
        const q = p + right * beside + lower * below;
        const sum = <i32>load<u8>(q) + <i32>load<u8>(q, 1) + <i32>load<u8>(q, 2);
        store<i16>(to + right * lumaBeside + lower * lumaBelow, <i16>nearest<f32>(<f32>sum * lumaFactor + lumaOffset));
        sums += sum;
        reds += <i32>load<u8>(q);
        greens += <i32>load<u8>(q, 1);
      }
      store<i16>(red, <i16>nearest<f32>(<f32>(reds * 3 - sums) * colourFactor + redOffset));
      store<i16>(green, <i16>nearest<f32>(<f32>(greens * 3 - sums) * colourFactor + greenOffset));
    }
    pixels += rowBytes << 1;
    luma += lumaBytes << 1;
  }
}

/** A plane of half the size, odd sides rounded up: the means of 2x2 pixels, of what there is of them at the border. */
export function halvePlane(source: usize, height: i32, width: i32, target: usize): void {
  const rowBytes = <usize>width << 1;
  const twos = i32x4.splat(2);
  for (let y = 0; y < height; y += 2, source += rowBytes << 1) {
    const below = y + 1 < height ? rowBytes : 0;
    let p = source;
    let x = width;
    for (; x >= 8; x -= 8, p += 16, target += 8) {
      const sums = i32x4.add(i32x4.extadd_pairwise_i16x8_s(v128.load(p)), i32x4.extadd_pairwise_i16x8_s(v128.load(p + below)));
      const means = i32x4.shr_s(i32x4.add(sums, twos), 2);
      v128.store64_lane(target, i16x8.narrow_i32x4_s(means, means), 0);
    }
    for (; x > 0; x -= 2, p += 4, target += 2) {
      const beside: usize = x > 1 ? 2 : 0;
      const sum = <i32>load<i16>(p) + <i32>load<i16>(p + beside) + <i32>load<i16>(p + below) + <i32>load<i16>(p + below + beside);
      store<i16>(target, <i16>((sum + 2) >> 2));
    }
  }
}

/** A third, in parts of 32768. */
const THIRD: i32 = 10923;

/** The mean of three values of less than 2^13.4 either side of 0. */
// @ts-ignore: decorator
@inline
function meanOfThree(a: v128, b: v128, c: v128): v128 {
  return i16x8.q15mulr_sat_s(i16x8.add(i16x8.add(a, b), c), i16x8.splat(<i16>THIRD));
}

/**
 * What each pixel differs by from the mean of the 3x3 pixels around it, added to it `amount` (-1 to 2) times (unsharp masking; below 0 it is smoothed), cut to `low` to `high`. The border
 * is repeated. Values and half of `amount` times differences have less than 2^13.4 either side of 0. Reads up to 14 bytes behind the source.
 * `scratch`: 2 * width + 32 bytes.
 */
export function sharpenPlane(source: usize, height: i32, width: i32, amount: f32, low: i32, high: i32, target: usize, scratch: usize): void {
  const rowBytes = <usize>width << 1;
  const line = scratch + 2;
  const factor = i16x8.splat(<i16>min<f32>(nearest<f32>(amount * 16384), 32767));
  const lowest = i16x8.splat(<i16>low), highest = i16x8.splat(<i16>high);
  for (let y = 0; y < height; ++y, source += rowBytes) {
    const above = y > 0 ? source - rowBytes : source, below = y + 1 < height ? source + rowBytes : source;
    for (let x: usize = 0; x < rowBytes; x += 16) {
      v128.store(line + x, meanOfThree(v128.load(above + x), v128.load(source + x), v128.load(below + x)));
    }
    store<i16>(line - 2, load<i16>(line));
    store<i16>(line + rowBytes, load<i16>(line + rowBytes - 2));
    let count = width;
    for (let p = source, q = line; count > 0; count -= 8, p += 16, q += 16, target += 16) {
      const value = v128.load(p);
      const difference = i16x8.sub(value, meanOfThree(v128.load(q - 2), v128.load(q), v128.load(q + 2)));
      const sharper = i16x8.add_sat_s(value, i16x8.q15mulr_sat_s(i16x8.add(difference, difference), factor));
      const cut = i16x8.min_s(i16x8.max_s(sharper, lowest), highest);
      if (count >= 8) v128.store(target, cut);
      else storeFirst(target, cut, count);
    }
    target += <usize>count << 1;
  }
}

/** Stores the first `count` (1 to 7) of eight integers. */
// @ts-ignore: decorator
@inline
function storeFirst(target: usize, values: v128, count: i32): void {
  if (count & 4) {
    v128.store64_lane(target, values, 0);
    values = v128.shuffle<i64>(values, values, 1, 1);
    target += 8;
  }
  if (count & 2) {
    v128.store32_lane(target, values, 0);
    values = v128.shuffle<i32>(values, values, 1, 1, 1, 1);
    target += 4;
  }
  if (count & 1) v128.store16_lane(target, values, 0);
}

/**
 * A part of a plane in another size, bilinear: target pixel i lies at `start + (i + 0.5) * step - 0.5` of the source, whose border is repeated outside of it.
 * Reads up to 14 bytes behind the source. `scratch`: 2 * roundUp(width + 1, 8) + 8 * outWidth bytes.
 */
export function resizePlane(
  source: usize, height: i32, width: i32, startY: f64, stepY: f64, startX: f64, stepX: f64, target: usize, outHeight: i32, outWidth: i32, scratch: usize,
): void {
  // For each column: where its left pixel is, in bytes of the line, and the weights of it and its right neighbour.
  const table = scratch;
  const line = scratch + (<usize>outWidth << 3);
  for (let i = 0; i < outWidth; ++i) {
    const at = max<f64>(0, min<f64>(<f64>(width - 1), startX + (<f64>i + 0.5) * stepX - 0.5));
    const left = <i32>at;
    const right = <i32>nearest<f64>((at - <f64>left) * <f64>ONE);
    store<i32>(table + (<usize>i << 3), left << 1);
    store<i32>(table + (<usize>i << 3), (right << 16) | (ONE - right), 4);
  }
  // Only these columns are read; the steps are positive.
  const first = load<i32>(table) & ~15, last = load<i32>(table + (<usize>(outWidth - 1) << 3)) + 2;
  const half = i32x4.splat(ONE >> 1);
  const rowBytes = <usize>width << 1;
  for (let r = 0; r < outHeight; ++r) {
    const at = max<f64>(0, min<f64>(<f64>(height - 1), startY + (<f64>r + 0.5) * stepY - 0.5));
    const top = <i32>at;
    const lower = <i32>nearest<f64>((at - <f64>top) * <f64>ONE);
    const upperRow = source + <usize>top * rowBytes, lowerRow = top + 1 < height ? upperRow + rowBytes : upperRow;
    const weights = i32x4.splat((lower << 16) | (ONE - lower));
    for (let x = first; x <= last; x += 16) {
      const a = v128.load(upperRow + x), b = v128.load(lowerRow + x);
      const low = i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11), weights);
      const high = i32x4.dot_i16x8_s(v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), weights);
      v128.store(line + x, i16x8.narrow_i32x4_s(i32x4.shr_s(i32x4.add(low, half), FRACTION_BITS), i32x4.shr_s(i32x4.add(high, half), FRACTION_BITS)));
    }
    let entry = table;
    let count = outWidth;
    for (; count >= 4; count -= 4, entry += 32, target += 8) {
      let pixels = v128.load32_zero(line + load<i32>(entry));
      pixels = v128.load32_lane(line + load<i32>(entry, 8), pixels, 1);
      pixels = v128.load32_lane(line + load<i32>(entry, 16), pixels, 2);
      pixels = v128.load32_lane(line + load<i32>(entry, 24), pixels, 3);
      const sums = i32x4.dot_i16x8_s(pixels, v128.shuffle<i32>(v128.load(entry), v128.load(entry, 16), 1, 3, 5, 7));
      const means = i32x4.shr_s(i32x4.add(sums, half), FRACTION_BITS);
      v128.store64_lane(target, i16x8.narrow_i32x4_s(means, means), 0);
    }
    for (; count > 0; --count, entry += 8, target += 2) {
      const p = line + load<i32>(entry);
      const sum = <i32>load<i16>(p) * <i32>load<i16>(entry, 4) + <i32>load<i16>(p, 2) * <i32>load<i16>(entry, 6);
      store<i16>(target, <i16>((sum + (ONE >> 1)) >> FRACTION_BITS));
    }
  }
}
