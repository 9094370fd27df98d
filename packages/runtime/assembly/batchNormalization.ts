import { loadPartial, multiplyAdd, storePartial } from './simd';

/** Rows of a block; its values stay in the first cache between the two passes over it. */
const BLOCK_ROWS: i32 = 64;

/**
 * Mean and (biased) variance of every column of x[rows, columns] in one pass over memory:
 * mean and squared deviations of a block of rows, merged as Chan, Golub and LeVeque (1979) do,
 * so that a mean far from zero costs no precision.
 */
export function columnMoments(x: usize, rows: i32, columns: i32, mean: usize, variance: usize): void {
  const rowBytes = <usize>columns << 2;
  memory.fill(mean, 0, rowBytes);
  memory.fill(variance, 0, rowBytes);
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    const count = min(rows - start, BLOCK_ROWS);
    const block = x + <usize>start * rowBytes;
    const inverse = f32x4.splat(<f32>1 / <f32>count);
    // Weights of the block against all rows so far.
    const share = f32x4.splat(<f32>count / <f32>(start + count));
    const cross = f32x4.splat(<f32>start * (<f32>count / <f32>(start + count)));
    let c = 0;
    for (; c + 8 <= columns; c += 8) {
      const offset = <usize>c << 2;
      let p = block + offset;
      let s0 = f32x4.splat(0), s1 = s0;
      for (let i = 0; i < count; ++i, p += rowBytes) {
        s0 = f32x4.add(s0, v128.load(p));
        s1 = f32x4.add(s1, v128.load(p, 16));
      }
      s0 = f32x4.mul(s0, inverse);
      s1 = f32x4.mul(s1, inverse);
      let q0 = f32x4.splat(0), q1 = q0;
      p = block + offset;
      for (let i = 0; i < count; ++i, p += rowBytes) {
        const d0 = f32x4.sub(v128.load(p), s0), d1 = f32x4.sub(v128.load(p, 16), s1);
        q0 = multiplyAdd(q0, d0, d0);
        q1 = multiplyAdd(q1, d1, d1);
      }
      const m = mean + offset, v = variance + offset;
      const m0 = v128.load(m), m1 = v128.load(m, 16);
      const e0 = f32x4.sub(s0, m0), e1 = f32x4.sub(s1, m1);
      v128.store(m, multiplyAdd(m0, e0, share));
      v128.store(m, multiplyAdd(m1, e1, share), 16);
      v128.store(v, multiplyAdd(f32x4.add(v128.load(v), q0), f32x4.mul(e0, e0), cross));
      v128.store(v, multiplyAdd(f32x4.add(v128.load(v, 16), q1), f32x4.mul(e1, e1), cross), 16);
    }
    for (; c < columns; c += 4) {
      const width = columns - c;
      const offset = <usize>c << 2;
      let p = block + offset;
      let s = f32x4.splat(0);
      for (let i = 0; i < count; ++i, p += rowBytes) s = f32x4.add(s, loadPartial(p, width));
      s = f32x4.mul(s, inverse);
      let q = f32x4.splat(0);
      p = block + offset;
      for (let i = 0; i < count; ++i, p += rowBytes) {
        const d = f32x4.sub(loadPartial(p, width), s);
        q = multiplyAdd(q, d, d);
      }
      const m = mean + offset, v = variance + offset;
      const m0 = loadPartial(m, width);
      const e = f32x4.sub(s, m0);
      storePartial(m, multiplyAdd(m0, e, share), width);
      storePartial(v, multiplyAdd(f32x4.add(loadPartial(v, width), q), f32x4.mul(e, e), cross), width);
    }
  }
  const inverse = f32x4.splat(<f32>1 / <f32>rows);
  for (let c = 0; c < columns; c += 4) {
    const v = variance + (<usize>c << 2);
    storePartial(v, f32x4.mul(loadPartial(v, columns - c), inverse), columns - c);
  }
}

