export { EmoError } from './emoError.ts'
export { EmoRangeError } from './emoRangeError.ts'
