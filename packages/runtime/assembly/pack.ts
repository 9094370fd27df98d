/**
 * Packs a matrix B of [depth, columns], whose element (k, n) lies at
 * `source + k * strideK + n * strideN` (bytes), into panels of eight columns:
 * element (k, n) goes to `target + (n >> 3) * panelBytes + k * 32 + (n & 7) * 4`.
 * Columns behind the last one become 0.
 */
export function packPanels(
  source: usize, depth: i32, columns: i32, strideK: usize, strideN: usize, target: usize, panelBytes: usize,
): void {
  for (let n = 0; n < columns; n += 8) {
    let from = source;
    let to = target;
    if (columns - n >= 8) {
      if (strideN == 4) {
        for (let k = 0; k < depth; ++k) {
          v128.store(to, v128.load(from));
          v128.store(to, v128.load(from, 16), 16);
          from += strideK;
          to += 32;
        }
      } else {
        for (let k = 0; k < depth; ++k) {
          let f = from;
          for (let j: usize = 0; j < 32; j += 4) {
            store<f32>(to + j, load<f32>(f));
            f += strideN;
          }
          from += strideK;
          to += 32;
        }
      }
    } else {
      const width = <usize>(columns - n) << 2;
      for (let k = 0; k < depth; ++k) {
        v128.store(to, f32x4.splat(0));
        v128.store(to, f32x4.splat(0), 16);
        let f = from;
        for (let j: usize = 0; j < width; j += 4) {
          store<f32>(to + j, load<f32>(f));
          f += strideN;
        }
        from += strideK;
        to += 32;
      }
    }
    source += strideN << 3;
    target += panelBytes;
  }
}

/** Copies a bias of `columns` values and pads it with zeros to whole panels. */
export function padBias(source: usize, columns: i32, target: usize): void {
  const padded = (columns + 7) & ~7;
  memory.fill(target, 0, <usize>padded << 2);
  memory.copy(target, source, <usize>columns << 2);
}
