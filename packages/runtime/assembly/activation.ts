import { multiplyAdd } from './simd';

/**
 * e^x: x = n ln 2 + r, a polynomial of degree 6 for e^r (Cephes' expf), 2^n through the exponent bits.
 * Relative error about 1e-7; the argument is limited to what f32 can hold.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  x = f32x4.min(f32x4.max(x, f32x4.splat(-87)), f32x4.splat(88));
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
  let r = multiplyAdd(x, n, f32x4.splat(-0.693359375));
  r = multiplyAdd(r, n, f32x4.splat(2.12194440e-4));
  let p = multiplyAdd(f32x4.splat(1.3981999507e-3), r, f32x4.splat(1.9875691500e-4));
  p = multiplyAdd(f32x4.splat(8.3334519073e-3), p, r);
  p = multiplyAdd(f32x4.splat(4.1665795894e-2), p, r);
  p = multiplyAdd(f32x4.splat(1.6666665459e-1), p, r);
  p = multiplyAdd(f32x4.splat(5.0000001201e-1), p, r);
  p = f32x4.add(multiplyAdd(r, p, f32x4.mul(r, r)), f32x4.splat(1));
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, scale);
}

// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(one, f32x4.add(one, exp(f32x4.neg(x))));
}

/** tanh x = 2 sigmoid(2 x) - 1; absolute error about 1e-7. */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(one, exp(f32x4.add(x, x)))));
}

/** clip(0.2 x + 0.5, 0, 1), Keras' piecewise linear sigmoid. */
// @ts-ignore: decorator
@inline
export function hardSigmoid(x: v128): v128 {
  return f32x4.min(f32x4.max(f32x4.add(f32x4.mul(x, f32x4.splat(0.2)), f32x4.splat(0.5)), f32x4.splat(0)), f32x4.splat(1));
}
