/** What an answer is worth that is less confident than its model's `uncertainBelow`: measured, see the models' cards. */
export const UNSURE = 'an answer as weak as this is wrong more often than right.'
