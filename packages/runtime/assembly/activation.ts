import { multiplyAdd } from './simd';

/**
 * tanh as a rational function, odd polynomial of degree 13 over even polynomial of degree 6 (the coefficients of Eigen's ptanh,
 * a minimax fit in f32). Absolute error below 3e-7; beyond +-7.9, where tanh is 1 to that accuracy, the argument is clamped.
 */
// @ts-ignore: decorator
@inline
export function tanh(x: v128): v128 {
  x = f32x4.pmin(f32x4.pmax(x, f32x4.splat(-7.90531110763549805)), f32x4.splat(7.90531110763549805));
  const s = f32x4.mul(x, x);
  let p = multiplyAdd(f32x4.splat(2.00018790482477e-13), s, f32x4.splat(-2.76076847742355e-16));
  p = multiplyAdd(f32x4.splat(-8.60467152213735e-11), s, p);
  p = multiplyAdd(f32x4.splat(5.12229709037114e-08), s, p);
  p = multiplyAdd(f32x4.splat(1.48572235717979e-05), s, p);
  p = multiplyAdd(f32x4.splat(6.37261928875436e-04), s, p);
  p = multiplyAdd(f32x4.splat(4.89352455891786e-03), s, p);
  let q = multiplyAdd(f32x4.splat(1.18534705686654e-04), s, f32x4.splat(1.19825839466702e-06));
  q = multiplyAdd(f32x4.splat(2.26843463243900e-03), s, q);
  q = multiplyAdd(f32x4.splat(4.89352518554385e-03), s, q);
  return f32x4.div(f32x4.mul(x, p), q);
}

/** 1 / (1 + e^-x) = (tanh(x / 2) + 1) / 2. */
// @ts-ignore: decorator
@inline
export function sigmoid(x: v128): v128 {
  const half = f32x4.splat(0.5);
  return multiplyAdd(half, half, tanh(f32x4.mul(x, half)));
}

/** clip(0.2 x + 0.5, 0, 1), Keras' piecewise linear sigmoid. */
// @ts-ignore: decorator
@inline
export function hardSigmoid(x: v128): v128 {
  return f32x4.pmin(f32x4.pmax(f32x4.add(f32x4.mul(x, f32x4.splat(0.2)), f32x4.splat(0.5)), f32x4.splat(0)), f32x4.splat(1));
}
