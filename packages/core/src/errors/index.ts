export { ERROR_CODES, type ErrorCode, type ErrorCodeEntry } from "./error-codes.js";
export { type ErrorFacts, isLowbitError, LowbitError } from "./lowbit-error.js";
export { showValue } from "./show-value.js";
