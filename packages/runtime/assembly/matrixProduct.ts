import { multiplyBlock, TILE_ROWS } from './indirectGemm';

/** Tiles of six rows that share a pass over the packed panels. */
export const BLOCK_TILES: i32 = 8;

/**
 * out[rows, columns] = init + A[rows, depth] * packed B.
 * Rows of A and of out are `strideA` and `strideOut` bytes apart.
 * `scratch`: BLOCK_TILES * 48 bytes.
 */
export function multiplyRows(
  a: usize, strideA: usize, rows: i32, depth: i32, packed: usize,
  out: usize, strideOut: usize, columns: i32, init: i32, bias: usize, scratch: usize,
): void {
  const outs = scratch + BLOCK_TILES * 24;
  for (let row = 0; row < rows; row += BLOCK_TILES * TILE_ROWS) {
    const count = min(rows - row, BLOCK_TILES * TILE_ROWS);
    const tiles = (count + 5) / 6;
    for (let i = 0; i < tiles * 6; ++i) {
      const r = row + min(i, count - 1);
      store<usize>(scratch + (i << 2), a + <usize>r * strideA);
      store<usize>(outs + (i << 2), out + <usize>r * strideOut);
    }
    multiplyBlock(scratch, outs, tiles, count - (tiles - 1) * 6, 1, depth, packed, columns, init, bias);
  }
}