/** gamma / sqrt(variance + epsilon); a null gamma counts as ones. */
// @ts-ignore: decorator
@inline
function scaleOf(variance: usize, gamma: usize, offset: usize, epsilon: v128, width: i32): v128 {
  const inverse = f32x4.div(f32x4.splat(1), f32x4.sqrt(f32x4.add(loadPartial(variance + offset, width), epsilon)));
  return gamma ? f32x4.mul(inverse, loadPartial(gamma + offset, width)) : inverse;
}

/**
 * y = (x - mean) * gamma / sqrt(variance + epsilon) + beta, then max(y, 0) if `relu`.
 * `gamma` and `beta` may be null. `scratch`: 3 * 4 * roundUp(columns, 4) bytes.
 */
export function normalizeColumns(
  x: usize, rows: i32, columns: i32, mean: usize, variance: usize, gamma: usize, beta: usize, epsilon: f32,
  relu: i32, y: usize, scratch: usize,
): void {
  const eps = f32x4.splat(epsilon);
  const floor = relu ? f32x4.splat(0) : f32x4.splat(-f32.MAX_VALUE);
  const padded = <usize>((columns + 3) & ~3) << 2;
  const means = scratch, scales = scratch + padded, shifts = scales + padded;
  for (let c = 0; c < columns; c += 4) {
    const offset = <usize>c << 2;
    v128.store(means + offset, loadPartial(mean + offset, columns - c));
    v128.store(scales + offset, scaleOf(variance, gamma, offset, eps, columns - c));
    v128.store(shifts + offset, beta ? loadPartial(beta + offset, columns - c) : f32x4.splat(0));
  }
  const whole = <usize>(columns & ~3) << 2, tail = columns & 3;
  for (let row = 0; row < rows; ++row) {
    let offset: usize = 0;
    for (; offset < whole; offset += 16) {
      const value = multiplyAdd(v128.load(shifts + offset), f32x4.sub(v128.load(x + offset), v128.load(means + offset)), v128.load(scales + offset));
      v128.store(y + offset, relu ? f32x4.pmax(value, floor) : value);
    }
    if (tail) {
      const value = multiplyAdd(v128.load(shifts + offset), f32x4.sub(loadPartial(x + offset, tail), v128.load(means + offset)), v128.load(scales + offset));
      storePartial(y + offset, relu ? f32x4.pmax(value, floor) : value, tail);
    }
    x += <usize>columns << 2;
    y += <usize>columns << 2;
  }
}

/**
 * Gradients of `normalizeColumns` (with its ReLU), the moments being those of x itself unless `frozen`:
 *   dbeta = sum dy, dgamma = sum dy * xhat, dx = gamma / sigma * (dy - dbeta / rows - xhat * dgamma / rows)
 * With `frozen` moments (inference), dx = gamma / sigma * dy.
 * `scratch`: 5 * 4 * roundUp(columns, 4) bytes.
 */
