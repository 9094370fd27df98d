import { multiplyAdd } from './simd';

/*
 * A 3x3 convolution of stride 1 on a picture with subsampled colours, its bias, 2x2 max pooling and a leaky ReLU, in 16-bit integers and exact.
 *
 * A pooling window is four outputs of 4x4 pixels of luma, and of 3x3 pixels of each colour. One by one these are 4 * (9 + 2 * 4) products.
 * - Luma takes 4 * 2 * 3: two rows of outputs are made of four rows of products (Winograd's F(2, 3)): with rows d0 to d3 and g0 to g2,
 *   m0 = (d0 - d2) * 2 g0, m1 = (d1 + d2) * (g0 + g1 + g2), m2 = (d2 - d1) * (g0 - g1 + g2), m3 = (d1 - d3) * 2 g2; the outputs are (m0 + m1 + m2) / 2 and (m1 - m2 - m3) / 2.
 * - Colours take 2 * 9: in one dimension, of x0 to x2 the left output is g0 * (x0 - x1) + (g0 + g1 + g2) * x1, the right one (g0 + g1 + g2) * x1 + g2 * (x2 - x1).
 *
 * `packed`: for 8 columns each, [luma's m][pair of taps: 0 and 1, 2 and none][8][2], then [colours' row][colours' column][8][red, green], all of it doubled as above.
 */

/** Seventeen pairs of weights for eight columns. */
const PANEL_BYTES: usize = 544;

// @ts-ignore: decorator
@inline
function ceil16(bytes: usize): usize {
  return (bytes + 15) & ~15;
}

/** A row of a plane, from its second pixel on; nothing if there is no such row. */
function copyRow(plane: usize, y: i32, height: i32, rowBytes: usize, bytes: usize, target: usize): void {
  if (<u32>y < <u32>height) memory.copy(target + 2, plane + <usize>y * rowBytes, bytes);
  else memory.fill(target + 2, 0, bytes);
}

/** Luma's four rows of sums and differences, of four padded rows. */
function transformLuma(rows: usize, rowBytes: usize, target: usize): void {
  for (const end = rows + rowBytes; rows < end; rows += 16, target += 16) {
    const d0 = v128.load(rows), d1 = v128.load(rows + rowBytes), d2 = v128.load(rows + 2 * rowBytes), d3 = v128.load(rows + 3 * rowBytes);
    v128.store(target, i16x8.sub(d0, d2));
    v128.store(target + rowBytes, i16x8.add(d1, d2));
    v128.store(target + 2 * rowBytes, i16x8.sub(d2, d1));
    v128.store(target + 3 * rowBytes, i16x8.sub(d1, d3));
  }
}

/**
 * Of three padded rows of red and three of green: pairs of both. To `target` three rows, the upper and the lower one less the middle one, each followed by the row of
 * what the next pixel has more. Reads one pixel behind the rows.
 */
