import { multiplyBlock, TILE_BYTES, TILE_ROWS, INIT_ZERO } from './indirectGemm';
import { BLOCK_TILES, multiplyRows, PRODUCT_SCRATCH } from './matrixProduct';
import { accumulateOuter } from './outerProduct';

/**
 * A convolution, or the gradient of one with respect to its input, as one indirect product.
 *
 * The target pixels of a grid of `gridRows` x `gridColumns` an image are computed; grid position (r, q)
 *   writes target pixel (r * targetStepY + targetY, q * targetStepX + targetX), and
 *   reads  source pixel (r * sourceStepY + sourceY + tapStep * ty, q * sourceStepX + sourceX + tapStep * tx)
 * for every tap (ty, tx); pixels outside of the source count as zeros.
 *   forward:        one grid, the target itself; source step = stride, origin = -padding, tap step +1
 *   input gradient: one grid a phase of the stride; target step = stride, source step 1, tap step -1
 *
 * NHWC. `packed`: B as [panel][tap][depth][8]. `zeros`: `depth` zeros.
 * `scratch`: BLOCK_TILES * TILE_BYTES * (tapsY * tapsX + 1) bytes.
 */
export function gatherConvolution(
  source: usize, batch: i32, sourceHeight: i32, sourceWidth: i32, depth: i32,
  target: usize, targetHeight: i32, targetWidth: i32, columns: i32,
  gridRows: i32, gridColumns: i32,
  sourceStepY: i32, sourceStepX: i32, sourceY: i32, sourceX: i32,
  tapsY: i32, tapsX: i32, tapStep: i32,
  targetStepY: i32, targetStepX: i32, targetY: i32, targetX: i32,
  packed: usize, zeros: usize, scratch: usize,
): void {
  const taps = tapsY * tapsX;
  const tableBytes = <usize>taps * TILE_BYTES;
  const outs = scratch + <usize>BLOCK_TILES * tableBytes;
  const pixelBytes = <usize>depth << 2;
  const rowBytes = <usize>sourceWidth * pixelBytes;
  const imageBytes = <usize>sourceHeight * rowBytes;
  const outPixelBytes = <usize>columns << 2;
  const outRowBytes = <usize>targetWidth * outPixelBytes;
  const outImageBytes = <usize>targetHeight * outRowBytes;
  const total = batch * gridRows * gridColumns;
  let n = 0, r = 0, q = 0;
  for (let start = 0; start < total; start += BLOCK_TILES * TILE_ROWS) {
    const count = min(total - start, BLOCK_TILES * TILE_ROWS);
    const tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
    for (let i = 0; i < count; ++i) {
      const tile = i / TILE_ROWS, lane = i - tile * TILE_ROWS;
      const slot = scratch + <usize>tile * tableBytes + (lane << 2);
      const image = source + <usize>n * imageBytes;
      const y0 = r * sourceStepY + sourceY, x0 = q * sourceStepX + sourceX;
      let entry = slot;
      for (let ty = 0; ty < tapsY; ++ty) {
        const y = y0 + tapStep * ty;
        const inside = <u32>y < <u32>sourceHeight;
        const line = image + <usize>y * rowBytes;
        let x = x0;
        for (let tx = 0; tx < tapsX; ++tx) {
          store<usize>(entry, inside && <u32>x < <u32>sourceWidth ? line + <usize>x * pixelBytes : zeros);
          x += tapStep;
          entry += TILE_BYTES;
        }
      }
      store<usize>(
        outs + (i << 2),
        target + <usize>n * outImageBytes + <usize>(r * targetStepY + targetY) * outRowBytes
          + <usize>(q * targetStepX + targetX) * outPixelBytes,
      );
      if (++q == gridColumns) {
        q = 0;
        if (++r == gridRows) {
          r = 0;
          ++n;
        }
      }
    }
    // The last tile may be short: its other rows repeat the last valid one.
    const lastRows = count - (tiles - 1) * TILE_ROWS;
    for (let i = count; i < tiles * TILE_ROWS; ++i) {
      const slot = scratch + <usize>(tiles - 1) * tableBytes;
      for (let t = 0; t < taps; ++t) {
        const entries = slot + <usize>t * TILE_BYTES;
        store<usize>(entries + ((i - (tiles - 1) * TILE_ROWS) << 2), load<usize>(entries + ((lastRows - 1) << 2)));
      }
      store<usize>(outs + (i << 2), load<usize>(outs + ((count - 1) << 2)));
    }
    multiplyBlock(scratch, outs, tiles, lastRows, taps, depth, packed, columns, INIT_ZERO, 0);
  }
}

