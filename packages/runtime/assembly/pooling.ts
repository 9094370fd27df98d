import { loadPartial, storePartial } from './simd';

/**
 * Gradient of 2-D max pooling, NHWC: every dy goes to the first position of its window where x equals the maximum y.
 */
export function maxPoolGradient(
  x: usize, y: usize, dy: usize, batch: i32, height: i32, width: i32, channels: i32, outHeight: i32, outWidth: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, padTop: i32, padLeft: i32, dx: usize,
): void {
  const pixelBytes = <usize>channels << 2;
  const rowBytes = <usize>width * pixelBytes;
  const imageBytes = <usize>height * rowBytes;
  memory.fill(dx, 0, <usize>batch * imageBytes);
  for (let n = 0; n < batch; ++n) {
    for (let r = 0; r < outHeight; ++r) {
      const top = r * strideY - padTop;
      const fromY = max(top, 0), toY = min(top + filterHeight, height);
      for (let q = 0; q < outWidth; ++q) {
        const left = q * strideX - padLeft;
        const fromX = max(left, 0), toX = min(left + filterWidth, width);
        for (let c = 0; c < channels; c += 4) {
          const rest = channels - c;
          const offset = <usize>c << 2;
          const maximum = loadPartial(y + offset, rest);
          const gradient = loadPartial(dy + offset, rest);
          let open = f32x4.eq(maximum, maximum);
          for (let iy = fromY; iy < toY; ++iy) {
            let p = <usize>iy * rowBytes + <usize>fromX * pixelBytes + offset;
            for (let ix = fromX; ix < toX; ++ix, p += pixelBytes) {
              const hit = v128.and(open, f32x4.eq(loadPartial(x + p, rest), maximum));
              open = v128.andnot(open, hit);
              storePartial(dx + p, f32x4.add(loadPartial(dx + p, rest), v128.and(hit, gradient)), rest);
            }
          }
        }
        y += pixelBytes;
        dy += pixelBytes;
      }
    }
    x += imageBytes;
    dx += imageBytes;
  }
}

/**
 * 2x2 max pooling with windows one pixel apart, which end with the picture, and a leaky ReLU, in place: what a window reads lies at its own pixel or behind it.
 * `columnBytes`, of a pixel, is a multiple of 16.
 */
export function poolInPlace(out: usize, height: i32, width: i32, columnBytes: usize, slopes: v128): void {
  for (let r = 0; r < height; ++r) {
    const below = r + 1 < height ? <usize>width * columnBytes : 0;
    for (let q = 0; q < width; ++q) {
      const beside = q + 1 < width ? columnBytes : 0;
      for (const end = out + columnBytes; out < end; out += 16) {
        const upper = f32x4.pmax(v128.load(out), v128.load(out + beside));
        const lower = f32x4.pmax(v128.load(out + below), v128.load(out + below + beside));
        const value = f32x4.pmax(upper, lower);
        v128.store(out, f32x4.pmax(value, f32x4.mul(value, slopes)));
      }
    }
  }
}