function transformColours(rows: usize, rowBytes: usize, target: usize): void {
  const pairBytes = rowBytes << 1;
  for (let x: usize = 0; x < rowBytes; x += 16) {
    const red = rows + x, green = red + 3 * rowBytes;
    for (let k: usize = 0; k < 3; ++k) {
      let r = v128.load(red + k * rowBytes), g = v128.load(green + k * rowBytes);
      let nextR = v128.load(red + k * rowBytes, 2), nextG = v128.load(green + k * rowBytes, 2);
      if (k != 1) {
        r = i16x8.sub(r, v128.load(red + rowBytes)); g = i16x8.sub(g, v128.load(green + rowBytes));
        nextR = i16x8.sub(nextR, v128.load(red + rowBytes, 2)); nextG = i16x8.sub(nextG, v128.load(green + rowBytes, 2));
      }
      nextR = i16x8.sub(nextR, r); nextG = i16x8.sub(nextG, g);
      const to = target + 2 * k * pairBytes + (x << 1);
      v128.store(to, v128.shuffle<i16>(r, g, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(to, v128.shuffle<i16>(r, g, 4, 12, 5, 13, 6, 14, 7, 15), 16);
      v128.store(to + pairBytes, v128.shuffle<i16>(nextR, nextG, 0, 8, 1, 9, 2, 10, 3, 11));
      v128.store(to + pairBytes, v128.shuffle<i16>(nextR, nextG, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    }
  }
}

/**
 * Keeps V8 from loading everything that a window needs before it begins to multiply, and from moving most of it to the stack and back for want of registers: a store waits
 * for its value, and later loads wait for the store. `target` is overwritten in the end.
 */
// @ts-ignore: decorator
@inline
function pin(target: usize, left: v128, right: v128): void {
  v128.store(target, left);
  v128.store(target, right);
}

/** A row of pooling windows, four columns of each. */
function windowRow(
  luma: usize, lumaBytes: usize, colours: usize, colourBytes: usize, panel: usize, steps: v128, bias: usize, slopes: v128, out: usize, columnBytes: usize, outWidth: i32,
): void {
  const biases = v128.load(bias);
  for (let q = 0; q < outWidth; ++q, luma += 4, colours += 4, out += columnBytes) {
    let p = luma;
    let b = v128.load(panel);
    let upperL = i32x4.dot_i16x8_s(v128.load32_splat(p), b), upperR = i32x4.dot_i16x8_s(v128.load32_splat(p, 2), b);
    b = v128.load(panel, 32);
    upperL = i32x4.add(upperL, i32x4.dot_i16x8_s(v128.load32_splat(p, 4), b)); upperR = i32x4.add(upperR, i32x4.dot_i16x8_s(v128.load32_splat(p, 6), b));
    pin(out, upperL, upperR);

    p += lumaBytes;
    b = v128.load(panel, 64);
    let lowerL = i32x4.dot_i16x8_s(v128.load32_splat(p), b), lowerR = i32x4.dot_i16x8_s(v128.load32_splat(p, 2), b);
    b = v128.load(panel, 96);
    lowerL = i32x4.add(lowerL, i32x4.dot_i16x8_s(v128.load32_splat(p, 4), b)); lowerR = i32x4.add(lowerR, i32x4.dot_i16x8_s(v128.load32_splat(p, 6), b));
    upperL = i32x4.add(upperL, lowerL); upperR = i32x4.add(upperR, lowerR);
    pin(out, upperL, upperR);

    p += lumaBytes;
    b = v128.load(panel, 128);
    let left = i32x4.dot_i16x8_s(v128.load32_splat(p), b), right = i32x4.dot_i16x8_s(v128.load32_splat(p, 2), b);
    b = v128.load(panel, 160);
    left = i32x4.add(left, i32x4.dot_i16x8_s(v128.load32_splat(p, 4), b)); right = i32x4.add(right, i32x4.dot_i16x8_s(v128.load32_splat(p, 6), b));
    upperL = i32x4.add(upperL, left); upperR = i32x4.add(upperR, right);
    lowerL = i32x4.sub(lowerL, left); lowerR = i32x4.sub(lowerR, right);
    pin(out, upperL, upperR); pin(out, lowerL, lowerR);

    p += lumaBytes;
    b = v128.load(panel, 192);
    lowerL = i32x4.sub(lowerL, i32x4.dot_i16x8_s(v128.load32_splat(p), b)); lowerR = i32x4.sub(lowerR, i32x4.dot_i16x8_s(v128.load32_splat(p, 2), b));
    b = v128.load(panel, 224);
    lowerL = i32x4.sub(lowerL, i32x4.dot_i16x8_s(v128.load32_splat(p, 4), b)); lowerR = i32x4.sub(lowerR, i32x4.dot_i16x8_s(v128.load32_splat(p, 6), b));
    pin(out, lowerL, lowerR);

    // Colours: the middle pixel, and what the left and the right one differ by, of the upper row, ...
    let c = colours;
    upperL = i32x4.add(upperL, i32x4.dot_i16x8_s(v128.load32_splat(c + colourBytes), v128.load(panel, 256)));
    left = i32x4.dot_i16x8_s(v128.load32_splat(c, 4), v128.load(panel, 288));
    upperL = i32x4.add(upperL, left); upperR = i32x4.add(upperR, left);
    upperR = i32x4.add(upperR, i32x4.dot_i16x8_s(v128.load32_splat(c + colourBytes, 4), v128.load(panel, 320)));
    pin(out, upperL, upperR);
    // ... of the lower row, ...
    c += 4 * colourBytes;
    lowerL = i32x4.add(lowerL, i32x4.dot_i16x8_s(v128.load32_splat(c + colourBytes), v128.load(panel, 448)));
    left = i32x4.dot_i16x8_s(v128.load32_splat(c, 4), v128.load(panel, 480));
    lowerL = i32x4.add(lowerL, left); lowerR = i32x4.add(lowerR, left);
    lowerR = i32x4.add(lowerR, i32x4.dot_i16x8_s(v128.load32_splat(c + colourBytes, 4), v128.load(panel, 512)));
    // ... and of the middle row, which upper and lower outputs share; so the larger of both is enough from here on.
    left = i32x4.max_s(upperL, lowerL); right = i32x4.max_s(upperR, lowerR);
    pin(out, left, right);
    c -= 2 * colourBytes;
    left = i32x4.add(left, i32x4.dot_i16x8_s(v128.load32_splat(c + colourBytes), v128.load(panel, 352)));
    right = i32x4.add(right, i32x4.dot_i16x8_s(v128.load32_splat(c + colourBytes, 4), v128.load(panel, 416)));
    const most = i32x4.add(i32x4.max_s(left, right), i32x4.dot_i16x8_s(v128.load32_splat(c, 4), v128.load(panel, 384)));
    const value = multiplyAdd(biases, f32x4.convert_i32x4_s(most), steps);
    v128.store(out, f32x4.pmax(value, f32x4.mul(value, slopes)));
  }
}

/**
 * `red` and `green`: half of luma's size, odd sides rounded up. What is outside of the planes is 0. `step`: what 1 in the doubled sums means. `columns`: a multiple of 8.
 * `scratch`: 8 * roundUp(4 * outWidth + 22, 16) + 18 * roundUp(2 * outWidth + 22, 16) + 16 bytes.
 */
export function subsampledConvolution(
  luma: usize, red: usize, green: usize, height: i32, width: i32, packed: usize, step: f32, bias: usize, columns: i32, slope: f32,
  out: usize, outHeight: i32, outWidth: i32, scratch: usize,
): void {
  const lumaBytes = ceil16((<usize>outWidth << 2) + 22), colourBytes = ceil16((<usize>outWidth << 1) + 22);
  const colourHeight = (height + 1) >> 1, colourWidth = (width + 1) >> 1;
  const lumaRows = scratch, lumaSums = lumaRows + 4 * lumaBytes;
  const colourRows = lumaSums + 4 * lumaBytes, colourSums = colourRows + 6 * colourBytes + 16;
  const lumaCopied = <usize>min(width, 2 * outWidth + 1) << 1, colourCopied = <usize>min(colourWidth, outWidth + 1) << 1;
  const columnBytes = <usize>columns << 2;
  const steps = f32x4.splat(step), slopes = f32x4.splat(slope);
  memory.fill(scratch, 0, 8 * lumaBytes + 6 * colourBytes + 16);
  for (let r = 0; r < outHeight; ++r) {
    for (let k = 0; k < 4; ++k) copyRow(luma, 2 * r - 1 + k, height, <usize>width << 1, lumaCopied, lumaRows + <usize>k * lumaBytes);
    transformLuma(lumaRows, lumaBytes, lumaSums);
    for (let k = 0; k < 3; ++k) {
      copyRow(red, r - 1 + k, colourHeight, <usize>colourWidth << 1, colourCopied, colourRows + <usize>k * colourBytes);
      copyRow(green, r - 1 + k, colourHeight, <usize>colourWidth << 1, colourCopied, colourRows + <usize>(k + 3) * colourBytes);
    }
    transformColours(colourRows, colourBytes, colourSums);
    for (let n: usize = 0; n < columnBytes; n += 16) {
      const panel = packed + (n >> 5) * PANEL_BYTES + (n & 16);
      windowRow(lumaSums, lumaBytes, colourSums, colourBytes << 1, panel, steps, bias + n, slopes, out + n, columnBytes, outWidth);
    }
    out += <usize>outWidth * columnBytes;
  }
}
