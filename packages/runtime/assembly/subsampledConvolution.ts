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

/** A row of pooling windows, eight columns of each. */
function windowRow(
  luma: usize, lumaBytes: usize, colours: usize, colourBytes: usize, panel: usize, steps: v128, bias: usize, slopes: v128, out: usize, columnBytes: usize, outWidth: i32,
): void {
  const bias0 = v128.load(bias), bias1 = v128.load(bias, 16);
  for (let q = 0; q < outWidth; ++q, luma += 4, colours += 4, out += columnBytes) {
    let p = luma;
    // Products of the left and the right outputs, of the first and the second four columns.
    let b0 = v128.load(panel), b1 = v128.load(panel, 16), a = v128.load32_splat(p);
    let l0 = i32x4.dot_i16x8_s(a, b0), l1 = i32x4.dot_i16x8_s(a, b1);
    a = v128.load32_splat(p, 2);
    let r0 = i32x4.dot_i16x8_s(a, b0), r1 = i32x4.dot_i16x8_s(a, b1);
    b0 = v128.load(panel, 32); b1 = v128.load(panel, 48);
    a = v128.load32_splat(p, 4); l0 = i32x4.add(l0, i32x4.dot_i16x8_s(a, b0)); l1 = i32x4.add(l1, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p, 6); r0 = i32x4.add(r0, i32x4.dot_i16x8_s(a, b0)); r1 = i32x4.add(r1, i32x4.dot_i16x8_s(a, b1));
    let upperL0 = l0, upperL1 = l1, upperR0 = r0, upperR1 = r1;

    p += lumaBytes;
    b0 = v128.load(panel, 64); b1 = v128.load(panel, 80);
    a = v128.load32_splat(p); l0 = i32x4.dot_i16x8_s(a, b0); l1 = i32x4.dot_i16x8_s(a, b1);
    a = v128.load32_splat(p, 2); r0 = i32x4.dot_i16x8_s(a, b0); r1 = i32x4.dot_i16x8_s(a, b1);
    b0 = v128.load(panel, 96); b1 = v128.load(panel, 112);
    a = v128.load32_splat(p, 4); l0 = i32x4.add(l0, i32x4.dot_i16x8_s(a, b0)); l1 = i32x4.add(l1, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p, 6); r0 = i32x4.add(r0, i32x4.dot_i16x8_s(a, b0)); r1 = i32x4.add(r1, i32x4.dot_i16x8_s(a, b1));
    upperL0 = i32x4.add(upperL0, l0); upperL1 = i32x4.add(upperL1, l1); upperR0 = i32x4.add(upperR0, r0); upperR1 = i32x4.add(upperR1, r1);
    let lowerL0 = l0, lowerL1 = l1, lowerR0 = r0, lowerR1 = r1;

    p += lumaBytes;
    b0 = v128.load(panel, 128); b1 = v128.load(panel, 144);
    a = v128.load32_splat(p); l0 = i32x4.dot_i16x8_s(a, b0); l1 = i32x4.dot_i16x8_s(a, b1);
    a = v128.load32_splat(p, 2); r0 = i32x4.dot_i16x8_s(a, b0); r1 = i32x4.dot_i16x8_s(a, b1);
    b0 = v128.load(panel, 160); b1 = v128.load(panel, 176);
    a = v128.load32_splat(p, 4); l0 = i32x4.add(l0, i32x4.dot_i16x8_s(a, b0)); l1 = i32x4.add(l1, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p, 6); r0 = i32x4.add(r0, i32x4.dot_i16x8_s(a, b0)); r1 = i32x4.add(r1, i32x4.dot_i16x8_s(a, b1));
    upperL0 = i32x4.add(upperL0, l0); upperL1 = i32x4.add(upperL1, l1); upperR0 = i32x4.add(upperR0, r0); upperR1 = i32x4.add(upperR1, r1);
    lowerL0 = i32x4.sub(lowerL0, l0); lowerL1 = i32x4.sub(lowerL1, l1); lowerR0 = i32x4.sub(lowerR0, r0); lowerR1 = i32x4.sub(lowerR1, r1);

    p += lumaBytes;
    b0 = v128.load(panel, 192); b1 = v128.load(panel, 208);
    a = v128.load32_splat(p); lowerL0 = i32x4.sub(lowerL0, i32x4.dot_i16x8_s(a, b0)); lowerL1 = i32x4.sub(lowerL1, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p, 2); lowerR0 = i32x4.sub(lowerR0, i32x4.dot_i16x8_s(a, b0)); lowerR1 = i32x4.sub(lowerR1, i32x4.dot_i16x8_s(a, b1));
    b0 = v128.load(panel, 224); b1 = v128.load(panel, 240);
    a = v128.load32_splat(p, 4); lowerL0 = i32x4.sub(lowerL0, i32x4.dot_i16x8_s(a, b0)); lowerL1 = i32x4.sub(lowerL1, i32x4.dot_i16x8_s(a, b1));
    a = v128.load32_splat(p, 6); lowerR0 = i32x4.sub(lowerR0, i32x4.dot_i16x8_s(a, b0)); lowerR1 = i32x4.sub(lowerR1, i32x4.dot_i16x8_s(a, b1));

    // Colours: the middle pixel, and what the left and the right one differ by, of the upper row, ...
    let c = colours;
    a = v128.load32_splat(c + colourBytes); upperL0 = i32x4.add(upperL0, i32x4.dot_i16x8_s(a, v128.load(panel, 256))); upperL1 = i32x4.add(upperL1, i32x4.dot_i16x8_s(a, v128.load(panel, 272)));
    a = v128.load32_splat(c, 4); l0 = i32x4.dot_i16x8_s(a, v128.load(panel, 288)); l1 = i32x4.dot_i16x8_s(a, v128.load(panel, 304));
    upperL0 = i32x4.add(upperL0, l0); upperL1 = i32x4.add(upperL1, l1); upperR0 = i32x4.add(upperR0, l0); upperR1 = i32x4.add(upperR1, l1);
    a = v128.load32_splat(c + colourBytes, 4); upperR0 = i32x4.add(upperR0, i32x4.dot_i16x8_s(a, v128.load(panel, 320))); upperR1 = i32x4.add(upperR1, i32x4.dot_i16x8_s(a, v128.load(panel, 336)));
    // ... of the lower row, ...
    c += 4 * colourBytes;
    a = v128.load32_splat(c + colourBytes); lowerL0 = i32x4.add(lowerL0, i32x4.dot_i16x8_s(a, v128.load(panel, 448))); lowerL1 = i32x4.add(lowerL1, i32x4.dot_i16x8_s(a, v128.load(panel, 464)));
    a = v128.load32_splat(c, 4); l0 = i32x4.dot_i16x8_s(a, v128.load(panel, 480)); l1 = i32x4.dot_i16x8_s(a, v128.load(panel, 496));
    lowerL0 = i32x4.add(lowerL0, l0); lowerL1 = i32x4.add(lowerL1, l1); lowerR0 = i32x4.add(lowerR0, l0); lowerR1 = i32x4.add(lowerR1, l1);
    a = v128.load32_splat(c + colourBytes, 4); lowerR0 = i32x4.add(lowerR0, i32x4.dot_i16x8_s(a, v128.load(panel, 512))); lowerR1 = i32x4.add(lowerR1, i32x4.dot_i16x8_s(a, v128.load(panel, 528)));
    // ... and of the middle row, which upper and lower outputs share; so the larger of both is enough from here on.
    const left0 = i32x4.max_s(upperL0, lowerL0), left1 = i32x4.max_s(upperL1, lowerL1), right0 = i32x4.max_s(upperR0, lowerR0), right1 = i32x4.max_s(upperR1, lowerR1);
    c -= 2 * colourBytes;
    a = v128.load32_splat(c + colourBytes); l0 = i32x4.add(left0, i32x4.dot_i16x8_s(a, v128.load(panel, 352))); l1 = i32x4.add(left1, i32x4.dot_i16x8_s(a, v128.load(panel, 368)));
    a = v128.load32_splat(c + colourBytes, 4); r0 = i32x4.add(right0, i32x4.dot_i16x8_s(a, v128.load(panel, 416))); r1 = i32x4.add(right1, i32x4.dot_i16x8_s(a, v128.load(panel, 432)));
    a = v128.load32_splat(c, 4);
    const most0 = i32x4.add(i32x4.max_s(l0, r0), i32x4.dot_i16x8_s(a, v128.load(panel, 384))), most1 = i32x4.add(i32x4.max_s(l1, r1), i32x4.dot_i16x8_s(a, v128.load(panel, 400)));
    const v0 = multiplyAdd(bias0, f32x4.convert_i32x4_s(most0), steps), v1 = multiplyAdd(bias1, f32x4.convert_i32x4_s(most1), steps);
    v128.store(out, f32x4.pmax(v0, f32x4.mul(v0, slopes)));
    v128.store(out, f32x4.pmax(v1, f32x4.mul(v1, slopes)), 16);
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
    let panel = packed;
    for (let n: usize = 0; n < columnBytes; n += 32, panel += 544) {
      windowRow(lumaSums, lumaBytes, colourSums, colourBytes << 1, panel, steps, bias + n, slopes, out + n, columnBytes, outWidth);
    }
    out += <usize>outWidth * columnBytes;
  }
}
