import { setFlagsFromString } from 'node:v8'
import type { KernelVariant } from '../kernelModule.ts'

// Node 20 has relaxed SIMD behind a flag; later versions have it on.
setFlagsFromString('--experimental-wasm-relaxed-simd')

/** Both builds of the kernels. */
export const kernelVariants: KernelVariant[] = ['simd', 'relaxed-simd']