/**
 * Gradient with respect to an input of few channels, for which `gatherConvolution` would leave most of a panel's columns empty:
 * every output pixel's gradient for its whole neighbourhood as one product with the filter, then added up where neighbourhoods overlap.
 * `packed`: panels of [outputChannels, filterHeight * filterWidth * channels].
 * `scratch`: PRODUCT_SCRATCH + blockPixels * 4 * filterHeight * filterWidth * channels bytes.
 */
export function scatterInputGradient(
  dy: usize, batch: i32, outHeight: i32, outWidth: i32, outputChannels: i32, dx: usize, height: i32, width: i32, channels: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, padTop: i32, padLeft: i32, packed: usize, blockPixels: i32, scratch: usize,
): void {
  const pixelBytes = <usize>channels << 2;
  const rowBytes = <usize>width * pixelBytes;
  const imageBytes = <usize>height * rowBytes;
  const gradientBytes = <usize>outputChannels << 2;
  const patchSize = filterHeight * filterWidth * channels;
  const patches = scratch + PRODUCT_SCRATCH;
  const total = batch * outHeight * outWidth;
  memory.fill(dx, 0, <usize>batch * imageBytes);
  let n = 0, r = 0, q = 0;
  for (let start = 0; start < total; start += blockPixels) {
    const count = min(total - start, blockPixels);
    multiplyRows(
      dy + <usize>start * gradientBytes, gradientBytes, count, outputChannels, packed,
      patches, <usize>patchSize << 2, patchSize, INIT_ZERO, 0, scratch,
    );
    let patch = patches;
    for (let i = 0; i < count; ++i) {
      const left = q * strideX - padLeft;
      const from = max(0, -left), to = min(filterWidth, width - left);
      for (let ky = 0; ky < filterHeight; ++ky) {
        const y = r * strideY - padTop + ky;
        if (<u32>y >= <u32>height || from >= to) continue;
        let source = patch + <usize>(ky * filterWidth + from) * pixelBytes;
        let target = dx + <usize>n * imageBytes + <usize>y * rowBytes + <usize>(left + from) * pixelBytes;
        const end = source + <usize>(to - from) * pixelBytes;
        for (; source < end; source += 4, target += 4) store<f32>(target, load<f32>(target) + load<f32>(source));
      }
      patch += <usize>patchSize << 2;
      if (++q == outWidth) {
        q = 0;
        if (++r == outHeight) {
          r = 0;
          ++n;
        }
      }
    }
  }
}

/**
 * Gradient with respect to the filter:
 *   dw[ky][kx][c][k] = sum over images and output pixels of x[pixel * stride + tap - padding][c] * dy[pixel][k]
 *
 * Blocks of `blockPixels` output pixels; for every tap a list of the pixel pairs that lie inside, then one outer product.
 * With few input channels the pixels' neighbourhoods are copied (im2col) so that the tiles fill.
 * `scratch`: blockPixels * (8 + 4 * roundUp(outputChannels, 8) + (gather ? 4 * filterHeight * filterWidth * channels : 0)) bytes.
 */
