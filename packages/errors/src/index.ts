export { checkOptions } from './checkOptions.ts'
export { describeValue } from './describeValue.ts'
export { EmoError } from './emoError.ts'
export { EmoRangeError } from './emoRangeError.ts'
