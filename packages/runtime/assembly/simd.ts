/*
 * pmin and pmax, one instruction each where min and max take six, return their first argument if it is NaN:
 * the value comes first, the limit second.
 */

/** acc + a * b, fused where the engine has relaxed SIMD. */
// @ts-ignore: decorator
@inline
export function multiplyAdd(acc: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_madd(a, b, acc);
  } else {
    return f32x4.add(acc, f32x4.mul(a, b));
  }
}

/** Added to a float of less than 2^22 either side of 0, it leaves the nearest whole number in the low bits. */
const ROUND: f32 = 12582912;
const ROUND_BITS: i32 = 0x4b400000;

/** The nearest whole numbers, as integers, of values of less than 2^22 either side of 0. */
// @ts-ignore: decorator
@inline
export function nearestIntegers(values: v128): v128 {
  return i32x4.sub(f32x4.add(values, f32x4.splat(ROUND)), i32x4.splat(ROUND_BITS));
}

/** Loads the first `count` (1 to 4) of four f32 without touching memory behind them; the others are 0. */
// @ts-ignore: decorator
@inline
export function loadPartial(source: usize, count: i32): v128 {
  if (count >= 4) return v128.load(source);
  if (count == 3) return v128.load32_lane(source + 8, v128.load64_zero(source), 2);
  if (count == 2) return v128.load64_zero(source);
  if (count == 1) return v128.load32_zero(source);
  return f32x4.splat(0);
}

/** Stores the first `count` (up to 4) lanes. */
// @ts-ignore: decorator
@inline
export function storePartial(target: usize, value: v128, count: i32): void {
  if (count >= 4) {
    v128.store(target, value);
  } else {
    if (count >= 2) {
      v128.store64_lane(target, value, 0);
      if (count == 3) v128.store32_lane(target + 8, value, 2);
    } else if (count == 1) {
      v128.store32_lane(target, value, 0);
    }
  }
}
