export { type LikelyTokens, likelyTokens, mostLikely, type TokenChooser, tokenChooser } from "./choose-token.js";
export { type DecodingOptions, DecodingSession } from "./decoding-session.js";
export { type GenerateOptions, generateTokens } from "./generate-tokens.js";
export { type RandomSource, seededRandom } from "./random-source.js";
export type { SamplingOptions } from "./sampling-options.js";
