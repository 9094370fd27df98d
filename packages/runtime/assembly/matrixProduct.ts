import { multiplyBlock, TILE_BYTES, TILE_ROWS } from './indirectGemm';

/** Tiles that share a pass over the packed panels. */
export const BLOCK_TILES: i32 = 12;
/** Bytes that `multiplyRows` needs: addresses of rows of A and of out. */
export const PRODUCT_SCRATCH: usize = 2 * <usize>BLOCK_TILES * TILE_BYTES;

/**
 * out[rows, columns] = init + A[rows, depth] * packed B.
 * Rows of A and of out are `strideA` and `strideOut` bytes apart.
 * `scratch`: PRODUCT_SCRATCH bytes.
 */
export function multiplyRows(
  a: usize, strideA: usize, rows: i32, depth: i32, packed: usize,
  out: usize, strideOut: usize, columns: i32, init: i32, bias: usize, scratch: usize,
): void {
  const outs = scratch + <usize>BLOCK_TILES * TILE_BYTES;
  for (let row = 0; row < rows; row += BLOCK_TILES * TILE_ROWS) {
    const count = min(rows - row, BLOCK_TILES * TILE_ROWS);
    const tiles = (count + TILE_ROWS - 1) / TILE_ROWS;
    for (let i = 0; i < tiles * TILE_ROWS; ++i) {
      const r = row + min(i, count - 1);
      store<usize>(scratch + (i << 2), a + <usize>r * strideA);
      store<usize>(outs + (i << 2), out + <usize>r * strideOut);
    }
    multiplyBlock(scratch, outs, tiles, count - (tiles - 1) * TILE_ROWS, 1, depth, packed, columns, init, bias);
  }
}
