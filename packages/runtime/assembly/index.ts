export { packPanels, padBias } from './pack';
export { multiplyRows } from './matrixProduct';
export { multiplyTransposed } from './outerProduct';
export { gatherConvolution, scatterInputGradient, filterGradient } from './convolution';
export { winogradFilter, winogradConvolution, winogradFilterGradient } from './winograd';
export { columnMoments, normalizeColumns, normalizeColumnsGradient } from './batchNormalization';
export { addRelu, reluGradient, sumRows } from './elementwise';
export { maxPoolGradient } from './pooling';
export { packRecurrentRow, multiplyPanel, lstmForward, lstmBackward, lstmWeightGradients, lstmInputGradient, copyLastStep, evaluateActivation } from './lstm';