export function normalizeColumnsGradient(
  x: usize, dy: usize, rows: i32, columns: i32, mean: usize, variance: usize, gamma: usize, beta: usize, epsilon: f32,
  relu: i32, frozen: i32, dx: usize, dgamma: usize, dbeta: usize, scratch: usize,
): void {
  const eps = f32x4.splat(epsilon);
  const zero = f32x4.splat(0);
  const rowBytes = <usize>columns << 2;
  const padded = <usize>((columns + 3) & ~3) << 2;
  const means = scratch, scales = means + padded, shifts = scales + padded, offsets = shifts + padded, slopes = offsets + padded;
  const inverseRows = f32x4.splat(<f32>1 / <f32>rows);
  memory.fill(dgamma, 0, rowBytes);
  memory.fill(dbeta, 0, rowBytes);
  for (let c = 0; c < columns; c += 4) {
    const offset = <usize>c << 2;
    v128.store(means + offset, loadPartial(mean + offset, columns - c));
    v128.store(scales + offset, scaleOf(variance, gamma, offset, eps, columns - c));
    v128.store(shifts + offset, beta ? loadPartial(beta + offset, columns - c) : zero);
  }
  // Sums, in blocks of rows so that rounding errors stay small.
  for (let start = 0; start < rows; start += BLOCK_ROWS) {
    const count = min(rows - start, BLOCK_ROWS);
    for (let c = 0; c < columns; c += 4) {
      const width = columns - c;
      const offset = <usize>c << 2;
      let px = x + <usize>start * rowBytes + offset, pd = dy + <usize>start * rowBytes + offset;
      const m = v128.load(means + offset), s = v128.load(scales + offset), b = v128.load(shifts + offset);
      let sum = zero, product = zero;
      if (width >= 4) {
        for (let i = 0; i < count; ++i, px += rowBytes, pd += rowBytes) {
          const d = f32x4.sub(v128.load(px), m);
          let g = v128.load(pd);
          if (relu) g = v128.and(g, f32x4.gt(multiplyAdd(b, d, s), zero));
          sum = f32x4.add(sum, g);
          product = multiplyAdd(product, g, d);
        }
      } else {
        for (let i = 0; i < count; ++i, px += rowBytes, pd += rowBytes) {
          const d = f32x4.sub(loadPartial(px, width), m);
          let g = loadPartial(pd, width);
          if (relu) g = v128.and(g, f32x4.gt(multiplyAdd(b, d, s), zero));
          sum = f32x4.add(sum, g);
          product = multiplyAdd(product, g, d);
        }
      }
      storePartial(dbeta + offset, f32x4.add(loadPartial(dbeta + offset, width), sum), width);
      storePartial(dgamma + offset, f32x4.add(loadPartial(dgamma + offset, width), product), width);
    }
  }
  for (let c = 0; c < columns; c += 4) {
    const width = columns - c;
    const offset = <usize>c << 2;
    const inverse = scaleOf(variance, 0, offset, eps, width);
    const product = f32x4.mul(loadPartial(dgamma + offset, width), inverse);
    const scale = v128.load(scales + offset);
    storePartial(dgamma + offset, product, width);
    v128.store(offsets + offset, frozen ? zero : f32x4.mul(f32x4.mul(scale, loadPartial(dbeta + offset, width)), inverseRows));
    v128.store(slopes + offset, frozen ? zero : f32x4.mul(f32x4.mul(f32x4.mul(scale, inverse), product), inverseRows));
  }
  const whole = <usize>(columns & ~3) << 2, tail = columns & 3;
  for (let row = 0; row < rows; ++row) {
    let offset: usize = 0;
    for (; offset < whole; offset += 16) {
      const scale = v128.load(scales + offset);
      const d = f32x4.sub(v128.load(x + offset), v128.load(means + offset));
      let g = v128.load(dy + offset);
      if (relu) g = v128.and(g, f32x4.gt(multiplyAdd(v128.load(shifts + offset), d, scale), zero));
      v128.store(dx + offset, f32x4.sub(f32x4.sub(f32x4.mul(scale, g), v128.load(offsets + offset)), f32x4.mul(d, v128.load(slopes + offset))));
    }
    if (tail) {
      const scale = v128.load(scales + offset);
      const d = f32x4.sub(loadPartial(x + offset, tail), v128.load(means + offset));
      let g = loadPartial(dy + offset, tail);
      if (relu) g = v128.and(g, f32x4.gt(multiplyAdd(v128.load(shifts + offset), d, scale), zero));
      storePartial(dx + offset, f32x4.sub(f32x4.sub(f32x4.mul(scale, g), v128.load(offsets + offset)), f32x4.mul(d, v128.load(slopes + offset))), tail);
    }
    x += rowBytes;
    dy += rowBytes;
    dx += rowBytes;
  }
}