export function filterGradient(
  x: usize, batch: i32, height: i32, width: i32, channels: i32,
  dy: usize, outHeight: i32, outWidth: i32, outputChannels: i32,
  filterHeight: i32, filterWidth: i32, strideY: i32, strideX: i32, padTop: i32, padLeft: i32,
  dw: usize, gather: i32, blockPixels: i32, scratch: usize,
): void {
  const pixelBytes = <usize>channels << 2;
  const rowBytes = <usize>width * pixelBytes;
  const imageBytes = <usize>height * rowBytes;
  const gradientBytes = <usize>outputChannels << 2;
  const aligned = (outputChannels & 7) == 0;
  const paddedBytes = <usize>((outputChannels + 7) & ~7) << 2;
  const list = scratch;
  const padded = list + (blockPixels << 3);
  const patches = padded + (aligned ? 0 : <usize>blockPixels * paddedBytes);
  const patchSize = filterHeight * filterWidth * channels;
  const patchBytes = <usize>patchSize << 2;
  const total = batch * outHeight * outWidth;
  memory.fill(dw, 0, <usize>patchSize * gradientBytes);
  let n0 = 0, r0 = 0, q0 = 0;
  for (let start = 0; start < total; start += blockPixels) {
    const count = min(total - start, blockPixels);
    let block = dy + <usize>start * gradientBytes;
    let blockStride = gradientBytes;
    if (!aligned) {
      memory.fill(padded, 0, <usize>count * paddedBytes);
      for (let i = 0; i < count; ++i) {
        memory.copy(padded + <usize>i * paddedBytes, block + <usize>i * gradientBytes, gradientBytes);
      }
      block = padded;
      blockStride = paddedBytes;
    }
    let n = n0, r = r0, q = q0;
    if (gather) {
      memory.fill(patches, 0, <usize>count * patchBytes);
      for (let i = 0; i < count; ++i) {
        const patch = patches + <usize>i * patchBytes;
        store<usize>(list + (i << 3), patch);
        store<usize>(list + (i << 3), block + <usize>i * blockStride, 4);
        const left = q * strideX - padLeft;
        const from = max(0, -left), to = min(filterWidth, width - left);
        for (let ky = 0; ky < filterHeight; ++ky) {
          const y = r * strideY - padTop + ky;
          if (<u32>y >= <u32>height || from >= to) continue;
          let target = patch + <usize>(ky * filterWidth + from) * pixelBytes;
          let source = x + <usize>n * imageBytes + <usize>y * rowBytes + <usize>(left + from) * pixelBytes;
          const end = source + <usize>(to - from) * pixelBytes;
          for (; source < end; source += 4, target += 4) store<f32>(target, load<f32>(source));
        }
        if (++q == outWidth) {
          q = 0;
          if (++r == outHeight) {
            r = 0;
            ++n;
          }
        }
      }
      accumulateOuter(list, count, patchSize, outputChannels, dw);
    } else {
      let out = dw;
      for (let ky = 0; ky < filterHeight; ++ky) {
        for (let kx = 0; kx < filterWidth; ++kx) {
          n = n0;
          r = r0;
          q = q0;
          let entry = list;
          let gradient = block;
          let image = x + <usize>n * imageBytes;
          let y = r * strideY - padTop + ky;
          let line = image + <usize>y * rowBytes;
          let inside = <u32>y < <u32>height;
          let column = q * strideX - padLeft + kx;
          for (let i = 0; i < count; ++i) {
            if (inside && <u32>column < <u32>width) {
              store<usize>(entry, line + <usize>column * pixelBytes);
              store<usize>(entry, gradient, 4);
              entry += 8;
            }
            gradient += blockStride;
            column += strideX;
            if (++q == outWidth) {
              q = 0;
              column = kx - padLeft;
              if (++r == outHeight) {
                r = 0;
                ++n;
                image += imageBytes;
              }
              y = r * strideY - padTop + ky;
              line = image + <usize>y * rowBytes;
              inside = <u32>y < <u32>height;
            }
          }
          accumulateOuter(list, <i32>((entry - list) >> 3), channels, outputChannels, out);
          out += <usize>channels * gradientBytes;
        }
      }
    }
    n0 = n;
    r0 = r;
    q0 = q;
  }
}
