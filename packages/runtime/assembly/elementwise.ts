import { loadPartial, storePartial } from './simd';

/** out = max(a + b, 0) over `count` values. */
export function addRelu(a: usize, b: usize, count: i32, out: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const rest = count - i;
    storePartial(out, f32x4.pmax(f32x4.add(loadPartial(a, rest), loadPartial(b, rest)), zero), rest);
    a += 16;
    b += 16;
    out += 16;
  }
}

/** dx = dy where y > 0, else 0: the gradient of every function that ends in a ReLU with output y. */
export function reluGradient(y: usize, dy: usize, count: i32, dx: usize): void {
  const zero = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) {
    const rest = count - i;
    storePartial(dx, v128.and(loadPartial(dy, rest), f32x4.gt(loadPartial(y, rest), zero)), rest);
    y += 16;
    dy += 16;
    dx += 16;
  }
}

/** out[column] = factor * sum over rows of x[row][column]; rows are summed in blocks so that rounding errors stay small. */
export function sumRows(x: usize, rows: i32, columns: i32, factor: f32, out: usize): void {
  const rowBytes = <usize>columns << 2;
  const scale = f32x4.splat(factor);
  for (let c = 0; c < columns; c += 4) {
    const width = columns - c;
    let total = f32x4.splat(0);
    let p = x + (<usize>c << 2);
    for (let row = 0; row < rows; ) {
      const end = min(row + 64, rows);
      let sum = f32x4.splat(0);
      if (width >= 4) {
        for (; row < end; ++row, p += rowBytes) sum = f32x4.add(sum, v128.load(p));
      } else {
        for (; row < end; ++row, p += rowBytes) sum = f32x4.add(sum, loadPartial(p, width));
      }
      total = f32x4.add(total, sum);
    }
    storePartial(out + (<usize>c << 2), f32x4.mul(total, scale), width);
  }
}
