export { type BinaryOptions, binary } from "./binary.js";
