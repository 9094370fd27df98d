/** Stochastic gradient descent; the update is PyTorch's `torch.optim.SGD`. */
export interface SgdOptions {
  readonly type: 'sgd'
  readonly learningRate: number
  /** Default 0.9. */
  readonly momentum?: number
  /** Default true. */
  readonly nesterov?: boolean
  /** Default 0. */
  readonly weightDecay?: number
  /** Whether weights shrink directly (true) or their decay joins the gradient (false, the default). */
  readonly decoupledWeightDecay?: boolean
}

/** Adam with decoupled weight decay (Loshchilov & Hutter 2019); the update is PyTorch's `torch.optim.AdamW`. */
export interface AdamWOptions {
  readonly type: 'adamw'
  readonly learningRate: number
  /** Default 0.9. */
  readonly beta1?: number
  /** Default 0.999. */
  readonly beta2?: number
  /** Default 1e-8. */
  readonly epsilon?: number
  /** Default 0.01. */
  readonly weightDecay?: number
  /** Whether weights shrink directly (true, the default) or their decay joins the gradient (false, Adam with L2). */
  readonly decoupledWeightDecay?: boolean
}

/** The optimisers. */
export type OptimizerOptions = SgdOptions | AdamWOptions

/** Flat arrays that an optimiser updates in place: one number a parameter. */
export interface OptimizerArrays {
  readonly weights: Float32Array
  readonly gradients: Float32Array
  /** Momentum, or Adam's first moment. */
  readonly moment1: Float32Array
  /** Adam's second moment. */
  readonly moment2: Float32Array
  /** 1 where weight decay applies, else 0. */
  readonly decayed: Uint8Array
}

/** One update of a range of parameters. */
export interface UpdateStep {
  readonly start: number
  readonly end: number
  /** Updates done before this one. */
  readonly step: number
  /** The optimiser's rate times the schedule's factor. */
  readonly learningRate: number
  /** Factor for the gradients, from clipping. */
  readonly gradientScale: number
}

/** Moves the weights of a range by one step and updates the moments. */
export function updateWeights(options: OptimizerOptions, arrays: OptimizerArrays, update: UpdateStep): void {
  if (options.type === 'sgd') updateSgd(options, arrays, update)
  else updateAdamW(options, arrays, update)
}

function updateSgd(options: SgdOptions, { weights, gradients, moment1, decayed }: OptimizerArrays, update: UpdateStep): void {
  const { momentum = 0.9, nesterov = true, weightDecay = 0, decoupledWeightDecay = false } = options
  const { start, end, learningRate, gradientScale } = update
  const shrink = decoupledWeightDecay ? learningRate * weightDecay : 0
  const coupled = decoupledWeightDecay ? 0 : weightDecay
  for (let i = start; i < end; i++) {
    const weight = weights[i]
    const gradient = gradients[i] * gradientScale + coupled * decayed[i] * weight
    const velocity = momentum * moment1[i] + gradient
    moment1[i] = velocity
    weights[i] = weight - shrink * decayed[i] * weight - learningRate * (nesterov ? gradient + momentum * velocity : velocity)
  }
}

function updateAdamW(options: AdamWOptions, { weights, gradients, moment1, moment2, decayed }: OptimizerArrays, update: UpdateStep): void {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0.01, decoupledWeightDecay = true } = options
  const { start, end, step, learningRate, gradientScale } = update
  const shrink = decoupledWeightDecay ? learningRate * weightDecay : 0
  const coupled = decoupledWeightDecay ? 0 : weightDecay
  const stepSize = learningRate / (1 - beta1 ** (step + 1))
  const bias2 = Math.sqrt(1 - beta2 ** (step + 1))
  for (let i = start; i < end; i++) {
    const weight = weights[i]
    const gradient = gradients[i] * gradientScale + coupled * decayed[i] * weight
    const first = beta1 * moment1[i] + (1 - beta1) * gradient
    const second = beta2 * moment2[i] + (1 - beta2) * gradient * gradient
    moment1[i] = first
    moment2[i] = second
    weights[i] = weight - shrink * decayed[i] * weight - (stepSize * first) / (Math.sqrt(second) / bias2 + epsilon)
  }
}

/**
 * Moves a range of averaged weights towards the weights: `average += (1 - d) (weight - average)`.
 *
 * The decay warms up as `min(decay, (1 + t) / (10 + t))` after `t` updates, so that the initial weights are soon forgotten
 * (TensorFlow's `ExponentialMovingAverage` with `num_updates`).
 */
export function updateAverage(
  average: Float32Array,
  weights: Float32Array,
  start: number,
  end: number,
  decay: number,
  updates: number,
): void {
  const rate = 1 - Math.min(decay, (1 + updates) / (10 + updates))
  for (let i = start; i < end; i++) average[i] += rate * (weights[i] - average[i])
}
