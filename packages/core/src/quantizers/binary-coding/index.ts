export { type BinaryCodingOptions, binaryCoding } from "./binary-coding.js";
